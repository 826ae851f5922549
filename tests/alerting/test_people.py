"""People, incidents and storms, over the running leader; what is said by REST, by the command line and in views."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import psycopg
import pytest
from typer.testing import CliRunner

import dyntables
from dyntables.alerting.guard import VARIABLE as ALLOWED
from dyntables.alerting.secrets import VARIABLE as KEY
from dyntables.alerts.model import Rule
from dyntables.catalog.alerts import incidents, people
from dyntables.catalog.alerts.channels import KeptChannel, put_channel
from dyntables.catalog.alerts.quieting import put_route
from dyntables.catalog.alerts.report import offenders, times
from dyntables.catalog.alerts.rules import Kept, put_rule
from dyntables.cli import app
from dyntables.scheduling.running import RunningScheduler
from dyntables.wiring import new_scheduler
from tests.alerting.receiver import http_receiver


@pytest.fixture
def url(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(KEY, "A" * 43 + "=")
    monkeypatch.setenv(ALLOWED, "127.0.0.0/8")
    monkeypatch.setenv("DYNTABLES_DATABASE", database_url)
    with dyntables.connect(database_url) as client:
        client.execute(
            "CREATE TABLE orders (id integer, amount numeric); INSERT INTO orders VALUES (1, 1), (2, 2);"
            "CREATE DYNAMIC TABLE t1 TARGET_LAG = '1 second' AS SELECT id, 100 / amount AS share FROM orders;"
            "CREATE DYNAMIC TABLE t2 TARGET_LAG = '1 second' AS SELECT id, share FROM t1"
        )
    return database_url


@pytest.fixture
def running(url: str) -> Iterator[RunningScheduler]:
    problems: list[Exception] = []
    with new_scheduler(url, on_problem=problems.append) as ran:
        yield ran
    assert problems == []


def wait_for(what: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def one(connection: psycopg.Connection, query: str) -> object:
    row = connection.execute(query).fetchone()  # type: ignore[call-overload]
    return row[0] if row is not None else None


FAILING = "FROM dyntables.alerts WHERE rule = 'refresh failing'"


def cli(*arguments: str) -> str:
    ran = CliRunner().invoke(app, ["alerts", *arguments])
    assert ran.exit_code == 0, ran.output
    return ran.output


def test_an_incident_from_its_root_to_its_end_with_what_people_did(url: str, running: RunningScheduler) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE orders SET amount = 0 WHERE id = 1")
        wait_for(lambda: one(connection, f"SELECT state {FAILING}") == "firing")
        wait_for(lambda: one(connection, "SELECT count(*) FROM dyntables.alerts WHERE state = 'firing'") == 4)
        fingerprint = str(one(connection, f"SELECT fingerprint {FAILING}"))
        cli("ack", fingerprint[:8], "--note", "on it")
        cli("assign", fingerprint, "ada")
        cli("comment", fingerprint, "a zero in amount")
        assert "assigned to" in cli("list", "--format", "json") or "acknowledged by" in cli("list", "--format", "json")
        (incident,) = incidents.listed(connection, ended=False, limit=9)
        assert incident.fingerprint == fingerprint
        assert incident.acknowledged_by is not None
        assert '"public.t1"' in cli("incidents", "--format", "json")
        connection.execute("UPDATE orders SET amount = 1 WHERE id = 1")
        wait_for(lambda: not incidents.listed(connection, ended=False, limit=9))
        (over,) = incidents.listed(connection, ended=True, limit=9)
        assert (over.id, over.alerts >= 3) == (incident.id, True)
        told = [(e["reason"], e["who"] is not None) for e in incidents.events(connection, over.id)]
        assert {r for r, who in told if who} == {"ACKNOWLEDGED", "ASSIGNED", "COMMENTED"}
        assert told[0][0] == "CONDITION_CLEARED"
        fared = times(connection, timedelta(hours=1))
        assert (fared.incidents, fared.acknowledged, fared.resolved) == (1, 1, 1)
        assert fared.mean_to_acknowledge is not None
        assert fared.mean_to_acknowledge < (fared.mean_to_resolve or 0)
        by_rule = {o.rule: (o.fired, o.untouched) for o in offenders(connection, timedelta(hours=1))}
        assert by_rule["refresh failing"] == (1, 0)
        assert by_rule["upstream failing"] == (1, 1)
        assert "MTTA" in cli("report")
        assert "public.t1" in cli("try", "refresh failing", "--days", "1")
        assert one(connection, "SELECT count(*) FROM dyntables.alert_incidents") == 1


def test_what_is_resolved_by_hand_stays_so_while_its_condition_holds(url: str, running: RunningScheduler) -> None:
    with http_receiver() as hook, psycopg.connect(url, autocommit=True) as connection:
        put_channel(connection, KeptChannel("hook", "webhook", {"url": hook.url}))
        put_route(connection, {"route": {"channel": "hook", "group_wait": 0, "group_interval": 0}})
        connection.execute("UPDATE orders SET amount = 0 WHERE id = 1")
        wait_for(lambda: one(connection, f"SELECT state {FAILING}") == "firing")
        wait_for(lambda: any("refresh failing" in g.body.decode() for g in hook.got))
        fingerprint = str(one(connection, f"SELECT fingerprint {FAILING}"))
        with connection.transaction():
            assert people.resolve(connection, fingerprint, "ada", "known")
        resolved = ("resolved", "refresh failing")
        wait_for(lambda: resolved in [(a["status"], a["labels"]["rule"]) for g in hook.got for a in listed(g.body)])
        time.sleep(2.5)  # several refreshes fail meanwhile
        assert one(connection, f"SELECT state {FAILING}") == "resolved"
        connection.execute("UPDATE orders SET amount = 1 WHERE id = 1")
        wait_for(lambda: one(connection, "SELECT count(*) FROM dyntables.alert WHERE dismissed") == 0)
        connection.execute("UPDATE orders SET amount = 0 WHERE id = 1")
        wait_for(lambda: one(connection, f"SELECT state {FAILING}") == "firing")


def listed(body: bytes) -> list[dict[str, dict[str, str]]]:
    found: list[dict[str, dict[str, str]]] = json.loads(body)["alerts"]
    return found


def test_a_quality_rule_that_fails_alerts_with_its_name(url: str, running: RunningScheduler) -> None:
    with dyntables.connect(url) as client, psycopg.connect(url, autocommit=True) as connection:
        client.execute("CREATE QUALITY RULE share_in_range ON t1 CHECK range(share, 0, 1000) SEVERITY critical")
        failing = "FROM dyntables.alerts WHERE rule = 'quality failing' AND table_name = 'public.t1'"
        connection.execute("INSERT INTO orders VALUES (3, 0.01)")
        wait_for(lambda: one(connection, "SELECT count(*) FROM t1") == 3)
        client.execute("CHECK QUALITY OF t1")
        connection.execute("INSERT INTO orders VALUES (4, 1)")  # a refresh looks at what was found
        wait_for(lambda: one(connection, f"SELECT state {failing}") == "firing")
        text = "1 of its quality rules, or of those of its sources, fail: share_in_range"
        assert one(connection, f"SELECT text {failing}") == text
        connection.execute("DELETE FROM orders WHERE id = 3")
        wait_for(lambda: one(connection, "SELECT count(*) FROM t1 WHERE id = 3") == 0)
        client.execute("CHECK QUALITY OF t1")
        connection.execute("INSERT INTO orders VALUES (5, 1)")
        wait_for(lambda: one(connection, f"SELECT state {failing}") == "resolved")
        # A source that is not as it should be is told of at who reads it.
        client.execute("CREATE QUALITY RULE few ON orders CHECK range(id, 0, 5); INSERT INTO orders VALUES (6, 1)")
        client.execute("CHECK QUALITY OF orders; INSERT INTO orders VALUES (7, 1)")
        wait_for(lambda: one(connection, f"SELECT state {failing}") == "firing")
        assert str(one(connection, f"SELECT text {failing}")).endswith("fail: few of orders")


def test_a_storm_is_few_messages_and_all_alerts(url: str, running: RunningScheduler) -> None:
    rules = 40
    with http_receiver() as hook, psycopg.connect(url, autocommit=True) as connection:
        put_channel(connection, KeptChannel("hook", "webhook", {"url": hook.url}, per_minute=10))  # one in 6 s
        route = {"channel": "hook", "group_by": ["rule"], "group_wait": 0, "group_interval": 0}
        put_route(connection, {"route": route})
        with connection.transaction():
            for i in range(rules):
                put_rule(connection, Kept(Rule(0, f"r{i}", "refresh_failed"), connection.info.user, True, "user"))
        connection.execute("UPDATE orders SET amount = 0 WHERE id = 1")
        storm = "SELECT count(*) FROM dyntables.alerts WHERE state = 'firing' AND rule ~ '^r[0-9]'"
        wait_for(lambda: one(connection, storm) == rules)
        everyone = {f"r{i}" for i in range(rules)}
        wait_for(lambda: everyone <= {a["labels"]["rule"] for g in hook.got for a in listed(g.body)})
        assert len(hook.got) <= 4
        assert "SEVERAL" in {json.loads(g.body)["telling"] for g in hook.got}
