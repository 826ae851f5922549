"""``dyntables run`` as real processes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator

import psycopg

_MAIN = "import sys; from dyntables.cli import main; sys.argv[0] = 'dyntables'; main()"


class SchedulerProcess:
    """One ``dyntables run``; its output is kept."""

    def __init__(self, url: str, *options: str) -> None:
        self._output = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self.process = subprocess.Popen(
            [sys.executable, "-c", _MAIN, "run", "--database", url, *options],
            stdout=self._output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "COLUMNS": "200"},
        )

    @property
    def pid(self) -> int:
        """The process id."""
        return self.process.pid

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        os.kill(self.pid, number)

    def wait(self, seconds: float = 60.0) -> int:
        """Wait for the end; return the exit code."""
        return self.process.wait(seconds)

    def output(self) -> str:
        """Return what it has printed."""
        self._output.seek(0)
        return self._output.read()

    def close(self) -> None:
        """End it, whatever state it is in."""
        with contextlib.suppress(ProcessLookupError):
            self.send(signal.SIGKILL)
        self.process.wait()
        self._output.close()


@contextlib.contextmanager
def schedulers(*urls: str) -> Iterator[list[SchedulerProcess]]:
    """Run a scheduler process for each URL."""
    started = [SchedulerProcess(url) for url in urls]
    try:
        yield started
    finally:
        for one in started:
            one.close()


def leader_pid(connection: psycopg.Connection) -> int | None:
    """Return the process that leads at present: the holder of the lock, as the catalog names it."""
    row = connection.execute(
        "SELECT split_part(process, ':', 2)::integer FROM dyntables.leader WHERE backend IN (SELECT pid FROM pg_locks "
        "WHERE locktype = 'advisory' AND objsubid = 1 AND classid = 6584686 AND granted)"
    ).fetchone()
    return row[0] if row else None


def wait_until(condition: Callable[[], object], seconds: float = 60.0) -> float:
    """Wait until a condition holds; return how many seconds that took.

    Raises:
        AssertionError: it did not within the time.
    """
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        if condition():
            return time.monotonic() - started
        time.sleep(0.02)
    raise AssertionError(f"nothing after {seconds} seconds")
