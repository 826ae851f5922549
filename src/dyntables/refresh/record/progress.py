"""What a refresh does at this moment, for other sessions and for the history.

It is written into the backend's application_name: everybody sees it at once (the view ``refresh_progress`` reads it),
it needs no second connection, and it is gone when the backend is. A short refresh says only that it began.
"""

from __future__ import annotations

from dyntables import clock
from dyntables.catalog.model import Action
from dyntables.engines.port import Session

_QUIET_SECONDS = 0.05
_LONGEST_SQL = 2000
_LETTERS = {Action.INCREMENTAL: "I", Action.FULL: "F", Action.REINITIALIZE: "R"}


class Progress:
    """The progress of one run; steps are counted from 1."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._run_started = clock.monotonic()
        self._started = self._run_started
        self._table = 0
        self.step_started = self._run_started
        self.expected_seconds = 0.0
        self.action: Action | None = None
        self.statement: str | None = None
        self.rows = 0

    def begin(self, table_id: int, expected_seconds: float) -> str:
        """Begin a table; return the application_name that says so, to be set with other settings."""
        self._table, self.expected_seconds = table_id, expected_seconds
        self._started = self.step_started = clock.monotonic()
        self.action, self.statement, self.rows = None, None, 0
        return self._name("begin", 0, 0)

    def step(self, phase: str, sql: str, number: int = 0, of: int = 0) -> None:
        """Say which statement comes next; ``phase`` is one lower-case word."""
        self.step_started = clock.monotonic()
        self.statement = sql[:_LONGEST_SQL]
        if self.step_started - self._started >= _QUIET_SECONDS or phase in ("build", "compare"):
            name = self._name(phase, number, of)
            self._session.set({"application_name": name})

    def _name(self, phase: str, number: int, of: int) -> str:
        letter = _LETTERS.get(self.action, "N") if self.action is not None else "N"
        since = round((self._started - self._run_started) * 1000)
        expected = round(self.expected_seconds * 1000)
        return self._session.shown_name(self._table, letter, (number, of), phase, self.rows, expected, since)
