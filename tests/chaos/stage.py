"""Where faults happen: a server, a database, and the leader that is to suffer."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from dyntables.commands.execute import execute
from dyntables.engines.postgres.embedded import EmbeddedServer
from dyntables.engines.postgres.embedded.process import alive, wait_for_end
from dyntables.refresh.result import RefreshResult
from dyntables.wiring import open_session
from tests.chaos import laboratory
from tests.chaos import victim as victims
from tests.support.proxy import Proxy
from tests.support.servers import start_test_server

_FORK = multiprocessing.get_context("forkserver")
_FORK.set_forkserver_preload(["tests.chaos.victim"])
_PATIENCE = 60.0


class Victim:
    """A leader in a process of its own."""

    def __init__(self, url: str, stop_at: int | str | None, spoil: str | None = None) -> None:
        self._pipe, other = _FORK.Pipe()
        self.process = _FORK.Process(target=victims.run, args=(other, url, stop_at, spoil), daemon=True)
        self.process.start()
        other.close()
        self.answer: tuple[Any, ...] | None = None

    def reach(self) -> tuple[str, int] | None:
        """Wait for the stop; return the statement and its number, or None if the round ended before."""
        self.answer = self._receive(_PATIENCE)
        return (self.answer[1], self.answer[2]) if self.answer and self.answer[0] == "stopped" else None

    def go_on(self) -> None:
        """Let it go on."""
        with contextlib.suppress(OSError):
            self._pipe.send("go on")

    def wait(self, seconds: float) -> None:
        """Wait for its end, at most so long."""
        self.process.join(seconds)

    def finish(self) -> None:
        """Wait for its end."""
        self.answer = self._receive(_PATIENCE)
        self.process.join(_PATIENCE)
        assert not self.process.is_alive(), "the leader hangs"

    def kill(self) -> None:
        """Kill it."""
        self.send(signal.SIGKILL)
        self.process.join(_PATIENCE)

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid or 0, number)

    @property
    def broke(self) -> bool:
        """Whether it died, or some of what it had to refresh failed."""
        answer = self.answer
        if answer is None or answer[0] != "done":
            return True
        return any(state != "SUCCEEDED" for _, state, _ in answer[1])

    def close(self) -> None:
        """End it, whatever it does."""
        if self.process.is_alive():
            self.send(signal.SIGCONT)
            self.kill()
        self._pipe.close()

    def _receive(self, seconds: float) -> tuple[Any, ...] | None:
        try:
            if self._pipe.poll(seconds):
                answer: tuple[Any, ...] = self._pipe.recv()
                return answer
        except (EOFError, OSError):
            return None
        raise AssertionError("the leader says nothing")


@dataclass(slots=True)
class Stage:
    """One database on one server."""

    version: int
    home: Path
    server: EmbeddedServer
    database: str
    choose: random.Random
    proxy: Proxy | None = None
    small_disk: bool = False
    recovered: list[RefreshResult] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The database's URL."""
        return self.server.url_for(self.database)

    def execute(self, text: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Run a statement of PostgreSQL's."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(text, parameters)
            return cursor.fetchall() if cursor.description else []

    def statement(self, text: str) -> None:
        """Run a statement of ours."""
        session = open_session(self.url, migrated=False)
        with session.connection:
            execute(session, text)

    def change(self, *, truncate: bool = False) -> None:
        """Change the sources."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            laboratory.change(connection, self.choose, truncate=truncate)

    def recover(self) -> list[RefreshResult]:
        """Lead and refresh everything, as the next scheduler does."""
        self.recovered = laboratory.one_round(self.url)
        return self.recovered

    def backends(self) -> list[int]:
        """Return the backends of the victim, the one that refreshes first."""
        return [
            pid
            for (pid,) in self.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
                "AND starts_with(application_name, 'dyntables') ORDER BY application_name"
            )
        ]

    def kill_server(self) -> None:
        """Kill the postmaster; its children notice and end."""
        os.kill(self.server.pid, signal.SIGKILL)
        wait_for_end(self.server.pid, self.home / "data", seconds=10)

    def start_server(self) -> None:
        """Start the server again; it recovers from its log."""
        old = self.server
        self.server = start_test_server(self.version, self.home)
        old.stop()

    def wait_for_server(self) -> None:
        """Wait until the server lets us in again, after it restarted its backends; start it if it is gone."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                self.execute("SELECT 1")
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
                if not alive(self.server.pid, self.home / "data"):
                    self.start_server()
