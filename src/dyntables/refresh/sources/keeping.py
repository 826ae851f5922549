"""Which refreshes use staging tables that are kept: small ones of a program that is used often, without foreign types.

A large change is better off with tables of its own, which parallel plans fill and statistics describe. A column of a
type that is not the server's own would keep its owner from dropping it.
"""

from __future__ import annotations

from collections.abc import Mapping

from dyntables.compiler.delta.context import Change
from dyntables.compiler.plan.algebra.nodes import Column
from dyntables.compiler.program import Compiled, Program
from dyntables.engines.port import Deltas
from dyntables.refresh.sources.plans import PlanCache

_FEW = 1000


def program_for(
    deltas: Deltas,
    plans: PlanCache,
    key: tuple[int, str],
    compiled: Compiled,
    changes: Mapping[int, Change],
    logged: tuple[Column, ...],
    rows: int,
) -> Program:
    """Return a program that is ready to run over changes of so many rows; see ``PlanCache.program``."""
    program = plans.program(key, compiled, changes, logged, keep=rows <= _FEW)
    if not program.kept:
        return program
    return deltas.ready(program) or plans.program(key, compiled, changes, logged)


def settle_staging(deltas: Deltas, plans: PlanCache, table_id: int, program: Program) -> None:
    """After a program has made staging tables, see whether they may stay, and drop those of former programs."""
    if not program.kept or not any(s.sql.startswith("CREATE") for s in program.statements if s.temporary):
        return
    if not deltas.may_keep(program):
        plans.unkept.add(table_id)
    live = set() if table_id in plans.unkept else {s.temporary for p in plans.kept(table_id) for s in p.statements}
    deltas.keep_only(table_id, live)
