"""Differences of a dynamic table: computed by a program, brought into storage, and told to its readers."""

from __future__ import annotations

from collections.abc import Mapping

from dyntables.compiler.delta.consolidate import consolidate
from dyntables.compiler.delta.context import Statement
from dyntables.compiler.names import KEPT, VERSION, WEIGHT, quote_qualified
from dyntables.compiler.plan.algebra.nodes import Column
from dyntables.compiler.program import Program
from dyntables.engines.applied import summed_up
from dyntables.engines.port import Applied, OnStep
from dyntables.engines.postgres.rights.cage import Step
from dyntables.engines.postgres.rights.hands import ANALYZE_FROM, Hands, analyze_statement

_INSERTED = f"coalesce(sum({WEIGHT}) FILTER (WHERE {WEIGHT} > 0), 0)"
_DELETED = f"coalesce(- sum({WEIGHT}) FILTER (WHERE {WEIGHT} < 0), 0)"


def difference(old: str, new: str, columns: tuple[Column, ...]) -> str:
    """Return a SELECT of the z-set ``new − old`` over two FROM items with the given columns."""
    names = ", ".join(quote_qualified(c.id) for c in columns)
    both = f"(SELECT {names}, -1 AS {WEIGHT} FROM {old} UNION ALL SELECT {names}, 1 AS {WEIGHT} FROM {new}) c"
    return consolidate(both, columns)


def count_delta(hands: Hands, delta: str) -> tuple[int, int]:
    """Return how many rows a delta, a FROM item, inserts and deletes."""
    row = hands.row(f"SELECT {_INSERTED}, {_DELETED} FROM {delta} d")
    return int(row[0]), int(row[1])


def log_delta(hands: Hands, log: str, version: int, columns: Mapping[str, str], delta: str) -> tuple[int, int]:
    """Add a delta, a FROM item, to a dynamic table's change log; return how many rows it inserts and deletes.

    Args:
        hands: to write with.
        log: the change log.
        version: the change version that the delta leads to.
        columns: the columns of the log, and the expression over the delta for each.
        delta: the FROM item.
    """
    names = ", ".join(quote_qualified(n) for n in columns)
    hands.lend_log(log)
    row = hands.row(
        f"WITH logged AS (INSERT INTO {log} ({VERSION}, {WEIGHT}, {names}) "
        f"SELECT {int(version)}, {WEIGHT}, {', '.join(columns.values())} FROM {delta} d RETURNING {WEIGHT}) "
        f"SELECT {_INSERTED}, {_DELETED} FROM logged"
    )
    return int(row[0]), int(row[1])


def analyze_delta(hands: Hands, table: str, rows: int) -> None:
    """Let the planner know a table of this transaction, if its size alone does not say enough."""
    if rows >= ANALYZE_FROM:
        hands.run(analyze_statement(table))


def run_program(hands: Hands, program: Program, on_step: OnStep) -> Applied:
    """Run the statements of an incremental refresh; return their record, and the rows inserted and deleted last.

    ``on_step`` is told the phase, the SQL, and which statement of how many comes next.

    Raises:
        InvariantError: the delta does not fit what is stored.
        RebuildNeededError: the delta is not enough.
    """
    count = len(program.statements)
    staging = KEPT if program.kept else hands.staging
    steps = [_step(s, staging) for s in program.statements]
    return summed_up(program, hands.perform(steps, lambda sql, n: on_step("apply", sql, n, count)))


def _step(statement: Statement, staging: str) -> Step:
    analyze = None
    if statement.analyze:
        columns = f" ({', '.join(statement.analyzed)})" if statement.analyzed else ""
        analyze = f"{staging}.{statement.temporary}{columns}"
    check = statement.purpose in ("CHECK", "REBUILD")
    return Step(statement.sql, False, statement.guard, statement.expected, check, analyze, statement.small)
