"""The outbox and its sender, over receivers that fail, hang and lie."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

import dyntables
from dyntables.alerting import guard
from dyntables.alerting.backoff import MOST_ATTEMPTS, wait_after
from dyntables.alerting.channels.channel import DeliveryError
from dyntables.alerting.channels.registry import channel_of
from dyntables.alerting.secrets import VARIABLE as KEY
from dyntables.alerting.sender import Sender
from dyntables.alerts.message import compose, html, message_of, one_line, plain
from dyntables.alerts.model import Alert, Severity, Standing, State
from dyntables.catalog.alerts.channels import KeptChannel, put_channel
from dyntables.catalog.alerts.outbox import NewMessage, add_messages, claim, deliveries, send_again
from dyntables.errors import InvalidOptionError
from tests.alerting.receiver import http_receiver, smtp_receiver

NASTY = "x</td><script>\"\r\nBcc: eve@example.org\u2028=cmd|'/c calc'!A1"


def message(name: str = "s.t") -> dict[str, object]:
    labels = {"rule": "late", "kind": "freshness", "severity": "error", "table": name}
    alert = Alert(1, "freshness", Severity.ERROR, labels, Standing(State.FIRING, text=f"{name} is late"), 1)
    return compose("FIRST", "g", [alert], [], {}).document()


@pytest.fixture
def url(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(KEY, "A" * 43 + "=")
    monkeypatch.setenv(guard.VARIABLE, "127.0.0.0/8")
    dyntables.connect(database_url).close()
    return database_url


def wait_for(what: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def test_failures_are_tried_again_under_one_key_and_a_no_is_a_no(url: str) -> None:
    with http_receiver() as bad, http_receiver() as good, psycopg.connect(url, autocommit=True) as connection:
        bad.answers = [(500, {}), (429, {"Retry-After": "2"}), (302, {"Location": good.url})]
        put_channel(connection, KeptChannel("bad", "webhook", {"url": bad.url}))
        put_channel(connection, KeptChannel("good", "webhook", {"url": good.url}))
        put_channel(connection, KeptChannel("gone", "webhook", {"url": "http://nowhere.invalid/"}))
        for channel in ("bad", "gone", "good"):
            add_messages(connection, [NewMessage(channel, "g", "FIRST", message())])
        began = time.monotonic()
        with Sender(url, lambda error: None):
            wait_for(lambda: good.got)
            assert time.monotonic() - began < 10
            wait_for(lambda: {d.channel: d.state for d in deliveries(connection, 9)}["bad"] == "DEAD")
        assert len({g.headers["Idempotency-Key"] for g in bad.got}) == 1
        assert len(bad.got) == 3
        assert len(good.got) == 1  # redirects are not followed
        assert time.monotonic() - began > 2.5
        found = {d.channel: d for d in deliveries(connection, 9)}
        assert found["bad"].response == "HTTP 302"
        assert (found["gone"].state, found["gone"].response) == ("WAITING", "the host nowhere.invalid is not known")
        assert send_again(connection, found["bad"].id)
        with Sender(url, lambda error: None):
            wait_for(lambda: {d.channel: d.state for d in deliveries(connection, 9)}["bad"] == "SENT")


def test_a_channel_that_hangs_keeps_no_other_waiting_and_groups_keep_their_order(url: str) -> None:
    with http_receiver() as slow, http_receiver() as quick, psycopg.connect(url, autocommit=True) as connection:
        slow.answers = [3.0]
        put_channel(connection, KeptChannel("slow", "webhook", {"url": slow.url}))
        put_channel(connection, KeptChannel("quick", "webhook", {"url": quick.url}))
        add_messages(connection, [NewMessage("slow", "g", "FIRST", message())])
        add_messages(connection, [NewMessage("quick", "g", "FIRST", message(f"t{i}")) for i in range(5)])
        with Sender(url, lambda error: None):
            wait_for(lambda: len(quick.got) == 5)
            assert not [d for d in deliveries(connection, 9) if d.channel == "slow" and d.state == "SENT"]
        subjects = [json.loads(g.body)["subject"] for g in quick.got]
        assert subjects == sorted(subjects)


def test_who_dies_after_the_claim_loses_it_and_the_key_stays(url: str) -> None:
    with http_receiver() as hook, psycopg.connect(url, autocommit=True) as connection:
        put_channel(connection, KeptChannel("hook", "webhook", {"url": hook.url}))
        add_messages(connection, [NewMessage("hook", "g", "FIRST", message())])
        first = claim(connection, timedelta(seconds=0.5), [])
        assert first is not None
        assert claim(connection, timedelta(seconds=60), []) is None  # one sender
        with Sender(url, lambda error: None):
            wait_for(lambda: hook.got)
        assert hook.got[0].headers["Idempotency-Key"] == str(first.key)


def test_smtp_refusals_and_a_server_without_tls(url: str) -> None:
    with smtp_receiver() as box, psycopg.connect(url, autocommit=True) as connection:
        base = {"host": "127.0.0.1", "port": str(box.port), "from": "a@example.org", "to": "b@example.org"}
        put_channel(connection, KeptChannel("plain", "email", {**base, "tls": "none"}))
        put_channel(connection, KeptChannel("tls", "email", base))
        box.refuse = "550 no"
        add_messages(connection, [NewMessage(c, "g", "FIRST", message(NASTY)) for c in ("plain", "tls")])
        with Sender(url, lambda error: None):
            wait_for(lambda: all(d.response for d in deliveries(connection, 9)))
        found = {d.channel: d for d in deliveries(connection, 9)}
        assert (found["plain"].state, found["plain"].response) == ("DEAD", "SMTP 550")
        assert found["tls"].state == "WAITING"  # nothing goes out in the clear
        assert box.mails == []


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1", "100.64.0.1", "0.0.0.0", "::1", "fe80::1", "fd00::1",
     "::ffff:10.0.0.1", "2002:7f00:1::", "224.0.0.1", "::"],
)  # fmt: skip
def test_private_addresses_are_refused_unless_allowed(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(guard.VARIABLE, raising=False)
    assert not guard.may_reach(address)
    assert guard.may_reach("93.184.215.14")
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(DeliveryError, match="private"):
        guard.resolve(f"http://{host}/")
    monkeypatch.setenv(guard.VARIABLE, "10.0.0.0/8")
    assert guard.may_reach(address) is (address == "10.1.2.3")


@pytest.mark.parametrize(
    "target",
    ["file:///etc/passwd", "https://", "http://a:b@example.org/", "http://example.org/\r\nX: y", "gopher://x",
     "http://example.org:99999/", "http://[::1/"],
)  # fmt: skip
def test_urls_that_are_none(target: str) -> None:
    with pytest.raises(InvalidOptionError):
        channel_of("webhook").check({"url": target}, secret=False)


@pytest.mark.parametrize(
    "given",
    [{"to": "x"}, {"from": "a@b\r\nBcc: c@d"}, {"tls": "maybe"}, {"port": "0"}, {"host": ""}, {"colour": "red"}],
)
def test_mail_settings_that_cannot_work(given: dict[str, str]) -> None:
    usual = {"host": "mail.example.org", "from": "a@example.org", "to": "b@example.org"}
    channel_of("email").check(usual, secret=True)
    with pytest.raises(InvalidOptionError):
        channel_of("email").check({**usual, **given}, secret=False)
    with pytest.raises(InvalidOptionError, match="without TLS"):
        channel_of("email").check({**usual, "tls": "none"}, secret=True)


def test_names_are_no_headers_lines_or_markup() -> None:
    found = message_of(message(NASTY))
    assert "\n" not in found.subject
    assert "<script>" not in html(found)
    assert not any(line.startswith("Bcc") for line in plain(found).splitlines())
    assert len(one_line("x" * 999, 150)) == 150
    many = [Alert(1, "x", Severity.INFO, {"rule": str(i)}, Standing(), None) for i in range(10_000)]
    big = compose("FIRST", "g", many, [], {})
    assert (len(big.alerts), big.more) == (100, 9900)


def test_waits_grow_have_jitter_and_end() -> None:
    assert wait_after(1, 1.0) == timedelta(seconds=1)
    assert wait_after(4, 0.0) == timedelta(seconds=4)
    assert wait_after(4, 0.0, retry_after=60) == timedelta(seconds=60)
    assert wait_after(1, 0.0, retry_after=1e9) == timedelta(hours=1)
    assert wait_after(MOST_ATTEMPTS - 1, 1.0) == timedelta(seconds=900)
    assert wait_after(MOST_ATTEMPTS, 1.0) is None
