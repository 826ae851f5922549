"""Calls of functions, with what may stand around them: DISTINCT, WITHIN GROUP, OVER."""

from __future__ import annotations

import difflib
from typing import Protocol

from sqlglot import exp

from dyntables.compiler.dialects.snowflake.functions import FUNCTIONS
from dyntables.compiler.dialects.snowflake.functions.entry import Call, Entry, Kind, Writing

SCHEMA = "dyntables_snowflake"
_ORDERED = {"LISTAGG", "ARRAY_AGG", "PERCENTILE_CONT", "PERCENTILE_DISC"}
_MAY_BE_EMPTY = {"COUNT", "ARRAY_CONSTRUCT", "OBJECT_CONSTRUCT"}
_DISTINCT = {"COUNT", "LISTAGG", "ARRAY_AGG"}
_WHOLE_PARTITION = {"FIRST_VALUE", "LAST_VALUE", "NTH_VALUE"}


class Callers(Writing, Protocol):
    """What the writer of calls needs of the writer of expressions."""

    def ordered(self, node: exp.Expr) -> str:
        """Return a sort key."""
        ...


def entry_of(node: exp.Expr) -> Entry | None:
    """Return the table's row for a call, seen through what stands around it."""
    while isinstance(node, (exp.Window, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls, exp.Filter)):
        node = node.this
    return FUNCTIONS.get(str(node.this).upper()) if isinstance(node, exp.Anonymous) else None


def call(writer: Callers, node: exp.Expr, over_clause: str = "") -> str:
    """Return a call in PostgreSQL's SQL."""
    order = ""
    while not isinstance(node, exp.Anonymous):
        if isinstance(node, exp.WithinGroup):
            order = f" ORDER BY {', '.join(writer.ordered(o) for o in node.expression.expressions)}"
        elif isinstance(node, exp.IgnoreNulls):
            raise writer.refuse(node, "IGNORE NULLS", "PostgreSQL has it not", "Filter the rows before.")
        elif isinstance(node, exp.Filter):
            raise writer.refuse(node, "FILTER", "Snowflake has no such clause", "Use COUNT_IF or CASE.")
        elif not isinstance(node, exp.RespectNulls):
            raise writer.refuse(node, node.key.upper(), "it has no counterpart that is known")
        node = node.this
    name = str(node.this).upper()
    entry = FUNCTIONS.get(name)
    if entry is None:
        raise _unknown(writer, node, name)
    if entry.refused:
        raise writer.refuse(node, name, entry.refused, entry.hint)
    if over_clause and entry.kind is Kind.SCALAR:
        raise writer.refuse(node, f"{name} … OVER", "it is not a window function")
    if entry.kind is Kind.WINDOW and not over_clause:
        raise writer.refuse(node, name, "it needs OVER (…)")
    return _write(writer, entry, _call(writer, node, name, order, over_clause))


def _call(writer: Callers, node: exp.Anonymous, name: str, order: str, over_clause: str) -> Call:
    args = list(node.expressions)
    distinct = len(args) == 1 and isinstance(args[0], exp.Distinct)
    if distinct:
        args = list(args[0].expressions)
    for arg in args:
        if isinstance(arg, (exp.IgnoreNulls, exp.RespectNulls)):
            raise writer.refuse(node, "IGNORE NULLS", "PostgreSQL has it not", "Filter the rows before.")
        if isinstance(arg, exp.Kwarg):
            raise writer.refuse(node, f"{name} with named arguments", "only FLATTEN has them")
    return Call(node, name, args, distinct, order, over_clause)


