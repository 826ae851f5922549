"""The hash of a key: equal keys, NULLs included, have the same one."""

from __future__ import annotations

from collections.abc import Iterable

from dyntables.compiler.names import quote
from dyntables.compiler.plan.algebra.nodes import Column


def key_hash(columns: Iterable[Column], alias: str = "") -> str | None:
    """Return the hash of columns in scope, which may be told apart by an alias; None if none of them can be hashed.

    Few types are compared and cannot be hashed, such as ``tsvector``: their text is where equal values print the same,
    and the others do without. What money prints depends on the session, the bytes that it is sent as do not.
    """
    prefix = f"{alias}." if alias else ""
    items = [i for c in columns if (i := _hashed(c, prefix + quote(c.id))) is not None]
    return f"hash_record_extended(ROW({', '.join(items)}), 0)" if items else None


def _hashed(column: Column, name: str) -> str | None:
    if column.type.hashable:
        return name
    if column.type.name == "money":
        return f"cash_send({name})"
    return f"{name}::text" if column.type.image_equal and "money" not in column.type.name else None
