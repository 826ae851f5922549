"""PostgreSQL's types as the compiler needs to know them."""

from __future__ import annotations

from dyntables.compiler.plan.nodes import SqlType

_IMAGE_EQUAL = {
    "boolean", "smallint", "integer", "bigint", "oid", "text", "character varying", "name", "date", "uuid", "bytea",
    "time without time zone", "timestamp without time zone", "timestamp with time zone", '"char"', "xid8",
}  # fmt: skip
_NOT_GROUPABLE = {
    "json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle", "cid", "aclitem", "refcursor",
    "jsonpath", "pg_snapshot", "txid_snapshot", "unknown",
}  # fmt: skip
_SHORT = {"numeric", "interval", "uuid", "inet", "cidr", "bit", "money"}
_LONGEST_KEY = 600


def sql_type(name: str, *, kind: str = "b", deterministic: bool = True) -> SqlType:
    """Classify a type by the server's name for it (``format_type``); ``kind`` is ``pg_type.typtype``."""
    base = name.split("(")[0].strip()
    if "time zone" in name:
        base = name.replace(name[name.find("(") : name.find(")") + 1], "") if "(" in name else name
        base = " ".join(base.split())
    element = base.removesuffix("[]")
    fixed = base == "numeric" and "," in name
    padded = base == "character" and "(" in name
    image_equal = kind == "e" or (deterministic and (base in _IMAGE_EQUAL or fixed or padded))
    return SqlType(name, image_equal, element not in _NOT_GROUPABLE, _unbounded(base, name, kind))


def _unbounded(base: str, name: str, kind: str) -> bool:
    if kind == "e" or base in _SHORT or base in _IMAGE_EQUAL - {"text", "bytea", "character varying"}:
        return False
    if base in ("character varying", "character") and "(" in name:
        return int(name[name.index("(") + 1 : name.index(")")]) > _LONGEST_KEY
    return base not in ("real", "double precision", "time with time zone")