def _write(writer: Callers, entry: Entry, found: Call) -> str:
    _check_call(writer, entry, found)
    if entry.write is not None:
        return entry.write(writer, found)
    template = entry.template(len(found.args))
    if template is None:
        raise writer.refuse(found.node, f"{found.name} with {len(found.args)} arguments", "it is not carried over")
    for given, clause, mark in (
        (found.distinct, "(DISTINCT …)", "{distinct}"),
        (found.order, "WITHIN GROUP", "{order}"),
    ):
        if given and mark not in template:
            raise writer.refuse(found.node, f"{found.name} {clause}", "it has no counterpart")
    args = [writer.expression(a) for a in found.args]
    return template.format(
        *args,
        all=", ".join(args),
        sf=SCHEMA,
        distinct="DISTINCT " if found.distinct else "",
        order=found.order,
        over=found.over,
    )


def _check_call(writer: Callers, entry: Entry, found: Call) -> None:
    if found.over and (entry.name in _ORDERED or any("ORDER BY" in t for t in entry.templates)):
        raise writer.refuse(
            found.node, f"{found.name} … OVER", "PostgreSQL orders aggregates only in groups", "Join with a GROUP BY."
        )
    if entry.kind is Kind.SCALAR and "coalesce" in "".join(entry.templates) + found.name.lower():
        _check_variants(writer, found)
    if entry.write is not None and not found.args and found.name not in _MAY_BE_EMPTY:
        raise writer.refuse(found.node, found.name, "it needs arguments")
    if entry.write is not None and found.distinct and found.name not in _DISTINCT:
        raise writer.refuse(found.node, f"{found.name} (DISTINCT …)", "it has no counterpart")
    if entry.write is not None and found.order and found.name not in _ORDERED:
        raise writer.refuse(found.node, f"{found.name} WITHIN GROUP", "it has no counterpart")


def _check_variants(writer: Callers, found: Call) -> None:
    """Refuse to choose between a VARIANT and text, which would be read as JSON."""
    texts = any(isinstance(a, exp.Literal) and a.is_string for a in found.args)
    if texts and any(isinstance(a.unnest(), (exp.JSONExtract, exp.Bracket)) for a in found.args):
        raise writer.refuse(found.node, f"{found.name} of a VARIANT and text", "they differ", "Cast the VARIANT.")


def window(writer: Callers, node: exp.Window) -> str:
    """Return a call with OVER."""
    entry = entry_of(node)
    return call(writer, node.this, over(writer, node, entry.name if entry is not None else ""))


def over(writer: Callers, node: exp.Window, name: str) -> str:
    """Return an OVER clause; some functions see the whole partition where PostgreSQL's see it up to the present row."""
    parts = []
    partition = node.args.get("partition_by") or []
    if partition:
        parts.append(f"PARTITION BY {', '.join(writer.expression(p) for p in partition)}")
    order = node.args.get("order")
    if order is not None:
        parts.append(f"ORDER BY {', '.join(writer.ordered(o) for o in order.expressions)}")
    spec = node.args.get("spec")
    if spec is not None:
        parts.append(_frame(writer, spec))
    elif name in _WHOLE_PARTITION:
        parts.append("ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING")
    return f" OVER ({' '.join(parts)})"


def _frame(writer: Callers, spec: exp.Expr) -> str:
    def bound(which: str) -> str:
        value = spec.args.get(which)
        if value is None:
            return "CURRENT ROW"
        side = spec.args.get(f"{which}_side") or ""
        if isinstance(value, exp.Interval):
            amount, unit = value.this.name, value.args.get("unit")
            written = f"interval '{amount}{f' {unit.name}' if unit is not None else ''}'"
        else:
            written = value if isinstance(value, str) else writer.expression(value)
        return f"{written} {side}".strip().upper() if isinstance(value, str) else f"{written} {side.upper()}"

    return f"{str(spec.args.get('kind')).upper()} BETWEEN {bound('start')} AND {bound('end')}"


def _unknown(writer: Callers, node: exp.Expr, name: str) -> Exception:
    close = difflib.get_close_matches(name, [n for n, e in FUNCTIONS.items() if not e.refused], 1, 0.75)
    hint = f"Did you mean {close[0]}?" if close else "docs/snowflake-dialect.md lists the functions that are."
    return writer.refuse(node, f"function {name}", "it is not in the table of functions", hint)
