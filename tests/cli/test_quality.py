"""``dyntables quality``: what CI jobs run."""

from __future__ import annotations

import json

from typer.testing import CliRunner

import dyntables
from dyntables.cli import app


def test_check_exits_with_1_if_a_rule_fails(database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (n integer); INSERT INTO s VALUES (1), (-1)")
        client.execute("CREATE QUALITY RULE positive ON s CHECK range(n, 0, NULL)")
    runner, on = CliRunner(), ["--database", database_url]
    failed = runner.invoke(app, ["quality", "check", "s", *on])
    assert (failed.exit_code, "FAILED" in failed.output) == (1, True)
    assert runner.invoke(app, ["quality", "check", *on]).exit_code == 1
    shown = runner.invoke(app, ["quality", "show", "s", "-F", "json", *on])
    assert (shown.exit_code, '"positive"' in shown.output) == (0, True)
    with dyntables.connect(database_url) as client:
        client.execute("DELETE FROM s WHERE n < 0")
    assert runner.invoke(app, ["quality", "check", *on]).exit_code == 0
    assert runner.invoke(app, ["quality", "check", "nowhere", *on]).exit_code == 1


def test_show_has_the_health_of_each_table(database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (n integer); INSERT INTO s VALUES (1), (-1)")
        client.execute("CREATE DYNAMIC TABLE good TARGET_LAG = '1 hour' AS SELECT n FROM s WHERE n > 0")
        client.execute("CREATE DYNAMIC TABLE bad TARGET_LAG = '1 hour' AS SELECT n FROM s")
        for name in ("good", "bad"):
            client.execute(f"CREATE QUALITY RULE positive ON {name} CHECK range(n, 0, NULL); CHECK QUALITY OF {name}")
    shown = CliRunner().invoke(app, ["show", "-F", "json", "--database", database_url])
    assert {row["name"]: row["health"] for row in json.loads(shown.stdout)} == {"good": "HEALTHY", "bad": "CRITICAL"}
