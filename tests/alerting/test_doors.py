"""The doors: command line, SQL and REST change the same rules, silences and channels."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

import dyntables
from dyntables.alerting import desk
from dyntables.alerting.secrets import VARIABLE as KEY
from dyntables.alerts.declaring import read_rule
from dyntables.catalog.alerts.channels import find_channel
from dyntables.catalog.alerts.rules import all_rules, find_rule
from dyntables.cli import app
from dyntables.errors import CatalogError, DyntablesError, InvalidOptionError, StatementSyntaxError


@pytest.fixture
def url(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(KEY, "A" * 43 + "=")
    monkeypatch.setenv("DYNTABLES_DATABASE", database_url)
    dyntables.connect(database_url).close()
    return database_url


def run(*arguments: str, code: int = 0) -> str:
    ran = CliRunner().invoke(app, ["alerts", *arguments])
    assert ran.exit_code == code, ran.output
    return ran.output


def test_a_file_is_planned_and_applied_and_what_it_no_longer_has_goes(url: str, tmp_path: Path) -> None:
    file = tmp_path / "alerts.yaml"
    file.write_text(
        "rules:\n- {name: revenue, kind: measure, query: SELECT 1, below: 100, clear: 120, for: 60}\n"
        "- {name: late, kind: freshness, above: 2, tables: 'sales.*'}\n"
        "route: {channel: dashboard, routes: [{name: x, channel: dashboard, matchers: ['severity=critical']}]}\n"
    )
    assert run("plan", str(file)).split("\n")[:3] == ["add rule revenue", "change rule late", "change routes"]
    run("apply", str(file))
    assert run("plan", str(file)).strip() == "nothing changes"
    with psycopg.connect(url, autocommit=True) as connection:
        late = find_rule(connection, "late")
        assert late is not None
        assert (late.rule.selector, late.rule.threshold and late.rule.threshold.fire) == ("sales.*", 2.0)
    assert "default > x" in run("test", "--label", "severity=critical") or "x" in run(
        "test", "--label", "severity=critical"
    )
    file.write_text("rules: []\n")
    assert run("apply", str(file)).split("\n")[:2] == ["remove rule late", "remove rule revenue"]
    file.write_text("rules: [{name: a, kind: freshness, above: 1, below: 2}]\n")
    run("plan", str(file), code=1)
    file.write_text("- {")
    run("apply", str(file), code=1)


def test_the_rest_of_the_command_line(url: str) -> None:
    assert "late" in run("rules")
    assert "freshness" in run("rules", "--format", "json")
    run("list", "--all")
    run("ack", "abc", code=1)
    run("show", "abc", code=1)
    assert run("silence", "table=sales.orders", "--reason", "upgrade", "--minutes", "5").startswith("silence 1 until")
    run("silence", "nonsense", "--reason", "x", code=1)
    run("channel", "hook", "--kind", "webhook", "--set", "url=https://example.org/x")
    assert "hook" in run("channels")
    run("test", "nowhere", code=1)
    run("channel", "hook", "--kind", "webhook", "--set", "url=ftp://example.org", code=1)


def test_create_alter_and_drop_alert(url: str) -> None:
    with dyntables.connect(url) as client, psycopg.connect(url, autocommit=True) as connection:
        client.execute(
            "CREATE ALERT empty WAREHOUSE = w SCHEDULE = '1 minute' "
            "IF (EXISTS (SELECT 1 WHERE (1) = (2) -- )\n)) THEN NOTIFY dashboard"
        )
        kept = find_rule(connection, "empty")
        assert kept is not None
        assert (kept.rule.kind, kept.rule.channels, kept.enabled) == ("custom_sql", ("dashboard",), True)
        assert kept.rule.query == "SELECT 1 WHERE (1) = (2) -- )"
        with pytest.raises(CatalogError, match="already exists"):
            client.execute("CREATE ALERT empty IF (EXISTS (SELECT 1)) THEN NOTIFY dashboard")
        client.execute("CREATE ALERT IF NOT EXISTS empty IF (EXISTS (SELECT 1)) THEN NOTIFY dashboard")
        client.execute("CREATE OR REPLACE ALERT empty IF (EXISTS (SELECT 2)) THEN NOTIFY dashboard")
        client.execute("ALTER ALERT empty SUSPEND")
        kept = find_rule(connection, "empty")
        assert kept is not None
        assert (kept.rule.query, kept.enabled) == ("SELECT 2", False)
        client.execute("ALTER ALERT empty RESUME")
        client.execute("DROP ALERT empty; DROP ALERT IF EXISTS empty")
        assert find_rule(connection, "empty") is None
        with pytest.raises(CatalogError, match="no channel"):
            client.execute("CREATE ALERT x IF (EXISTS (SELECT 1)) THEN NOTIFY pager")


@pytest.mark.parametrize(
    "text",
    [
        "CREATE ALERT x IF (EXISTS (SELECT 1)) THEN CALL f()",
        "CREATE ALERT x IF (EXISTS ()) THEN NOTIFY a",
        "CREATE ALERT x SCHEDULE = '5 minute' IF (EXISTS (SELECT 1)) THEN NOTIFY a",
        "CREATE ALERT x IF (EXISTS (SELECT 1) THEN NOTIFY a",
        "CREATE OR REPLACE ALERT IF NOT EXISTS x IF (EXISTS (SELECT 1)) THEN NOTIFY a",
        "ALTER ALERT x MODIFY",
    ],
)
def test_what_create_alert_does_not_have_is_refused_with_its_place(url: str, text: str) -> None:
    with dyntables.connect(url) as client, pytest.raises(StatementSyntaxError) as caught:
        client.execute(text)
    assert caught.value.span is not None


def test_a_role_changes_only_its_own_alerts(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE alert_maker; GRANT alert_maker TO CURRENT_USER")
        try:
            with dyntables.connect(url) as ours, dyntables.connect(url, role="alert_maker") as theirs:
                ours.execute("CREATE ALERT ours IF (EXISTS (SELECT 1)) THEN NOTIFY dashboard")
                theirs.execute("CREATE ALERT theirs IF (EXISTS (SELECT 1)) THEN NOTIFY dashboard")
                owners = {k.rule.name: k.owner for k in all_rules(connection) if k.origin == "sql"}
                assert owners == {"ours": connection.info.user, "theirs": "alert_maker"}
                for text in ("DROP ALERT ours", "ALTER ALERT ours SUSPEND"):
                    with pytest.raises(DyntablesError, match="does not own"):
                        theirs.execute(text)
                theirs.execute("DROP ALERT theirs")
        finally:
            connection.execute("DROP OWNED BY alert_maker; DROP ROLE alert_maker")


def test_a_secret_is_encrypted_and_goes_nowhere_else(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        desk.save_channel(connection, "hook", "webhook", {"url": "https://example.org/a"}, "s3cret")
        kept = find_channel(connection, "hook")
        assert kept is not None
        assert kept.secret is not None
        assert b"s3cret" not in bytes(kept.secret)
        assert "s3cret" not in str(connection.execute("SELECT c::text FROM dyntables.alert_channel c").fetchall())
        # The same settings keep it; other ones would send it somewhere else.
        desk.save_channel(connection, "hook", "webhook", {"url": "https://example.org/a"}, None, enabled=False)
        with pytest.raises(InvalidOptionError, match="settings of the channel change"):
            desk.save_channel(connection, "hook", "webhook", {"url": "https://evil.example/a"}, None)


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ({"name": "a\nb", "kind": "freshness"}, "name"),
        ({"name": "a", "kind": "nonsense"}, "no condition"),
        ({"name": "a", "kind": "measure"}, "needs query"),
        ({"name": "a", "kind": "freshness", "query": "SELECT 1"}, "has no query"),
        ({"name": "a", "kind": "freshness", "severity": "bad"}, "severity"),
        ({"name": "a", "kind": "freshness", "above": 1, "clear": 2}, "good side"),
        ({"name": "a", "kind": "freshness", "above": float("nan")}, "a number"),
        ({"name": "a", "kind": "freshness", "for": -1}, "seconds"),
        ({"name": "a", "kind": "freshness", "labels": {"rule": "x"}}, "given by dyntables"),
        ({"name": "a", "kind": "freshness", "labels": {"a b": "x"}}, "labels"),
        ({"name": "a", "kind": "freshness", "colour": "red"}, "unknown"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said(rule: dict[str, object], why: str) -> None:
    with pytest.raises(InvalidOptionError, match=why):
        read_rule(rule, "rules[0]")
