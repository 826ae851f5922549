"""``dyntables quality``: what CI jobs run."""

from __future__ import annotations

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
