"""LATERAL FLATTEN (input => …) → a lateral call of our function over jsonb."""

from __future__ import annotations

from sqlglot import exp

from dyntables.compiler.dialects.snowflake.functions.entry import Writing
from dyntables.compiler.dialects.snowflake.functions.json import path_steps
from dyntables.compiler.dialects.snowflake.read import fold
from dyntables.compiler.names import quote

_COLUMNS = "key, index, value, this"


def flatten_call(item: exp.Expr) -> exp.Anonymous | None:
    """Return the call of FLATTEN in ``LATERAL FLATTEN(…)`` or ``TABLE(FLATTEN(…))``."""
    inner = item.this
    if isinstance(item, exp.Table) and isinstance(inner, exp.Anonymous) and str(inner.this).upper() == "TABLE":
        inner = inner.expressions[0] if len(inner.expressions) == 1 else inner
    if isinstance(inner, exp.Anonymous) and str(inner.this).upper() == "FLATTEN":
        return inner
    return None


def flatten_alias(item: exp.Expr, number: int) -> str:
    """Return the alias of a FLATTEN, or one for it."""
    alias = item.args.get("alias")
    if alias is not None and alias.this is not None:
        return fold(alias.this)
    return f"dt_flatten_{number}"


def flattened(writer: Writing, item: exp.Expr, alias: str) -> tuple[str, bool]:
    """Return the FROM item, and whether it is an outer one."""
    called = flatten_call(item)
    assert called is not None
    given: dict[str, exp.Expr] = {}
    for arg in called.expressions:
        name, value = (arg.this.name.lower(), arg.expression) if isinstance(arg, exp.Kwarg) else ("input", arg)
        if name not in ("input", "path", "outer", "mode", "recursive") or name in given:
            raise writer.refuse(called, f"FLATTEN argument {name.upper()}", "it is not known, or given twice")
        given[name] = value
    if "input" not in given:
        raise writer.refuse(called, "FLATTEN", "it needs INPUT => …")
    if _flag(writer, called, given.get("recursive")):
        raise writer.refuse(called, "FLATTEN (RECURSIVE => TRUE)", "only one level is opened", "Write one for each.")
    source = writer.expression(given["input"])
    path, mode = (_constant(writer, called, given.get(n)) for n in ("path", "mode"))
    if path:
        source = f"({source}{path_steps(writer, called, path, 'FLATTEN')})"
    mode = (mode or "BOTH").upper()
    if mode not in ("BOTH", "OBJECT", "ARRAY"):
        raise writer.refuse(called, f"FLATTEN mode {mode}", "it is OBJECT, ARRAY or BOTH")
    call = f"LATERAL dyntables_snowflake.flatten({source}, '{mode}') AS {quote(alias)} ({_COLUMNS})"
    return call, _flag(writer, called, given.get("outer"))


def _flag(writer: Writing, called: exp.Expr, value: exp.Expr | None) -> bool:
    if value is None:
        return False
    if not isinstance(value, exp.Boolean):
        raise writer.refuse(called, "FLATTEN", "OUTER and RECURSIVE are TRUE or FALSE")
    return bool(value.this)


def _constant(writer: Writing, called: exp.Expr, value: exp.Expr | None) -> str | None:
    if value is None:
        return None
    if not (isinstance(value, exp.Literal) and value.is_string):
        raise writer.refuse(called, "FLATTEN", "PATH and MODE must be constants")
    return value.name
