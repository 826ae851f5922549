"""Chats and an Alertmanager, over a real receiver."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

import pytest

from dyntables import clock
from dyntables.alerting.channels.channel import DeliveryError, Outgoing
from dyntables.alerting.channels.registry import channel_of
from dyntables.alerting.guard import VARIABLE as ALLOWED
from dyntables.alerts.message import Item, Message
from dyntables.errors import InvalidOptionError
from tests.alerting.receiver import http_receiver

NASTY = "<!channel> @here <https://evil.example|click> & \r\nmore"
LABELS = {"rule": "late", "severity": "error", "table": "s.t"}
FIRING = Item("a" * 16, "firing", LABELS, NASTY, 2.0, "2026-01-05T00:00:00+00:00", ("s.u (freshness)",))
RESOLVED = Item("b" * 16, "resolved", {**LABELS, "table": "s.v"}, "fresh", 0.5, "2026-01-05T00:00:00+00:00")


def outgoing() -> Outgoing:
    return Outgoing(UUID(int=1), Message("[FIRING] s.t", "firing", "FIRST", "g", (FIRING, RESOLVED)))


@pytest.fixture(autouse=True)
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALLOWED, "127.0.0.0/8")


def test_a_chat_gets_text_in_which_nothing_is_markup() -> None:
    with http_receiver() as chat:
        assert channel_of("chat").send({}, chat.url, outgoing()) == "HTTP 200"
        text = json.loads(chat.got[0].body)["text"]
    assert "<" not in text
    assert "@here" not in text
    assert "follows from it: s.u (freshness)" in text
    for config, secret in (({"url": "x"}, True), ({}, False)):
        with pytest.raises(InvalidOptionError):
            channel_of("chat").check(config, secret=secret)
    with pytest.raises(DeliveryError) as caught:
        channel_of("chat").send({}, "ftp://secret.example/T0KEN", outgoing())
    assert "T0KEN" not in caught.value.response


def test_an_alertmanager_gets_each_alert_with_its_end() -> None:
    with http_receiver() as manager:
        url = manager.url.removesuffix("/hook")
        assert channel_of("alertmanager").send({"url": url}, "t0ken", outgoing()) == "HTTP 200"
        got = manager.got[0]
    assert got.headers["Authorization"] == "Bearer t0ken"
    firing, resolved = json.loads(got.body)
    assert firing["labels"] == {"alertname": "late", **LABELS}
    assert firing["annotations"]["follows"] == "s.u (freshness)"
    assert datetime.fromisoformat(firing["endsAt"]) > clock.now()
    assert datetime.fromisoformat(resolved["endsAt"]) <= clock.now()
    with pytest.raises(InvalidOptionError):
        channel_of("alertmanager").check({}, secret=True)


def test_private_addresses_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ALLOWED)
    with http_receiver() as there:
        for kind, config, secret in (("chat", {}, there.url), ("alertmanager", {"url": there.url}, None)):
            with pytest.raises(DeliveryError, match="private address"):
                channel_of(kind).send(config, secret, outgoing())
        assert there.got == []
