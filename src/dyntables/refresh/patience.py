"""How long an incremental refresh may take before a full one is done instead.

The server stops a statement at its statement_timeout, so that limit is what is left of the time. It is set with the
settings that a refresh needs anyway, and again only after much of it has been used: a short refresh pays nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dyntables import clock
from dyntables.refresh import choose
from dyntables.refresh.limits import limits

if TYPE_CHECKING:
    import psycopg

    from dyntables.catalog.model import DynamicTable

_LEAST, _TIMES = 2.0, 3.0  # seconds; or so many times a full refresh
_UNKNOWN = 30.0  # seconds, where no full refresh was ever measured
_USED = 0.25  # of the time that was left when the limit was set last


@dataclass(slots=True)
class Patience:
    """The time for a whole incremental refresh, in seconds; ``own``: the table's limit for each statement."""

    seconds: float
    own: float | None
    began: float
    left: float

    @property
    def spent(self) -> float:
        """The seconds since it began."""
        return clock.monotonic() - self.began

    @property
    def exhausted(self) -> bool:
        """Whether the time is used up."""
        return self.spent >= self.seconds * 0.99

    @property
    def timeout(self) -> str:
        """The limit for the next statement, as a setting of the server."""
        limit = self.left if self.own is None else min(self.left, self.own)
        return f"{max(1, round(limit * 1000))}ms"

    def tighten(self, connection: psycopg.Connection) -> None:
        """Let no later statement take more than what is left."""
        left = self.seconds - self.spent
        if left < self.left * (1 - _USED):
            self.left = left
            connection.execute("SELECT set_config('statement_timeout', %s, true)", (self.timeout,))

    def lift(self, connection: psycopg.Connection) -> None:
        """Let the statements after the refresh take their time."""
        own = "0" if self.own is None else f"{self.own}s"
        connection.execute("SELECT set_config('statement_timeout', %s, true)", (own,))


def patience(table: DynamicTable, expected: float | None) -> Patience:
    """Return the patience with an incremental refresh that begins now; ``expected``: seconds of a full one."""
    last = choose.load(table.costs, table.version).full
    full = [s for s in (expected, last.seconds if last is not None else None) if s is not None]
    seconds = max(_LEAST, _TIMES * max(full)) if full else _UNKNOWN
    own = limits(table).get("STATEMENT_TIMEOUT")
    return Patience(seconds, float(own.removesuffix("s")) if own else None, clock.monotonic(), seconds)
