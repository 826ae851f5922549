"""The faults: what is done to a leader that stands at some step, or to the server below it."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from dyntables.catalog.model import RefreshReason
from tests.chaos.stage import Stage, Victim

ALTERED = frozenset({RefreshReason.SOURCE_ALTERED, RefreshReason.CAPTURE_MISSING, RefreshReason.DEFINITION_CHANGED})


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind: what it does, how often a run of 100 faults has it, and why tables may be rebuilt after it.

    ``before``: the victim stops before a statement with this text, and not at some number.
    """

    name: str
    act: Callable[[Stage, Victim], None]
    weight: int
    spoil: str | None = None
    allowed: frozenset[RefreshReason] = frozenset()
    proxied: bool = False
    small_disk: bool = False
    before: str | None = None


def _kill(stage: Stage, victim: Victim) -> None:
    victim.kill()


def _go_on(stage: Stage, victim: Victim) -> None:
    victim.go_on()
    victim.finish()


def _terminate(stage: Stage, victim: Victim) -> None:
    for pid in stage.backends():
        stage.execute("SELECT pg_terminate_backend(%s)", pid)
    _go_on(stage, victim)


def _kill_backend(stage: Stage, victim: Victim) -> None:
    for pid in stage.backends()[:1]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    victim.go_on()
    victim.finish()
    stage.wait_for_server()


def _kill_postmaster(stage: Stage, victim: Victim) -> None:
    stage.kill_server()
    victim.go_on()
    victim.finish()
    stage.start_server()


def _cut(stage: Stage, victim: Victim) -> None:
    assert stage.proxy is not None
    stage.proxy.cut()
    _go_on(stage, victim)


def _vanish(stage: Stage, victim: Victim) -> None:
    """The peer is gone and nobody is told: the backends live on."""
    assert stage.proxy is not None
    stage.proxy.freeze()
    victim.kill()


def _disk_full(stage: Stage, victim: Victim) -> None:
    ballast = stage.home / "ballast"
    with contextlib.suppress(OSError), open(ballast, "wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 16))
    victim.go_on()
    victim.finish()
    ballast.unlink()
    stage.wait_for_server()


def _reader(stage: Stage, victim: Victim) -> None:
    with psycopg.connect(stage.url) as reader:
        reader.execute("SET lock_timeout = '300ms'")
        with contextlib.suppress(psycopg.Error):
            reader.execute("SELECT * FROM ranked, summary, above_full, named, per_group, whole LIMIT 1").fetchall()
        victim.go_on()
        victim.wait(1.0)
    victim.finish()


def _lock_source(stage: Stage, victim: Victim) -> None:
    """DDL of somebody else holds a source, if the refresh does not hold it itself."""
    with psycopg.connect(stage.url) as other:
        other.execute("SET lock_timeout = '100ms'")
        with contextlib.suppress(psycopg.Error):
            other.execute("LOCK TABLE fact, dim IN ACCESS EXCLUSIVE MODE")
        victim.go_on()
        victim.wait(0.5)
    victim.finish()


def _beside(stage: Stage, victim: Victim, text: str) -> None:
    """Run a script beside the refresh: it may have to wait for the refresh, or the refresh for it."""

    def script() -> None:
        with psycopg.connect(stage.url, autocommit=True) as connection:
            for statement in text.split(";"):
                connection.execute(statement)

    thread = threading.Thread(target=script)
    thread.start()
    thread.join(0.15)
    victim.go_on()
    victim.finish()
    thread.join(30)
    assert not thread.is_alive()


def _alter_used(stage: Stage, victim: Victim) -> None:
    precision = 12 + time.monotonic_ns() % 5
    _beside(stage, victim, f"ALTER TABLE fact ALTER COLUMN v TYPE numeric({precision}, 2)")


def _alter_unused(stage: Stage, victim: Victim) -> None:
    _beside(stage, victim, "ALTER TABLE fact ADD COLUMN spare integer DEFAULT 1; ALTER TABLE fact DROP COLUMN spare")


def _drop(stage: Stage, victim: Victim) -> None:
    _beside(
        stage,
        victim,
        "CREATE TABLE dim_new (g integer PRIMARY KEY, name text NOT NULL); "
        "INSERT INTO dim_new SELECT g, name FROM dim; DROP TABLE dim; ALTER TABLE dim_new RENAME TO dim",
    )


def _truncate(stage: Stage, victim: Victim) -> None:
    _beside(stage, victim, "TRUNCATE dim; INSERT INTO dim SELECT i, 'after ' || i FROM generate_series(0, 19) i")


def _stop_and_depose(stage: Stage, victim: Victim) -> None:
    """SIGSTOP the leader until another has led and refreshed, then let it go on: it must not commit."""
    victim.send(signal.SIGSTOP)
    stage.recover()
    stage.change()
    victim.send(signal.SIGCONT)
    victim.go_on()
    victim.finish()


def _manual(stage: Stage, victim: Victim) -> None:
    """Somebody refreshes by hand at the same time."""
    thread = threading.Thread(target=lambda: stage.statement("ALTER DYNAMIC TABLE ranked, summary, above_full REFRESH"))
    thread.start()
    thread.join(0.2)
    victim.go_on()
    victim.finish()
    thread.join(30)
    assert not thread.is_alive()


def _write(stage: Stage, victim: Victim) -> None:
    """A writer that began before the refresh commits in the middle of it."""
    with psycopg.connect(stage.url) as writer:
        writer.execute("INSERT INTO fact SELECT max(id) + 1, 3, 5, 'late' FROM fact")
        victim.go_on()
        victim.wait(0.3)
    victim.finish()


FAULTS = [
    Fault("kill -9 of the leader", _kill, 20),
    Fault("kill -9 between the work and what rules say of it", _kill, 3, before="dyntables.quality_measure AS q"),
    Fault("its backends terminated", _terminate, 10),
    Fault("kill -9 of a backend (crash recovery)", _kill_backend, 4),
    Fault("kill -9 of the postmaster", _kill_postmaster, 4),
    Fault("connections cut", _cut, 10, proxied=True),
    Fault("peer vanished, backends live on", _vanish, 3, proxied=True),
    Fault("statement timeout", _go_on, 8, spoil="statement timeout"),
    Fault("temporary files above their limit", _go_on, 4, spoil="temporary files"),
    Fault("a request of memory refused", _go_on, 4, spoil="memory"),
    Fault("disk full", _disk_full, 5, small_disk=True),
    Fault("a reader holds the tables", _reader, 5),
    Fault("a lock of DDL on the sources", _lock_source, 5),
    Fault("used column retyped", _alter_used, 4, allowed=ALTERED),
    Fault("unused column added and dropped", _alter_unused, 3, allowed=ALTERED),
    Fault("source dropped and made anew", _drop, 4, allowed=ALTERED),
    Fault("source truncated and loaded", _truncate, 4, allowed=frozenset({RefreshReason.SOURCE_TRUNCATED})),
    Fault("leader stopped, another leads, first goes on", _stop_and_depose, 3),
    Fault("manual refresh at the same time", _manual, 3),
    Fault("a late writer commits in between", _write, 2),
]
