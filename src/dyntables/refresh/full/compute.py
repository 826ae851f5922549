"""Compute a whole query into a table, in the way that is fastest for it."""

from __future__ import annotations

from collections.abc import Callable

from dyntables import clock
from dyntables.catalog import Connection
from dyntables.catalog.model import DynamicTable
from dyntables.compiler.program import early_select
from dyntables.engines.port import Session
from dyntables.errors import CancelledError
from dyntables.refresh.choice.tactics import Tactic, Tried, choose_tactic, learn_tactic, load_tried, tactics
from dyntables.refresh.limits import settings
from dyntables.refresh.result import Computed
from dyntables.refresh.run import Run
from dyntables.refresh.sources.definitions import Reading, columns_of, determined

Step = Callable[[str], int]


def compute(run: Run, table: DynamicTable, reading: Reading, step: Step, before: Computed | None = None) -> Computed:
    """Let ``step`` run its statement with the query, in some form, and return the rows.

    A tactic that is tried for the first time is given up when it takes far longer than the fastest that is known.
    ``before``: what is known from such a trial.
    """
    early = _early(run.connection, table, reading)
    ways = tactics(run.engine.sizes.memory(), early=early is not None)
    known = before.tried if before is not None else None
    tried, now = known or load_tried(table.health.costs, table.definition.version), run.data_timestamp.timestamp()
    tactic, limit = choose_tactic(tried, ways, now)
    trial = limit is not None or (before is not None and before.trial)
    query = early if early is not None and tactic.early else determined(table, reading.compiled)
    started = clock.monotonic()
    try:
        with run.engine.session.savepoint():
            _set(run.engine.session, table, tactic, limit)
            rows = step(query)
            _reset(run.engine.session, table, tactic)
    except CancelledError:
        if limit is None or clock.monotonic() - started < limit:
            raise
        return compute(run, table, reading, step, Computed(0, _learn(tried, tactic, limit, now), trial))
    return Computed(rows, _learn(tried, tactic, clock.monotonic() - started, now), trial)


def _learn(tried: Tried, tactic: Tactic, seconds: float, now: float) -> Tried:
    return learn_tactic(tried, tactic.name, seconds, now)


def _early(connection: Connection, table: DynamicTable, reading: Reading) -> str | None:
    """Return the query with aggregates below joins, if it has that form and the same columns."""
    query = early_select(reading.compiled) if reading.compiled is not None else None
    if query is None:
        return None
    columns = columns_of(connection, query, table.owner)
    same = columns is not None and columns == columns_of(connection, table.maintained, table.owner)
    return query if same else None


def _set(session: Session, table: DynamicTable, tactic: Tactic, limit: float | None) -> None:
    chosen = {**tactic.settings, **settings(table)}
    if limit is not None and "statement_timeout" not in chosen:
        chosen["statement_timeout"] = f"{round(limit * 1000)}ms"
    session.set(chosen)


def _reset(session: Session, table: DynamicTable, tactic: Tactic) -> None:
    """Return to what the rest of the refresh runs under."""
    usual = {"work_mem": "64MB", "statement_timeout": "0", **settings(table)}
    used = {*tactic.settings, "statement_timeout"}
    session.set({name: usual[name] for name in used if name in usual})
    session.reset([name for name in used if name not in usual])
