"""``dyntables run`` alone alerts: a fault in a table, the dashboard, a webhook and a mail, and resolved by itself."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

import dyntables
from dyntables.alerting.secrets import VARIABLE as KEY
from dyntables.alerting.secrets import Vault
from dyntables.alerting.service import Alerting
from dyntables.alerts.model import Direction, Rule, Threshold
from dyntables.catalog.alerts.channels import KeptChannel, put_channel
from dyntables.catalog.alerts.people import acknowledge
from dyntables.catalog.alerts.quieting import put_route
from dyntables.catalog.alerts.rules import Kept, find_rule, put_rule
from dyntables.catalog.leader import begin_epoch
from dyntables.scheduling.running import RunningScheduler
from dyntables.wiring import new_scheduler
from tests.alerting.receiver import http_receiver, smtp_receiver


@pytest.fixture
def url(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(KEY, "A" * 43 + "=")
    monkeypatch.setenv("DYNTABLES_WEBHOOK_ALLOWED", "127.0.0.0/8")
    with dyntables.connect(database_url) as client:
        client.execute(
            "CREATE TABLE orders (id integer, amount numeric); "
            "INSERT INTO orders SELECT i, 1 FROM generate_series(1, 9) i"
        )
    return database_url


@pytest.fixture
def problems() -> Iterator[list[Exception]]:
    found: list[Exception] = []
    yield found
    assert found == []


def running(url: str, problems: list[Exception]) -> RunningScheduler:
    return new_scheduler(url, on_problem=problems.append)


def wait_for(what: Callable[[], object], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def states(connection: psycopg.Connection) -> dict[tuple[str, str | None], str]:
    rows = connection.execute("SELECT rule, table_name, state FROM dyntables.alerts")
    return {(rule, table): state for rule, table, state in rows}


def chain(url: str, length: int) -> None:
    """Tables each of which reads the one before; the first divides by a value."""
    with dyntables.connect(url) as client:
        client.execute(
            "CREATE DYNAMIC TABLE t1 TARGET_LAG = '1 second' AS SELECT id, 100 / amount AS share FROM orders"
        )
        for i in range(2, length + 1):
            client.execute(f"CREATE DYNAMIC TABLE t{i} TARGET_LAG = '1 second' AS SELECT id, share FROM t{i - 1}")


def tell_everything(connection: psycopg.Connection, channel: str) -> None:
    fast = {"channel": channel, "group_by": [], "group_wait": 1, "group_interval": 1}
    put_route(connection, {"route": fast})


def test_a_broken_root_of_ten_tables_is_one_message_and_resolves_itself(url: str, problems: list[Exception]) -> None:
    chain(url, 10)
    with http_receiver() as hook, psycopg.connect(url, autocommit=True) as connection:
        put_channel(connection, KeptChannel("hook", "webhook", {"url": hook.url}, Vault().encrypt("s3cret")))
        tell_everything(connection, "hook")
        late = find_rule(connection, "late")
        assert late is not None
        put_rule(
            connection, replace(late, rule=replace(late.rule, timing=replace(late.rule.timing, pending=timedelta())))
        )
        with running(url, problems):
            connection.execute("UPDATE orders SET amount = 0 WHERE id = 1")
            wait_for(lambda: states(connection).get(("refresh failing", "public.t1")) == "firing")
            wait_for(lambda: sum(s == "firing" for s in states(connection).values()) >= 11)
            wait_for(lambda: any(len(follows(g.body)) >= 9 for g in hook.got) or (time.sleep(1), False)[1])
            connection.execute("UPDATE orders SET amount = 1 WHERE id = 1")
            wait_for(lambda: set(states(connection).values()) == {"resolved"}, 30)
            wait_for(lambda: json.loads(hook.got[-1].body)["status"] == "resolved")
        first = json.loads(hook.got[0].body)
        assert [a["labels"]["table"] for a in first["alerts"]] == ["public.t1"]
        at, proof = hook.got[0].headers["X-Dyntables-Signature"].split(",")
        signed = at.removeprefix("t=").encode() + b"." + hook.got[0].body
        assert proof == "v1=" + hmac.new(b"s3cret", signed, hashlib.sha256).hexdigest()
        keys = [g.headers["Idempotency-Key"] for g in hook.got]
        assert len(set(keys)) == len(keys)
        firing = {
            f for f, *_ in connection.execute("SELECT fingerprint FROM dyntables.alert_history WHERE after = 'firing'")
        }
        resolved = {
            f
            for f, *_ in connection.execute("SELECT fingerprint FROM dyntables.alert_history WHERE after = 'resolved'")
        }
        assert firing == resolved


def follows(body: bytes) -> list[str]:
    return [name for alert in json.loads(body)["alerts"] for name in alert["follows"]]


def test_mail_goes_out_and_names_are_no_markup(url: str, problems: list[Exception]) -> None:
    name = 'x"; <script>alert(1)</script>\r\nBcc: eve@example.org'
    with (
        smtp_receiver() as box,
        dyntables.connect(url) as client,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        quoted = '"' + name.replace('"', '""') + '"'
        client.execute(f"CREATE DYNAMIC TABLE {quoted} TARGET_LAG = '1 second' AS SELECT 1 / amount AS a FROM orders")
        config = {
            "host": "127.0.0.1",
            "port": str(box.port),
            "tls": "none",
            "from": "d@example.org",
            "to": "a@example.org",
        }
        put_channel(connection, KeptChannel("mail", "email", config))
        tell_everything(connection, "mail")
        with running(url, problems):
            connection.execute("UPDATE orders SET amount = 0")
            wait_for(lambda: box.mails)
        mail = box.mails[0]
        assert mail["Bcc"] is None
        assert "\n" not in mail["Subject"]
        parts = {p.get_content_type(): p.get_content() for p in mail.walk() if not p.is_multipart()}  # type: ignore[attr-defined]
        assert "<script>" not in parts["text/html"]
        assert "&lt;script&gt;" in parts["text/html"]
        assert not any(line.startswith("Bcc") for line in parts["text/plain"].splitlines())


def test_queries_of_rules_fire_fail_and_stay_in_their_owners_rights(url: str, problems: list[Exception]) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        owner = connection.info.user
        connection.execute("CREATE ROLE alert_reader; GRANT alert_reader TO CURRENT_USER")
        try:
            bad = "SELECT 1 FROM orders WHERE amount < 0"
            rules = {
                "low": ("measure", "SELECT sum(amount) FROM orders", owner, Threshold(100, direction=Direction.BELOW)),
                "rows": ("custom_sql", bad, owner, None),
                "broken": ("custom_sql", "SELECT FROM nowhere", owner, None),
                "two": ("custom_sql", "SELECT 1) x); DELETE FROM orders; SELECT ((", owner, None),
                "writes": ("custom_sql", "SELECT nextval('counter')", owner, None),
                "theirs": ("custom_sql", bad, "alert_reader", None),
            }
            connection.execute("CREATE SEQUENCE counter")
            for name, (kind, query, who, threshold) in rules.items():
                put_rule(connection, Kept(Rule(0, name, kind, threshold=threshold, query=query), who, True, "user"))
            with running(url, problems):
                wait_for(lambda: states(connection).get(("theirs", None)) == "error")
                wait_for(lambda: states(connection).get(("low", None)) == "firing")
            found = states(connection)
            assert found[("broken", None)] == found[("two", None)] == found[("writes", None)] == "error"
            assert ("rows", None) not in found
            assert connection.execute("SELECT count(*) FROM orders").fetchone() == (9,)
        finally:
            connection.execute("DROP OWNED BY alert_reader; DROP ROLE alert_reader")


def test_an_acknowledged_alert_says_by_whom_until_it_fires_again(url: str, problems: list[Exception]) -> None:
    chain(url, 1)
    with psycopg.connect(url, autocommit=True) as connection, running(url, problems):
        connection.execute("UPDATE orders SET amount = 0")
        wait_for(lambda: states(connection).get(("refresh failing", "public.t1")) == "firing")
        row = connection.execute("SELECT fingerprint FROM dyntables.alerts WHERE rule = 'refresh failing'").fetchone()
        assert row is not None
        assert acknowledge(connection, row[0], "ada", "on it")
        who = "SELECT acknowledged_by, note FROM dyntables.alerts WHERE rule = 'refresh failing'"
        assert connection.execute(who).fetchone() == ("ada", "on it")
        assert not acknowledge(connection, "nothing", "ada", None)


def test_a_process_that_does_not_schedule_says_that_nobody_does(
    url: str, problems: list[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dyntables.alerting.standby._EVERY_SECONDS", 0.2)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE dyntables.alert_rule SET fires_at = 0.5, clears_at = 0 WHERE name = 'no leader'")
        with Alerting(url, None, problems.append):
            wait_for(lambda: states(connection).get(("no leader", None)) == "firing")
        with running(url, problems):
            wait_for(lambda: states(connection).get(("no leader", None)) == "resolved")


def test_what_nobody_needs_costs_nothing(url: str, problems: list[Exception]) -> None:
    with psycopg.connect(url, autocommit=True) as connection, running(url, problems) as ran:
        wait_for(lambda: ran.scheduler.reign is not None)
        time.sleep(1)
        written = "SELECT pg_current_xact_id_if_assigned(), pg_snapshot_xmax(pg_current_snapshot())::text"
        before = connection.execute(written).fetchone()
        time.sleep(2.5)
        assert connection.execute(written).fetchone() == before


def test_who_leads_no_more_commits_nothing(url: str, problems: list[Exception]) -> None:
    chain(url, 1)
    with psycopg.connect(url, autocommit=True) as connection, running(url, problems) as ran:
        wait_for(lambda: ran.scheduler.reign is not None)
        reign = ran.scheduler.reign
        assert reign is not None
        begin_epoch(connection, "another")
        with pytest.raises(dyntables.errors.DeposedError), connection.transaction():
            reign.fence(connection)
        problems.clear()
    problems.clear()
