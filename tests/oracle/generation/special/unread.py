"""WITH queries that nothing reads, rows of VALUES in every place, and text that the parser reads otherwise.

What reads a source and is not read itself must not make a table be computed anew; what is not maintained is refreshed
in full, and right.
"""

from __future__ import annotations

from tests.oracle.generation.cases import cases
from tests.oracle.generation.expressions import column, condition, expression, literal, matching
from tests.oracle.generation.grammar import Grammar, Production, Query, select
from tests.oracle.generation.laboratory import Laboratory
from tests.oracle.generation.model import Field, Kind
from tests.oracle.generation.special.kind import Check, SpecialKind

# Over whole numbers, of which the parser reads some as something else than the server does.
_OTHERWISE = ("@ ({})", "|/ ({})::float8", "~ ({})", "({}) # 1", "- - ({})", "({}) IN (1::smallint, 2)", "({})::bit(8)")


def _unread(form: str) -> Production:
    """Return a query beside WITH queries that nothing reads; {q} is one, {m} what is read."""

    def build(g: Grammar, depth: int) -> Query:
        unread, main = g.query(max(depth - 1, 0)), g.query(depth - 1) if depth > 0 else g.bare(g.table())
        item = g.alias(f"({main.sql})", main.fields)
        inner = select(g.items(item.fields), item.sql)
        return Query(form.format(q=unread.sql, m=inner.sql), inner.fields)

    return build


def _unread_inside(g: Grammar, depth: int) -> Query:
    outer, inner = g.item(depth), g.item(depth - 1)
    unread = g.query(max(depth - 1, 0))
    test = matching(g.pick, outer.fields, inner.fields)
    word = g.pick.one(("EXISTS", "NOT EXISTS"))
    return select(
        g.items(outer.fields),
        f"{outer.sql} WHERE {word} (WITH nobody AS ({unread.sql}) SELECT 1 FROM {inner.sql} WHERE {test})",
    )


def _hidden(g: Grammar, depth: int) -> Query:
    """Return a WITH query that hides a table of its name, and another that is hidden by one further in."""
    table = g.pick.one(g.tables)
    item = g.alias(table.name, table.fields)
    inner = select(g.items(item.fields), item.sql)
    columns = ", ".join(f.sql for f in table.fields)
    return Query(
        f"WITH {table.name} AS (SELECT {columns} FROM {table.name}) SELECT * FROM (WITH {table.name} AS "
        f"(SELECT {columns} FROM {table.name} WHERE {table.fields[0].sql} IS NOT NULL) {inner.sql}) q",
        inner.fields,
    )


def _row(g: Grammar, kinds: list[Kind]) -> str:
    return ", ".join(literal(g.pick, kind) for kind in kinds)


def _only_values(g: Grammar, _: int) -> Query:
    kinds = [g.pick.one(list(Kind)) for _ in range(g.pick.number(1, 3))]
    rows = ", ".join(f"({_row(g, kinds)})" for _ in range(g.pick.number(1, 3)))
    item = g.alias(f"(VALUES {rows})", tuple(Field(f"column{n + 1}", kind) for n, kind in enumerate(kinds)))
    return select(list(item.fields), item.sql)


def _values_of_columns(g: Grammar, depth: int) -> Query:
    """Return columns as rows."""
    item = g.item(depth)
    kind = g.pick.one(item.fields).kind
    rows = ", ".join(f"({expression(g.pick, item.fields, kind)}, {number})" for number in range(g.pick.number(1, 3)))
    fields = [*g.items(item.fields), Field("v.x", kind), Field("v.n", Kind.INTEGER)]
    return select(fields, f"{item.sql}, LATERAL (VALUES {rows}) v(x, n)")


def _values_in(g: Grammar, depth: int) -> Query:
    item = g.item(depth)
    chosen = g.pick.one(item.fields)
    rows = ", ".join(f"({literal(g.pick, chosen.kind)})" for _ in range(2))
    word = g.pick.one(("IN", "NOT IN", "= ANY", "<> ALL"))
    return select(g.items(item.fields), f"{item.sql} WHERE {chosen.sql} {word} (VALUES {rows})")


