"""A leader in a process of its own, that stops at a chosen step of its work and waits for what is done to it.

Nothing of the product knows about this: the process counts every statement that the driver sends, and every end of a
transaction, by wrapping the driver's own methods.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection as Pipe
from typing import Any

import psycopg
import psycopg.transaction

from dyntables.catalog import store
from dyntables.catalog.model import Trigger
from dyntables.engines.at_work import engine_on
from dyntables.errors import DyntablesError
from dyntables.refresh.checks import CHECKS
from dyntables.refresh.choice.idle import sweep
from dyntables.refresh.runner import Refresher
from dyntables.scheduling.leader import Fence, connect_leader, connect_worker, try_to_lead

# Statements that fail with a real error of the server, at a step of the refresh.
SPOILS = {
    "statement timeout": "SET statement_timeout = '5ms'; SELECT pg_sleep(10)",
    "temporary files": "SET work_mem = '64kB'; SET temp_file_limit = '64kB'; "
    "SELECT count(*) FROM (SELECT i, repeat('x', 100) AS x FROM generate_series(1, 200000) i "
    "ORDER BY x, i DESC OFFSET 1) s",
    "memory": "SELECT repeat('x', 1 << 30)",
}
_MEND = "RESET statement_timeout; RESET temp_file_limit; RESET work_mem"


def run(pipe: Pipe, url: str, stop_at: int | str | None, spoil: str | None) -> None:
    """Be the leader for one round; report the stop, then the end.

    ``stop_at``: the number of a step, or text of a statement.
    """
    steps = _Steps(pipe, stop_at, spoil)
    try:
        with connect_leader(url) as connection:
            epoch = try_to_lead(connection)
            if epoch is None:
                pipe.send(("raised", "somebody else leads", 0))
                return
            with connect_worker(url, Fence(epoch)) as worker, steps.counted():
                tables = store.load_all(connection)
                swept = sweep(connection, tables, tables, Fence(epoch))
                rest = [i for i in tables if i not in swept.done]
                results = (
                    Refresher(worker, engine_on(worker), Fence(epoch), checks=CHECKS).refresh(rest, Trigger.SCHEDULED)
                    if rest
                    else []
                )
        pipe.send(("done", [(r.name, str(r.state), str(r.error)) for r in results], steps.number))
    except (psycopg.Error, DyntablesError) as error:
        pipe.send(("raised", f"{type(error).__name__}: {error}", steps.number))
    finally:
        os._exit(0)


class _Steps:
    """Counts the steps; at the chosen one it stops, or spoils it."""

    def __init__(self, pipe: Pipe, stop_at: int | str | None, spoil: str | None) -> None:
        self.number = 0
        self._pipe, self._stop_at, self._spoil = pipe, stop_at, spoil

    @contextlib.contextmanager
    def counted(self) -> Iterator[None]:
        """Count what the driver sends."""
        self._wrap(psycopg.Cursor, "execute", lambda cursor, query, *_: (cursor.connection, str(query)))
        self._wrap(psycopg.Cursor, "executemany", lambda cursor, query, *_: (cursor.connection, str(query)))
        self._wrap(psycopg.transaction.Transaction, "__exit__", lambda transaction, *_: (transaction.connection, "END"))
        yield
        self._stop_at = None

    def _wrap(self, owner: type, name: str, describe: Callable[..., tuple[psycopg.Connection, str]]) -> None:
        original = getattr(owner, name)

        def wrapped(this: Any, *arguments: Any, **options: Any) -> Any:
            try:
                self._step(*describe(this, *arguments))
            except psycopg.Error as error:
                if name == "__exit__":
                    original(this, type(error), error, error.__traceback__)
                raise
            return original(this, *arguments, **options)

        setattr(owner, name, wrapped)

    def _step(self, connection: psycopg.Connection, text: str) -> None:
        self.number += 1
        wanted = self._stop_at
        if not (wanted in text if isinstance(wanted, str) else wanted == self.number):
            return
        self._stop_at = None
        if self._spoil is None:
            self._pipe.send(("stopped", text, self.number))
            self._pipe.recv()
            return
        self._pipe.send(("stopped", text, self.number))
        self._pipe.recv()
        try:
            connection.execute(SPOILS[self._spoil])
        finally:
            with contextlib.suppress(psycopg.Error):
                connection.execute(_MEND)
