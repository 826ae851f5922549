"""Subqueries where they stand less often: in ON of outer joins, in keys, without tables, in arrays."""

from __future__ import annotations

from tests.oracle.generation.cases import cases
from tests.oracle.generation.expressions import column, condition, expression, literal, matching
from tests.oracle.generation.grammar import Grammar, Item, Production, Query, aggregate_call, select
from tests.oracle.generation.laboratory import Laboratory
from tests.oracle.generation.model import Field, Kind
from tests.oracle.generation.special.kind import Check, SpecialKind


def _question(g: Grammar, around: tuple[Field, ...], depth: int) -> str:
    """Return a condition that asks a subquery about columns around it."""
    inner = g.item(depth - 1)
    tests = [matching(g.pick, around, inner.fields)] if g.pick.chance(70) else []
    if g.pick.chance(50):
        tests.append(condition(g.pick, (*around, *inner.fields)))
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    probe = g.pick.one(around)
    found = column(g.pick, inner.fields, probe.kind)
    return g.pick.one(
        (
            f"EXISTS (SELECT 1 FROM {inner.sql}{where})",
            f"NOT EXISTS (SELECT 1 FROM {inner.sql}{where})",
            f"{probe.sql} IN (SELECT {found} FROM {inner.sql}{where})",
            f"{probe.sql} <> ALL (SELECT {found} FROM {inner.sql}{where})",
            f"{probe.sql} <= (SELECT max({inner.fields[0].sql})::text::{probe.kind} FROM {inner.sql}{where})"
            if probe.kind in (Kind.INTEGER, Kind.TEXT, Kind.NUMERIC) and inner.fields[0].kind is Kind.INTEGER
            else f"(SELECT count(*) FROM {inner.sql}{where}) > 1",
            f"({probe.sql} IS NULL OR EXISTS (SELECT 1 FROM {inner.sql}{where}))",
        )
    )


def _asking_join(words: str) -> Production:
    def build(g: Grammar, depth: int) -> Query:
        left, right = g.item(depth - 1), g.table()
        fields = left.fields + right.fields
        around = g.pick.one((left.fields, right.fields, fields))
        on = f"{matching(g.pick, left.fields, right.fields)} AND {_question(g, around, depth - 1)}"
        return select(g.items(fields), f"{left.sql} {words} {right.sql} ON {on}")

    return build


def _key(g: Grammar, item: Item, depth: int) -> Field:
    inner = g.item(depth - 1)
    call = aggregate_call(g, inner.fields)
    value = f"(SELECT {call.sql} FROM {inner.sql} WHERE {matching(g.pick, item.fields, inner.fields)})"
    question = Field(_question(g, item.fields, depth), Kind.BOOLEAN)
    return g.pick.one((Field(value, call.kind), question))


def _asking_group(g: Grammar, depth: int) -> Query:
    item = g.item(depth - 1)
    key = _key(g, item, depth)
    form = g.pick.one(("1", "1", "ROLLUP (1)"))
    return select([key, aggregate_call(g, item.fields)], f"{item.sql} GROUP BY {form.replace('1', key.sql)}")


def _asking_partition(g: Grammar, depth: int) -> Query:
    item = g.item(depth - 1)
    key = _key(g, item, depth)
    order = ", ".join(f.sql for f in item.fields)
    call = Field(f"count(*) OVER (PARTITION BY {key.sql} ORDER BY {order})", Kind.INTEGER)
    return select([*g.items(item.fields), call], item.sql)


def _without_table(g: Grammar, depth: int) -> Query:
    item = g.item(depth)
    probe = g.pick.one(item.fields)
    one, other = literal(g.pick, probe.kind), expression(g.pick, item.fields, probe.kind)
    query = g.pick.one(
        (
            f"VALUES ({one}), ({other})",
            f"SELECT unnest(ARRAY[{one}, {other}])",
            f"SELECT {one} UNION SELECT {other}",
            f"SELECT v FROM unnest(ARRAY[{one}, {other}]) v WHERE v IS NOT NULL",
        )
    )
    word = g.pick.one(("IN", "NOT IN", "= ANY", "<> ALL", "> ALL"))
    test = Field(f"({probe.sql} {word} ({query}))", Kind.BOOLEAN)
    if g.pick.chance(50):
        return select([*g.items(item.fields), test], item.sql)
    return select(g.items(item.fields), f"{item.sql} WHERE {test.sql}")


