"""Odd shapes of queries: aggregates of the query around, keys of it, no columns, no FROM, more columns than names.

Names are odd as well: those of our own columns and variables, of system columns, two of one name.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from tests.oracle.generation.cases import cases
from tests.oracle.generation.expressions import column, condition, expression, matching
from tests.oracle.generation.grammar import Grammar, Item, Production, Query, aggregate_call, select
from tests.oracle.generation.laboratory import Laboratory
from tests.oracle.generation.model import Case, Field, Kind, Pick
from tests.oracle.generation.special.kind import Check, SpecialKind

NAMES = (
    "found", "new", "old", "tg_op", "item", "__dt_weight", "__dt_count", "__dt_key", "__dt_n0", "__dt_rows",
    "__dt_hash", "xmin", "ctid", "tableoid", "s", "m", "g", "n", "d", "id_1", '"select"', '"Mixed Case"', '"a""b"',
    '"%s"', "row", "excluded",
)  # fmt: skip
_COUNT = Field("count(*)::integer", Kind.INTEGER)


def _whole(pick: Pick, outer: Item, chosen: Field) -> str:
    """Return an aggregate over the rows of the outer query, a whole number."""
    return pick.one((
        f"count({chosen.sql})::integer",
        f"count(DISTINCT {chosen.sql})::integer",
        f"(count(*) FILTER (WHERE {condition(pick, outer.fields, 0)} AND {chosen.sql} IS NOT NULL))::integer",
        f"max(length({chosen.sql}::text))",
    ))  # fmt: skip


def _outer_aggregate(form: str) -> Production:
    """Return a grouped query with a subquery that has an aggregate {a} of it, over {i}, with the number {n} there."""

    def build(g: Grammar, depth: int) -> Query:
        outer, inner = g.item(depth), g.item(depth - 1)
        key = g.pick.one(outer.fields)
        number = expression(g.pick, inner.fields, Kind.INTEGER)
        value = form.format(
            a=_whole(g.pick, outer, g.pick.one(outer.fields)), i=inner.sql, n=number, k=key.sql,
            own=f"count({column(g.pick, inner.fields, Kind.INTEGER)})",
        )  # fmt: skip
        if value.startswith("HAVING"):
            return select([key, _COUNT], f"{outer.sql} GROUP BY 1 {value}")
        items = [key, Field(f"({value})::text", Kind.TEXT)]
        return select(items[g.pick.number(0, 1) :], f"{outer.sql} GROUP BY {key.sql}")

    return build


def _grouped_by_outer(g: Grammar, depth: int) -> Query:
    outer, inner = g.item(depth), g.item(depth - 1)
    key, own = expression(g.pick, outer.fields, Kind.TEXT), g.pick.one(inner.fields)
    test = matching(g.pick, outer.fields, inner.fields)
    match g.pick.number(0, 2):
        case 0:
            value = f"(SELECT count(*) FROM {inner.sql} WHERE {test} GROUP BY {key})::integer"
            return select([*g.items(outer.fields), Field(value, Kind.INTEGER)], outer.sql)
        case 1:
            test = f"{test} GROUP BY {key}, {own.sql} HAVING count(*) > 1"
            return select(
                g.items(outer.fields), f"{outer.sql} WHERE EXISTS (SELECT count(*) FROM {inner.sql} WHERE {test})"
            )
        case _:
            items = f"{own.sql} AS a, {key} AS b, count(*)::integer AS n"
            lateral = f"SELECT {items} FROM {inner.sql} WHERE {test} GROUP BY 1, 2"
            fields = Field("l.a", own.kind), Field("l.b", Kind.TEXT), Field("l.n", Kind.INTEGER)
            return select([*g.items(outer.fields), *fields], f"{outer.sql}, LATERAL ({lateral}) l")


def _nothing(g: Grammar, depth: int) -> str:
    """Return a query without columns."""
    item, other = g.item(depth), g.item(depth - 1)
    bare = f"SELECT FROM {item.sql} WHERE {condition(g.pick, item.fields)}"
    order = ", ".join(f.sql for f in item.fields)
    return g.pick.one((
        bare,
        f"SELECT FROM {item.sql}",
        f"{bare} ORDER BY {order} LIMIT 2",
        f"({bare}) {g.pick.one(('UNION ALL', 'UNION', 'EXCEPT', 'EXCEPT ALL', 'INTERSECT ALL'))} SELECT FROM "
        f"{other.sql}",
        f"SELECT FROM {item.sql} FULL JOIN {other.sql} ON {matching(g.pick, item.fields, other.fields)}",
        f"SELECT FROM {item.sql} HAVING count(*) > 2",
        f"SELECT FROM {item.sql} GROUP BY {item.fields[0].sql}",
        f"SELECT WHERE EXISTS ({bare})",
    ))  # fmt: skip


def _without_columns(g: Grammar, depth: int) -> Query:
    none = _nothing(g, depth)
    item = g.table()
    match g.pick.number(0, 3):
        case 0:
            return select([_COUNT], f"({none}) q")
        case 1:
            return select(list(item.fields), f"{item.sql}, ({none}) q")
        case 2:
            return select(list(item.fields), f"{item.sql} LEFT JOIN ({none}) q ON {condition(g.pick, item.fields)}")
        case _:
            return select(list(item.fields), f"{item.sql} WHERE EXISTS ({none})")


def _without_from(g: Grammar, depth: int) -> Query:
    inner = g.item(depth - 1)
    kind = g.pick.one(inner.fields).kind
    found, value = column(g.pick, inner.fields, kind), f"{column(g.pick, (), kind)}"
    test = condition(g.pick, inner.fields)
    asked = [
        f"EXISTS (SELECT FROM {inner.sql} WHERE {test})",
        f"NOT EXISTS (SELECT {found} FROM {inner.sql} WHERE {test})",
        f"{value} {g.pick.one(('IN', 'NOT IN', '= ANY', '<> ALL', '< ANY', '>= ALL'))} (SELECT {found} FROM "
        f"{inner.sql})",
        f"(SELECT count(*) FROM {inner.sql} WHERE {test}) > 1",
    ]
    items = [Field(f"({a})", Kind.BOOLEAN) for a in g.pick.some(asked, 3)]
    listed = ", ".join(f"{f.sql} AS c{n}" for n, f in enumerate(items))
    fields = tuple(Field(f"c{n}", Kind.BOOLEAN) for n in range(len(items)))
    where = f" WHERE {g.pick.one(asked)}" if g.pick.chance(50) else ""
    first = f"SELECT {listed}{where}"
    if g.pick.chance(40):
        row = ", ".join(g.pick.one(asked) for _ in items)
        return Query(f"{first} UNION ALL SELECT {row}", fields)
    return Query(first, fields)


def _beside_no_from(g: Grammar, depth: int) -> Query:
    """Return a row without FROM beside a table: padded, or asked for each row."""
    one, item = _without_from(g, depth), g.table()
    fields = [*item.fields, *(Field(f"o.{f.sql}", f.kind) for f in one.fields)]
    if g.pick.chance(50):
        return select(fields, f"{item.sql} LEFT JOIN ({one.sql}) o ON {condition(g.pick, item.fields)}")
    inner = g.table()
    test = matching(g.pick, item.fields, inner.fields)
    fields = [*item.fields, Field("l.e", Kind.BOOLEAN)]
    return select(fields, f"{item.sql}, LATERAL (SELECT EXISTS (SELECT FROM {inner.sql} WHERE {test}) AS e) l")


def _fewer_names(g: Grammar, depth: int) -> Query:
    query = g.query(depth - 1) if depth > 0 else g.bare(g.table())
    if len(query.fields) < 2:
        query = g.bare(g.table())  # one name for one column is not fewer
    names = ["first", "second"][: min(g.pick.number(1, 2), max(1, len(query.fields) - 1))]
    rest = [f.sql for f in query.fields[len(names) :]]
    fields = tuple(Field(f"q.{n}", f.kind) for n, f in zip([*names, *rest], query.fields, strict=True))
    listed = ", ".join(names)
    inner = select(g.items(fields), f"({query.sql}) q({listed})")
    if g.pick.chance(70):
        named = select(g.items(fields), "q")
        return Query(f"WITH q({listed}) AS ({query.sql}) {named.sql}", named.fields)
    return inner


def _odd_names(g: Grammar, depth: int) -> Query:
    item = g.item(depth)
    chosen = g.pick.some(item.fields, 3)
    names = g.pick.some(NAMES, 5)
    table, *columns = names if len(names) > 1 else [names[0], "x"]
    given = list(zip(chosen, columns, strict=False))
    inner = ", ".join(f"{f.sql} AS {n}" for f, n in given)
    fields = tuple(Field(f"{table}.{n}", f.kind) for f, n in given)
    source = f"(SELECT {inner} FROM {item.sql}) {table}"
    if g.pick.chance(40):
        return select([*fields, _COUNT], f"{source} GROUP BY {', '.join(f.sql for f in fields)}")
    return select([*g.items(fields), aggregate_window(fields)], source)


def aggregate_window(fields: tuple[Field, ...]) -> Field:
    """Return a number for each row that does not depend on how rows tie."""
    return Field(f"(count(*) OVER (PARTITION BY {fields[0].sql}))::integer", Kind.INTEGER)


def _same_names(g: Grammar, depth: int) -> Query:
    item = g.item(depth)
    chosen = g.pick.some(item.fields, 3)
    twice = ", ".join(f"{f.sql} AS x" for f in (*chosen, chosen[0]))
    fields = tuple(Field(f"q.n{n}", f.kind) for n, f in enumerate((*chosen, chosen[0])))
    listed = ", ".join(f.sql.partition(".")[2] for f in fields)
    calls = [aggregate_call(g, fields)] if g.pick.chance(30) else []
    source = f"(SELECT {twice} FROM {item.sql}) q({listed})"
    if calls:
        return select(calls, source)
    return select(g.items(fields), source)


PRODUCTIONS: dict[str, Production] = {
    "outer_aggregate_in_where": _outer_aggregate("SELECT count(*) FROM {i} WHERE {n} > {a}"),
    "outer_aggregate_beside": _outer_aggregate("SELECT {own} + {a} FROM {i}"),
    "outer_aggregate_alone": _outer_aggregate("SELECT {a}"),
    "outer_aggregate_in": _outer_aggregate("{a} IN (SELECT {n} FROM {i})"),
    "outer_aggregate_having": _outer_aggregate("HAVING EXISTS (SELECT FROM {i} WHERE {n} >= {a})"),
    "outer_aggregate_deep": _outer_aggregate(
        "SELECT count(*) FROM {i} WHERE EXISTS (SELECT FROM (SELECT 1 AS one) z WHERE one <= {a} AND {n} > 0)"
    ),
    "grouped_by_outer": _grouped_by_outer,
    "without_columns": _without_columns,
    "without_from": _without_from,
    "beside_no_from": _beside_no_from,
    "fewer_names": _fewer_names,
    "odd_names": _odd_names,
    "same_names": _same_names,
}


@st.composite
def shape_cases(draw: st.DrawFn) -> Case:
    """Draw a case; at the top there may be no columns, or two of one name in a list of others."""
    pick = Pick(draw)
    case = draw(cases("shapes", PRODUCTIONS))
    *others, last = case.definitions
    match pick.number(0, 4):
        case 3:
            last = replace(last, query=f"SELECT FROM ({last.query}) q")
        case 4:
            last = replace(last, query=f"SELECT c0 AS x, q.c0 AS x FROM ({last.query}) q", columns=("a", '"B c"'))
    return replace(case, definitions=(*others, last))


def _check(laboratory: Laboratory) -> Check:
    laboratory.maintained |= PRODUCTIONS.keys() | {"shapes"}
    return laboratory.check


KIND = SpecialKind("shapes", lambda _: shape_cases(), _check)