def _values_with(g: Grammar, depth: int) -> Query:
    """Return a WITH query of rows, which is read twice."""
    item = g.item(depth)
    chosen = g.pick.one(item.fields)
    rows = ", ".join(f"({literal(g.pick, chosen.kind)}, {n})" for n in range(g.pick.number(1, 3)))
    fields = (*item.fields, Field("v.n", Kind.INTEGER))
    test = f"EXISTS (SELECT FROM listed w WHERE w.a IS DISTINCT FROM {chosen.sql})"
    inner = select(g.items(fields), f"{item.sql} LEFT JOIN listed v ON v.a = {chosen.sql} WHERE {test}")
    return Query(f"WITH listed(a, n) AS (VALUES {rows}) {inner.sql}", inner.fields)


def _values_asking(rows: int) -> Production:
    """Return rows of VALUES with subqueries in them."""

    def build(g: Grammar, depth: int) -> Query:
        inner = g.item(depth - 1)
        kind = g.pick.one(inner.fields).kind
        value = f"(SELECT {column(g.pick, inner.fields, kind)} FROM {inner.sql} ORDER BY 1 LIMIT 1)"
        test = f"EXISTS (SELECT FROM {inner.sql} WHERE {condition(g.pick, inner.fields)})"
        listed = ", ".join(f"({value}, {test}, {n})" for n in range(rows))
        # One row needs no order.
        limit = g.pick.one(("", "", " OFFSET 1", " LIMIT 1", " LIMIT 0")) if rows == 1 else ""
        g.uses |= {"limited_values"} if limit else set()
        name = g.alias("", ()).sql.strip()
        fields = Field("a", kind), Field("b", Kind.BOOLEAN)
        inner = select(list(fields), name)
        return Query(f"WITH {name}(a, b) AS (VALUES {listed}{limit}) {inner.sql}", inner.fields)

    return build


def _read_otherwise(g: Grammar, depth: int) -> Query:
    item = g.item(depth)
    text = g.pick.one(_OTHERWISE).format(column(g.pick, item.fields, Kind.INTEGER))
    return select([*g.items(item.fields), Field(f"({text})::text", Kind.TEXT)], item.sql)


def _unread_otherwise(g: Grammar, depth: int) -> Query:
    """Return a query beside an unread one that the parser reads otherwise."""
    unread, main = _read_otherwise(g, 0), g.bare(g.item(depth))
    return Query(f"WITH nobody AS ({unread.sql}) {main.sql}", main.fields)


MAINTAINED: dict[str, Production] = {
    "unread_one": _unread("WITH nobody AS ({q}) {m}"),
    "unread_chain": _unread("WITH nobody AS ({q}), also AS (SELECT * FROM nobody), more AS (TABLE also) {m}"),
    "unread_kept": _unread("WITH nobody AS MATERIALIZED ({q}), also AS NOT MATERIALIZED (SELECT 1) {m}"),
    "unread_union": _unread("SELECT * FROM (WITH nobody AS ({q}) {m}) x UNION ALL ({m})"),
    "unread_inside": _unread_inside,
    "hidden": _hidden,
    "only_values": _only_values,
    "values_of_columns": _values_of_columns,
    "values_in": _values_in,
    "values_with": _values_with,
    "values_asking": _values_asking(1),
    "values_asking_more": _values_asking(2),
}
# And "limited_values", a form of "values_asking".
IN_FULL: dict[str, Production] = {
    "read_otherwise": _read_otherwise,
    "unread_otherwise": _unread_otherwise,
}


def _check(laboratory: Laboratory) -> Check:
    laboratory.maintained |= MAINTAINED.keys() | {"unread"}
    return laboratory.check


KIND = SpecialKind("unread", lambda _: cases("unread", MAINTAINED | IN_FULL), _check)
