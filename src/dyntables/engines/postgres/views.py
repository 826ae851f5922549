"""The users' views: changed under short locks, so that readers wait for an instant or not at all."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from dyntables.compiler.names import quote_qualified
from dyntables.engines.postgres.hands import Hands
from dyntables.errors import EngineError

_LOCK_MS, _TRIES, _PAUSE = 150, 40, 0.05


@dataclass(frozen=True, slots=True)
class NamedView:
    """A user's view: its name, an id to make another name of, and the hands that may alter it."""

    id: int
    schema: str
    name: str
    hands: Hands


def briefly(connection: psycopg.Connection, names: str, work: Callable[[], None]) -> None:
    """Do work that locks views, and give up after some tries; ``names`` says whose, for people.

    Raises:
        EngineError: readers held them all the time; nothing was changed.
    """
    row = connection.execute(
        "SELECT current_setting('lock_timeout'), set_config('lock_timeout', %s, true)", (f"{_LOCK_MS}ms",)
    ).fetchone()
    assert row is not None
    for attempt in range(_TRIES):
        try:
            with connection.transaction():
                work()
            break
        except psycopg.errors.LockNotAvailable as error:
            if attempt == _TRIES - 1:
                raise EngineError(
                    f"could not change {names}: readers hold it",
                    hint="A long transaction reads it; try again when that has ended.",
                    sqlstate=error.sqlstate,
                    retryable=True,
                ) from error
            time.sleep(_PAUSE)
    connection.execute("SELECT set_config('lock_timeout', %s, true)", (row[0],))


def exchange_names(first: NamedView, second: NamedView) -> None:
    """Let two views have each other's name; the caller owns the transaction."""
    for view, other in ((first, second), (second, first)):
        view.hands.run(f"ALTER VIEW {quote_qualified(view.schema, view.name)} RENAME TO {_between(view)}")
        if view.schema != other.schema:
            between = quote_qualified(view.schema, _between(view))
            view.hands.run(f"ALTER VIEW {between} SET SCHEMA {quote_qualified(other.schema)}")
    for view, other in ((first, second), (second, first)):
        between = quote_qualified(other.schema, _between(view))
        view.hands.run(f"ALTER VIEW {between} RENAME TO {quote_qualified(other.name)}")


def _between(view: NamedView) -> str:
    return f"dyntables_swap_{view.id}"
