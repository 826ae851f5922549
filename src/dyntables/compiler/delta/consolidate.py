"""Sum the weights of identical rows and drop those that cancel.

Rows are identical if they print the same: 1.0 and 1.00 are equal and stay apart, so that an update from one to the
other is not lost.
"""

from __future__ import annotations

from dyntables.compiler.names import WEIGHT, quote
from dyntables.compiler.plan.algebra.images import image
from dyntables.compiler.plan.algebra.nodes import Column


def consolidate(source: str, columns: tuple[Column, ...], *more: str) -> str:
    """Return a SELECT of the columns, further aggregates and the summed weight over FROM item ``source``."""
    items, keys = [], []
    for column in columns:
        name, type_ = quote(column.id), column.type
        # Of the types that only sort and those that only hash, GROUP BY takes one kind at a time.
        if type_.groupable and type_.image_equal and type_.hashable:
            items.append(name)
            keys.append(name)
        else:
            printed = image(name, type_)
            # An array of arrays has another type.
            value = f"min({printed})::{type_.name}" if type_.array else f"(array_agg({name}))[1]"
            items.append(f"{value} AS {name}")
            keys.append(printed)
    group = f" GROUP BY {', '.join(keys)}" if keys else ""
    items += more
    items.append(f"sum({WEIGHT})::integer AS {WEIGHT}")
    return f"SELECT {', '.join(items)} FROM {source}{group} HAVING sum({WEIGHT}) <> 0"
