"""Window functions, as a stage of their own.

Law: a window function reads only its partition, so d(W) = Σ over touched partitions p of W_new(p) − W_stored(p).
State: the output rows, indexed by the partition key. Cost: the rows of the touched partitions; without PARTITION BY
there is one partition, and a refresh computes all rows and applies the difference.
Rows that tie in a window's ORDER BY may be numbered differently than by the definition run at once; both are right.
"""

from __future__ import annotations

from dyntables.compiler.delta.consolidate import consolidate
from dyntables.compiler.delta.context import WEIGHT_COLUMN, Context
from dyntables.compiler.delta.keys import row_hash
from dyntables.compiler.delta.stages.rows import apply_bag
from dyntables.compiler.names import HASH, KEY, WEIGHT, quote
from dyntables.compiler.plan.algebra.nodes import Filter, Plan, Project, Relation, Window
from dyntables.compiler.plan.algebra.render import from_item, render
from dyntables.compiler.stages import PartitionStage


def fresh(stage: PartitionStage) -> str:
    """Return a SELECT of the whole storage from the new input."""
    columns = ", ".join(quote(c.id) for c in stage.stored)
    items = [columns, f"{row_hash(stage.stored)} AS {HASH}", *stage.key.hash_item()]
    return f"SELECT {', '.join(items)} FROM {from_item(stage.plan, 'w')}"


def apply_delta(stage: PartitionStage, delta: Plan, context: Context) -> Relation:
    """Add the statements that recompute the touched partitions; return the output delta."""
    keys = [quote(c.id) for c in stage.key.columns]
    items = [*keys, *stage.key.hash_item()]
    if keys:
        sql = f"SELECT {', '.join(items)} FROM {from_item(delta, 'd')} GROUP BY {', '.join(keys)}"
    else:
        sql = f"SELECT 1 AS one FROM {from_item(delta, 'd')} LIMIT 1"
    touched = context.temporary(sql, (), "partitions touched by the delta").name
    narrowed = Relation(f"({stage.key.restrict(stage.input, touched)})", stage.input.columns)
    new = render(_over(stage.plan, narrowed))
    names = ", ".join(quote(c.id) for c in stage.stored)
    stored = ", ".join(f"s.{quote(c.id)}" for c in stage.stored)
    difference = (
        f"SELECT {stored}, -1 AS {WEIGHT} FROM {stage.storage} s JOIN {touched} k ON {stage.key.match('s', 'k')} "
        f"UNION ALL SELECT {names}, 1 AS {WEIGHT} FROM ({new}) n"
        + ("" if keys else f" WHERE EXISTS (SELECT 1 FROM {touched})")
    )
    output = context.temporary(
        consolidate(f"({difference}) c", stage.stored), (*stage.stored, WEIGHT_COLUMN), "output delta of the partitions"
    )
    apply_bag(
        stage.storage,
        stage.stored,
        output.name,
        context,
        f"{stage.key.hash_sql()} AS {KEY}" if stage.key.hashed else None,
    )
    return output


def _over(plan: Plan, source: Relation) -> Plan:
    """Return the stage's plan with the window's input replaced."""
    if isinstance(plan, Window):
        return Window(source, plan.partition, plan.added, plan.calls)
    assert isinstance(plan, (Filter, Project))
    below = _over(plan.input, source)
    if isinstance(plan, Filter):
        return Filter(below, plan.predicates)
    return Project(below, plan.columns, plan.expressions)
