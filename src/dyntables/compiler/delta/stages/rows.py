"""The top of a plan without a stateful operator: a bag of rows, applied by count.

Law: contents_new = contents + delta. A delta row of weight −n deletes n of the identical rows, one of weight +n
inserts n. Identical rows are found by an index on the hash of their image and compared by image.
State: the hash of each row. Cost: the delta.
"""

from __future__ import annotations

from dyntables.compiler.delta.consolidate import consolidate
from dyntables.compiler.delta.context import WEIGHT_COLUMN, Context, Purpose
from dyntables.compiler.delta.keys import row_hash, same_image
from dyntables.compiler.names import HASH, WEIGHT, quote
from dyntables.compiler.plan.algebra.nodes import Column, Plan, Relation
from dyntables.compiler.plan.algebra.render import from_item
from dyntables.compiler.stages import RowsStage


def fresh(stage: RowsStage) -> str:
    """Return a SELECT of the whole storage from the new input."""
    columns = ", ".join(quote(c.id) for c in stage.outputs)
    return f"SELECT {columns}, {row_hash(stage.outputs)} AS {HASH} FROM {from_item(stage.plan, 'r')}"


def apply_delta(stage: RowsStage, delta: Plan, context: Context) -> Relation:
    """Add the statements that apply a delta; return the output delta."""
    sql = consolidate(from_item(delta, "d"), stage.outputs)
    output = context.temporary(sql, (*stage.outputs, WEIGHT_COLUMN), "output delta, consolidated")
    apply_bag(stage.storage, stage.outputs, output.name, context)
    return output


def apply_bag(storage: str, columns: tuple[Column, ...], delta: str, context: Context, key: str | None = None) -> None:
    """Apply a consolidated delta to a bag; ``key`` is the select item of a further hidden column, if it has one."""
    names = ", ".join(quote(c.id) for c in columns)
    deleted = f"SELECT *, {row_hash(columns)} AS {HASH}, row_number() OVER () AS n FROM {delta} WHERE {WEIGHT} < 0"
    found = (
        f"SELECT s.ctid AS id, d.{WEIGHT} AS w, row_number() OVER (PARTITION BY d.n) AS i FROM ({deleted}) d "
        f"JOIN {storage} s ON s.{HASH} = d.{HASH} AND {same_image('s', 'd', columns)}"
    )
    context.run(
        Purpose.DELETE,
        f"DELETE FROM {storage} WHERE ctid = ANY (ARRAY(SELECT id FROM ({found}) f WHERE i <= - w))",
        "delete rows",
        expected=f"SELECT coalesce(sum(- {WEIGHT}), 0) FROM {delta} WHERE {WEIGHT} < 0",
    )
    extra = f", {key}" if key else ""
    into = f", {key.rsplit(' AS ', 1)[1]}" if key else ""
    context.run(
        Purpose.INSERT,
        f"INSERT INTO {storage} ({names}, {HASH}{into}) SELECT {names}, {row_hash(columns)}{extra} "
        f"FROM {delta} d, generate_series(1, d.{WEIGHT}) WHERE d.{WEIGHT} > 0",
        "insert rows",
    )