def _array(g: Grammar, depth: int) -> Query:
    outer, inner = g.item(depth - 1), g.item(depth - 1)
    found = g.pick.one(inner.fields).sql
    compared = matching(g.pick, outer.fields, inner.fields)
    source = f"{inner.sql} WHERE {g.pick.one((compared, condition(g.pick, (*outer.fields, *inner.fields))))}"
    query = g.pick.one(
        (
            f"SELECT {found} FROM {source} ORDER BY {found}",
            f"SELECT DISTINCT {found} FROM {source} ORDER BY {found} DESC",
            f"SELECT {found} FROM {source} GROUP BY {found} ORDER BY count(*), {found}",
            f"SELECT {found} FROM {source} ORDER BY {found} LIMIT 2",
            f"SELECT count(*) FROM {source}",
            f"SELECT rank() OVER (ORDER BY {found}) FROM {source} ORDER BY 1",
        )
    )
    # Of values that are equal and print otherwise either may come first.
    size = Field(f"cardinality(ARRAY({query}))", Kind.INTEGER)
    return select([*g.items(outer.fields), size], outer.sql)


def _window_of_each(g: Grammar, depth: int) -> Query:
    outer, inner = g.item(depth - 1), g.item(depth - 1)
    compared = matching(g.pick, outer.fields, inner.fields)
    test = g.pick.one((compared, condition(g.pick, (*outer.fields, *inner.fields))))
    order = ", ".join(f.sql for f in inner.fields)
    numbered = f"SELECT rank() OVER (ORDER BY {order}) AS n FROM {inner.sql} WHERE {test}"
    value = Field(f"(SELECT max(n) FROM ({numbered}) w)", Kind.INTEGER)
    return select([*g.items(outer.fields), value], outer.sql)


def _comparable(a: Field, b: Field) -> tuple[str, str]:
    """Return both as they can be compared: a table may be a dynamic one, whose first column is of any type."""
    if a.kind is b.kind is Kind.INTEGER:
        return a.sql, b.sql
    return f"({a.sql})::text", f"({b.sql})::text"


def _two_queries_out(g: Grammar, depth: int) -> Query:
    outer, middle, inner = g.item(depth - 1), g.table(), g.table()
    test = condition(g.pick, (*outer.fields, *inner.fields))
    low, value = _comparable(inner.fields[0], middle.fields[0])
    least = f"(SELECT min({low}) FROM {inner.sql} WHERE {test})"
    source = f"{middle.sql} WHERE {value} >= {least}"
    return select([*g.items(outer.fields), Field(f"(SELECT count(*) FROM {source})", Kind.INTEGER)], outer.sql)


def _full_join_of_each(g: Grammar, depth: int) -> Query:
    outer, left, right = g.item(depth - 1), g.table(), g.table()
    a, b = _comparable(left.fields[0], right.fields[0])
    on = f"{a} = {b} AND {condition(g.pick, (*outer.fields, *left.fields))}"
    source = f"{left.sql} FULL JOIN {right.sql} ON {on}"
    return select([*g.items(outer.fields), Field(f"(SELECT count(*) FROM {source})", Kind.INTEGER)], outer.sql)


PRODUCTIONS: dict[str, Production] = {
    "asking_left_join": _asking_join("LEFT JOIN"),
    "asking_right_join": _asking_join("RIGHT JOIN"),
    "asking_full_join": _asking_join("FULL JOIN"),
    "asking_group": _asking_group,
    "asking_partition": _asking_partition,
    "in_without_table": _without_table,
    "array": _array,
    "window_of_each": _window_of_each,
    "two_queries_out": _two_queries_out,
    "full_join_of_each": _full_join_of_each,
}


def _check(laboratory: Laboratory) -> Check:
    laboratory.maintained |= PRODUCTIONS.keys() | {"asking"}
    return laboratory.check


KIND = SpecialKind("asking", lambda _: cases("asking", PRODUCTIONS), _check)
