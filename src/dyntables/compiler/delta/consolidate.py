"""Sum the weights of identical rows and drop those that cancel.

Rows are identical if they print the same: 1.0 and 1.00 are equal and stay apart, so that an update from one to the
other is not lost.
"""

from __future__ import annotations

from dyntables.compiler.names import WEIGHT, quote
from dyntables.compiler.plan.nodes import Column


def consolidate(source: str, columns: tuple[Column, ...], *more: str) -> str:
    """Return a SELECT of the columns, further aggregates and the summed weight over FROM item ``source``."""
    items, keys = [], []
    for column in columns:
        name = quote(column.id)
        if column.type.groupable and column.type.image_equal:
            items.append(name)
            keys.append(name)
        else:
            # Texts may be equal under their own collation and differ. An array of arrays has another type.
            image = f'{name}::text COLLATE "C"'
            value = f"min({image})::{column.type.name}" if column.type.array else f"(array_agg({name}))[1]"
            items.append(f"{value} AS {name}")
            keys.append(image)
    group = f" GROUP BY {', '.join(keys)}" if keys else ""
    items += more
    items.append(f"sum({WEIGHT})::integer AS {WEIGHT}")
    return f"SELECT {', '.join(items)} FROM {source}{group} HAVING sum({WEIGHT}) <> 0"
