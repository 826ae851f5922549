"""How far a learner is: a table in their schema, so that it outlives every process and goes with the schema."""

from __future__ import annotations

from enum import StrEnum

import psycopg
from psycopg import sql

_TABLE = "learn_progress"


class State(StrEnum):
    """How a step stands."""

    TO_DO = "TO_DO"
    DONE = "DONE"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    UNAVAILABLE = "UNAVAILABLE"


class Progress:
    """The states of the steps of one scenario for one learner."""

    def __init__(self, connection: psycopg.Connection, schema: str) -> None:
        self._connection = connection
        self._table = sql.Identifier(schema, _TABLE)

    @property
    def begun(self) -> bool:
        """Whether the learner's schema is prepared."""
        row = self._connection.execute("SELECT to_regclass(%s)", [self._table.as_string(None)]).fetchone()
        return row is not None and row[0] is not None

    def begin(self) -> None:
        """Make the table; the caller has made the schema."""
        self._connection.execute(
            sql.SQL(
                "CREATE TABLE {} (step text PRIMARY KEY, state text NOT NULL, at timestamptz NOT NULL DEFAULT now())"
            ).format(self._table)
        )

    def states(self) -> dict[str, State]:
        """Return the states that are not TO_DO, by step."""
        if not self.begun:
            return {}
        rows = self._connection.execute(sql.SQL("SELECT step, state FROM {}").format(self._table)).fetchall()
        return {step: State(state) for step, state in rows}

    def set(self, step: str, state: State) -> None:
        """Remember the state of a step."""
        self._connection.execute(
            sql.SQL(
                "INSERT INTO {} AS p VALUES (%s, %s) ON CONFLICT (step) "
                "DO UPDATE SET state = excluded.state, at = excluded.at"
            ).format(self._table),
            [step, state],
        )
