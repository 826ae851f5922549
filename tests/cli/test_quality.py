"""``dyntables quality``: what CI jobs run."""

from __future__ import annotations

import json
from pathlib import Path

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


FILE = """
rules:
  - {table: public.s, name: positive, check: "range(n, 0, NULL)", where: n < 100, severity: critical, tolerance: 1 ROWS}
  - {table: public.s, name: there, check: not_null(n), comment: "it's there"}
"""


def test_a_file_is_planned_applied_and_then_the_same(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(FILE)
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (n integer); INSERT INTO s VALUES (1), (-1)")
        client.execute("CREATE QUALITY RULE extra ON s CHECK unique(n)")

    def run(verb: str, *arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["quality", verb, str(file), *arguments, "--database", database_url])
        return done.exit_code, done.output

    planned = run("plan")
    assert planned[0] == 2
    assert "+ positive on public.s: created" in planned[1]
    assert "- extra on public.s: only in the database" in planned[1]
    assert run("apply")[0] == 0
    assert run("plan")[1].splitlines() == ["- extra on public.s: only in the database", "1 of 3 differ"]
    assert "- extra on public.s" in run("apply", "--prune")[1]
    assert run("plan") == (0, "0 of 2 differ\n")
    assert run("apply") == (0, "nothing changes\n")
    changed = FILE.replace("critical", "info").replace("n < 100", "n > 0")
    file.write_text(changed.replace('there"}', 'there", enabled: false}'))
    assert run("plan")[1].splitlines() == [
        "~ positive on public.s: altered",
        "    filter: (n < 100) -> (n > 0)",
        "    severity: CRITICAL -> INFO",
        "~ there on public.s: altered",
        "    enabled: True -> False",
        "2 of 2 differ",
    ]
    assert run("apply")[0] == 0
    assert run("plan") == (0, "0 of 2 differ\n")
    file.write_text(FILE.replace("not_null(n)", "not_null(m)"))
    wrong = run("plan")
    assert (wrong[0], "there on public.s: column" in wrong[1]) == (1, True)
    file.write_text("rules: [{table: s}]")
    assert "needs table, name and check" in run("plan")[1]


def test_suggestions_become_a_file_and_a_report_says_what_fails(database_url: str, tmp_path: Path) -> None:
    runner, on = CliRunner(), ["--database", database_url]
    with dyntables.connect(database_url) as client:
        client.execute(
            "CREATE TABLE s (n integer, word text); INSERT INTO s SELECT i, '<b>' FROM generate_series(1, 60) i"
        )
    shown = runner.invoke(app, ["quality", "suggest", "public.s", "-F", "json", *on])
    assert "no NULL in 60 rows" in {row["evidence"] for row in json.loads(shown.stdout)}
    file = tmp_path / "rules.yaml"
    file.write_text(runner.invoke(app, ["quality", "suggest", "public.s", "--yaml", *on]).stdout)
    assert runner.invoke(app, ["quality", "apply", str(file), *on]).exit_code == 0
    assert runner.invoke(app, ["quality", "check", *on]).exit_code == 0
    assert runner.invoke(app, ["quality", "report", *on]).exit_code == 0
    with dyntables.connect(database_url) as client:
        client.execute("INSERT INTO s VALUES (1, NULL)")
    runner.invoke(app, ["quality", "check", *on])
    target = tmp_path / "report.html"
    assert runner.invoke(app, ["quality", "report", "-o", str(target), *on]).exit_code == 1
    text = target.read_text()
    assert "accepted_values(word, &#x27;&lt;b&gt;&#x27;)" in text
    assert "<b>" not in text
    rules = json.loads(runner.invoke(app, ["quality", "report", "-F", "json", *on]).stdout)
    assert {r["rule"]: r["failed"] for r in rules if r["failed"]} == {"n_unique": 2, "word_not_null": 1}
    assert runner.invoke(app, ["quality", "report", "-F", "csv", *on]).stdout.startswith("table,rule,check,")
