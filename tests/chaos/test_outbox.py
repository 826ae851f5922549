"""kill -9 of a sender anywhere: every message is delivered, at least once, under one key, in the order of its group."""

from __future__ import annotations

import json
import multiprocessing
import signal
import time

import psycopg
import pytest

import dyntables
from dyntables.alerting.guard import VARIABLE as ALLOWED
from dyntables.alerting.secrets import VARIABLE as KEY
from dyntables.alerting.sender import Sender
from dyntables.catalog.alerts.channels import KeptChannel, put_channel
from dyntables.catalog.alerts.outbox import NewMessage, add_messages, deliveries
from tests.alerting.receiver import http_receiver
from tests.chaos.dying_sender import PLACES, run

MESSAGES = 3


def body(number: int) -> dict[str, object]:
    return {"subject": str(number), "status": "firing", "telling": "FIRST", "group": "g", "alerts": []}


@pytest.mark.parametrize("place", PLACES)
def test_who_dies_loses_nothing(database_url: str, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setenv(KEY, "A" * 43 + "=")
    monkeypatch.setenv(ALLOWED, "127.0.0.0/8")
    dyntables.connect(database_url).close()
    with http_receiver() as hook, psycopg.connect(database_url, autocommit=True) as connection:
        put_channel(connection, KeptChannel("hook", "webhook", {"url": hook.url}))
        add_messages(connection, [NewMessage("hook", "g", "FIRST", body(i)) for i in range(MESSAGES)])
        victim = multiprocessing.get_context("spawn").Process(target=run, args=(database_url, place))
        victim.start()
        victim.join(60)
        assert victim.exitcode == -signal.SIGKILL
        assert len(hook.got) == (0 if place == "claimed" else 1)
        assert {d.state for d in deliveries(connection, 9)} == {"SENDING", "WAITING"}
        # The lease of the dead is over.
        connection.execute("UPDATE dyntables.alert_message SET next_at = now() WHERE state = 'SENDING'")
        with Sender(database_url, lambda error: None):
            end = time.monotonic() + 30
            while {d.state for d in deliveries(connection, 9)} != {"SENT"}:
                assert time.monotonic() < end
                time.sleep(0.05)
        told = [json.loads(g.body)["subject"] for g in hook.got]
        assert told == (["0"] if place != "claimed" else []) + ["0", "1", "2"]
        keys: dict[str, set[str]] = {}
        for got, subject in zip(hook.got, told, strict=True):
            keys.setdefault(subject, set()).add(got.headers["Idempotency-Key"])
        assert [len(k) for k in keys.values()] == [1, 1, 1]
