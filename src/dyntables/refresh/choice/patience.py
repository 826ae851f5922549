"""How long an incremental refresh may take before a full one is done instead.

The server stops a statement at its statement_timeout, so that limit is what is left of the time. It is set with the
settings that a refresh needs anyway, and again only after much of it has been used: a short refresh pays nothing.

A wait for a lock is no work: the lock_timeout is shorter, so that a refresh that waits is told from one that costs too
much. It begins again, and then it may wait.
"""

from __future__ import annotations

from dataclasses import dataclass

from dyntables import clock
from dyntables.catalog.model import DynamicTable
from dyntables.engines.port import Session
from dyntables.refresh.choice import choose
from dyntables.refresh.limits import limits

_LEAST, _TIMES = 2.0, 3.0  # seconds; or so many times a full refresh
_UNKNOWN = 30.0  # seconds, where no full refresh was ever measured
_USED = 0.25  # of the time that was left when the limit was set last
_WAIT = 0.5  # of the time that is left


@dataclass(slots=True)
class Patience:
    """The time for a whole incremental refresh, in seconds.

    ``own``: the table's limit for each statement; ``own_wait``: its LOCK_TIMEOUT, which nothing takes the place of.
    """

    seconds: float
    own: float | None
    own_wait: str | None
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
    def timeouts(self) -> dict[str, str]:
        """The limits for the next statement, as settings of the server."""
        limit = self.left if self.own is None else min(self.left, self.own)
        found = {"statement_timeout": _ms(limit)}
        if self.own_wait is None:
            found["lock_timeout"] = _ms(min(limit, self.left * _WAIT))
        return found

    def tighten(self, session: Session) -> None:
        """Let no later statement take more than what is left."""
        left = self.seconds - self.spent
        if left < self.left * (1 - _USED):
            self.left = left
            session.set(self.timeouts)

    def lift(self, session: Session) -> None:
        """Let the statements after the refresh take their time."""
        own = "0" if self.own is None else f"{self.own}s"
        session.set({"statement_timeout": own, "lock_timeout": self.own_wait or "0"})


def patience(table: DynamicTable, expected: float | None) -> Patience:
    """Return the patience with an incremental refresh that begins now; ``expected``: seconds of a full one."""
    last = choose.load(table.health.costs, table.definition.version).full
    full = [s for s in (expected, last.seconds if last is not None else None) if s is not None]
    seconds = max(_LEAST, _TIMES * max(full)) if full else _UNKNOWN
    own = limits(table).get("STATEMENT_TIMEOUT")
    each = float(own.removesuffix("s")) if own else None
    return Patience(seconds, each, limits(table).get("LOCK_TIMEOUT"), clock.monotonic(), seconds)


def _ms(seconds: float) -> str:
    return f"{max(1, round(seconds * 1000))}ms"
