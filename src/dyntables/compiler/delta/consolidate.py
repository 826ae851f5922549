"""Sum the weights of identical rows and drop those that cancel.

Rows are identical if they print the same: 1.0 and 1.00 are equal and stay apart, so that an update from one to the
other is not lost.
"""

from __future__ import annotations

from dyntables.compiler.names import WEIGHT, quote
from dyntables.compiler.plan.nodes import Column, SqlType


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
            image = _image(name, type_)
            # An array of arrays has another type.
            value = f"min({image})::{type_.name}" if type_.array else f"(array_agg({name}))[1]"
            items.append(f"{value} AS {name}")
            keys.append(image)
    group = f" GROUP BY {', '.join(keys)}" if keys else ""
    items += more
    items.append(f"sum({WEIGHT})::integer AS {WEIGHT}")
    return f"SELECT {', '.join(items)} FROM {source}{group} HAVING sum({WEIGHT}) <> 0"


def _image(name: str, type_: SqlType) -> str:
    """Return what a value prints; texts may be equal under their own collation and differ."""
    # A cast to text takes the blanks from the end of bpchar, and of domains over it; what one of the user's own leaves
    # out is not known.
    blanks = not type_.array and (type_.base == "bpchar" or "." in type_.name)
    return f'{f"ROW({name})" if blanks else name}::text COLLATE "C"'
