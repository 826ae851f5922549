"""The grammar of definitions: one production for each operator, over tables and over one another.

To add an operator, write a function that returns a Query and put it into PRODUCTIONS; when its definitions are
maintained from changes, put its name into MAINTAINED, and the oracle insists that they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.oracle.generation.expressions import column, condition, expression, literal, matching
from tests.oracle.generation.model import Field, Kind, Pick, Table

WIDTH = 4


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT with its output columns, named c0, c1, …"""

    sql: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """Something in FROM under an alias."""

    sql: str
    fields: tuple[Field, ...]


class Grammar:
    """Composes one query; remembers which productions were used.

    ``special``: productions beside the ordinary ones, of which the first is taken.
    """

    def __init__(self, pick: Pick, tables: tuple[Table, ...], special: Mapping[str, Production] | None = None) -> None:
        self.pick = pick
        self.tables = tables
        self.uses: set[str] = set()
        self._first = special or PRODUCTIONS
        self._all = PRODUCTIONS | self._first
        self._aliases = 0

    def query(self, depth: int) -> Query:
        """Return a query by a random production."""
        productions = self._all if self.uses else self._first
        production = self.pick.one(list(productions))
        self.uses.add(production)
        return productions[production](self, depth)

    def table(self) -> Item:
        """Return a table under a new alias."""
        table = self.pick.one(self.tables)
        return self.alias(table.name, table.fields)

    def item(self, depth: int) -> Item:
        """Return a table or a query in FROM."""
        if depth <= 0 or not self.pick.chance(45):
            return self.table()
        query = self.query(depth - 1)
        return self.alias(f"({query.sql})", query.fields)

    def alias(self, sql: str, fields: tuple[Field, ...]) -> Item:
        """Return a FROM item under a new alias."""
        self._aliases += 1
        name = f"q{self._aliases}"
        return Item(f"{sql} {name}", tuple(Field(f"{name}.{f.sql}", f.kind) for f in fields))

    def items(self, fields: tuple[Field, ...]) -> list[Field]:
        """Return a random select list."""
        chosen = self.pick.some(fields, WIDTH)
        return [Field(expression(self.pick, fields, f.kind), f.kind) if self.pick.chance(25) else f for f in chosen]

    def bare(self, item: Item) -> Query:
        """Return a query that selects some columns as they are."""
        return select(self.pick.some(item.fields, WIDTH), item.sql)


def select(items: list[Field], source: str, *, distinct: str = "") -> Query:
    """Return ``SELECT items FROM source`` with columns c0, c1, …"""
    listed = ", ".join(f"{f.sql} AS c{n}" for n, f in enumerate(items))
    return Query(f"SELECT {distinct}{listed} FROM {source}", tuple(Field(f"c{n}", f.kind) for n, f in enumerate(items)))


def _project(g: Grammar, depth: int) -> Query:
    item = g.item(depth)
    return select(g.items(item.fields), item.sql)


def _filter(g: Grammar, depth: int) -> Query:
    item = g.item(depth)
    return select(g.items(item.fields), f"{item.sql} WHERE {condition(g.pick, item.fields, 2)}")


def _join(words: str) -> Callable[[Grammar, int], Query]:
    def build(g: Grammar, depth: int) -> Query:
        left, right = g.item(depth), g.item(depth - 1)
        fields = left.fields + right.fields
        on = matching(g.pick, left.fields, right.fields)
        if g.pick.chance(30):
            on += f" AND {condition(g.pick, fields)}"
        elif words != "FULL JOIN" and g.pick.chance(20):
            on = condition(g.pick, fields)
        return select(g.items(fields), f"{left.sql} {words} {right.sql} ON {on}")

    return build


def _cross_join(g: Grammar, depth: int) -> Query:
    left, right = g.item(depth - 1), g.table()
    fields = left.fields + right.fields
    return select(g.items(fields), f"{left.sql}, {right.sql} WHERE {condition(g.pick, fields)}")


def _join_using(g: Grammar, depth: int) -> Query:
    left, right = g.item(depth), g.table()
    kinds = [f.kind for f in left.fields if any(f.kind is r.kind for r in right.fields)] or [Kind.INTEGER]
    kind = g.pick.one(kinds)
    sides, fields = [], [Field("k", kind)]
    for item, name in ((left, "a"), (right, "b")):
        other = g.pick.one(item.fields)
        sides.append(f"(SELECT {column(g.pick, item.fields, kind)} AS k, {other.sql} AS v FROM {item.sql}) {name}")
        fields.append(Field(f"{name}.v", other.kind))
    word = g.pick.one(("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"))
    return select(fields, f"{sides[0]} {word} {sides[1]} USING (k)")


def aggregate_call(g: Grammar, fields: tuple[Field, ...]) -> Field:
    """Return an aggregate whose result does not depend on the order of rows."""
    pick, chosen = g.pick, g.pick.one(fields)
    kind = chosen.kind
    argument = expression(pick, fields, kind)
    text = expression(pick, fields, Kind.TEXT)
    calls = [
        ("count(*)", Kind.INTEGER),
        (f"count({argument})", Kind.INTEGER),
        (f"count(DISTINCT {argument})", Kind.INTEGER),
        (f"string_agg({text}, ',' ORDER BY {text})", Kind.TEXT),
        (f"bool_and({condition(pick, fields, 0)})", Kind.BOOLEAN),
    ]
    if kind is not Kind.BOOLEAN:
        calls += [(f"min({argument})", kind), (f"max({argument})", kind)]
    if kind in (Kind.INTEGER, Kind.FLOAT):
        calls.append((f"sum({argument})", kind))
    if kind in (Kind.NUMERIC, Kind.MONEY):
        calls.append((f"sum({argument})", Kind.NUMERIC))
    if kind in (Kind.INTEGER, Kind.MONEY):
        calls.append((f"avg({argument})", Kind.NUMERIC))
    call, result = pick.one(calls)
    if pick.chance(20):
        call += f" FILTER (WHERE {condition(pick, fields, 0)})"
    return Field(f"({call})::{result}", result)


def _aggregate(g: Grammar, depth: int, *, having: bool = False) -> Query:
    item = g.item(depth)
    keys = [Field(expression(g.pick, item.fields, f.kind), f.kind) for f in g.pick.some(item.fields, 2)]
    calls = [aggregate_call(g, item.fields) for _ in range(g.pick.number(1, 2))]
    positions = ", ".join(str(n + 1) for n in range(len(keys)))
    tail = f" HAVING {condition(g.pick, (Field('count(*)::integer', Kind.INTEGER), *calls))}" if having else ""
    return select([*keys, *calls], f"{item.sql} GROUP BY {positions}{tail}")


def _having(g: Grammar, depth: int) -> Query:
    return _aggregate(g, depth, having=True)


def _scalar_aggregate(g: Grammar, depth: int) -> Query:
    item = g.item(depth)
    return select([aggregate_call(g, item.fields) for _ in range(g.pick.number(1, 3))], item.sql)


def _distinct(g: Grammar, depth: int) -> Query:
    item = g.item(depth)
    return select(g.items(item.fields), item.sql, distinct="DISTINCT ")


def _set_operation(word: str) -> Callable[[Grammar, int], Query]:
    def build(g: Grammar, depth: int) -> Query:
        left, right = g.item(depth), g.item(depth - 1)
        first = select(g.pick.some(left.fields, 3), left.sql)
        second = select([Field(column(g.pick, right.fields, f.kind), f.kind) for f in first.fields], right.sql)
        return Query(f"{first.sql} {word} {second.sql}", first.fields)

    return build


def _cte(g: Grammar, depth: int) -> Query:
    shared = g.query(depth - 1) if depth > 0 else g.bare(g.table())
    name = g.alias("", ()).sql.strip()
    left, right = g.alias(name, shared.fields), g.alias(name, shared.fields)
    fields = left.fields + right.fields
    main = select(g.items(fields), f"{left.sql} JOIN {right.sql} ON {matching(g.pick, left.fields, right.fields)}")
    return Query(f"WITH {name} AS ({shared.sql}) {main.sql}", main.fields)


def _window_call(g: Grammar, fields: tuple[Field, ...], partition: str) -> Field:
    # All columns: rows that tie are identical, and it does not show which of them comes first.
    order = "ORDER BY " + ", ".join(f.sql for f in fields)
    number = column(g.pick, fields, Kind.INTEGER)
    chosen = g.pick.one(fields)
    calls = (
        (f"row_number() OVER ({partition} {order})", Kind.INTEGER),
        (f"rank() OVER ({partition} ORDER BY {chosen.sql})", Kind.INTEGER),
        (f"sum({number}) OVER ({partition} {order})", Kind.INTEGER),
        (f"lag({chosen.sql}) OVER ({partition} {order})", chosen.kind),
        (f"count(*) OVER ({partition})", Kind.INTEGER),
        (f"max({number}) OVER ({partition} {order} ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)", Kind.INTEGER),
    )
    call, kind = g.pick.one(calls)
    return Field(f"({call})::{kind}", kind)


def _window(*, partitioned: bool) -> Callable[[Grammar, int], Query]:
    def build(g: Grammar, depth: int) -> Query:
        item = g.item(depth)
        keys = ", ".join(f.sql for f in g.pick.some(item.fields, 2))
        call = _window_call(g, item.fields, f"PARTITION BY {keys}" if partitioned else "")
        inner = select([*item.fields, call], item.sql)
        if not g.pick.chance(40):
            return inner
        outer = g.alias(f"({inner.sql})", inner.fields)
        return select(g.items(outer.fields), f"{outer.sql} WHERE {condition(g.pick, outer.fields[-1:])}")

    return build


def _exists(word: str) -> Callable[[Grammar, int], Query]:
    def build(g: Grammar, depth: int) -> Query:
        outer, inner = g.item(depth), g.item(depth - 1)
        test = matching(g.pick, outer.fields, inner.fields) if g.pick.chance(80) else condition(g.pick, inner.fields)
        return select(g.items(outer.fields), f"{outer.sql} WHERE {word} (SELECT 1 FROM {inner.sql} WHERE {test})")

    return build


def _in(word: str) -> Callable[[Grammar, int], Query]:
    def build(g: Grammar, depth: int) -> Query:
        outer, inner = g.item(depth), g.item(depth - 1)
        probe = g.pick.one(outer.fields)
        found = column(g.pick, inner.fields, probe.kind)
        test = f" WHERE {condition(g.pick, inner.fields)}" if g.pick.chance(40) else ""
        test += _first_rows(g, inner.fields) if g.pick.chance(20) else ""
        return select(
            g.items(outer.fields), f"{outer.sql} WHERE {probe.sql} {word} (SELECT {found} FROM {inner.sql}{test})"
        )

    return build


def _scalar_subquery(g: Grammar, outer: Item, depth: int) -> Field:
    inner = g.item(depth - 1)
    call = aggregate_call(g, inner.fields)
    test = f" WHERE {matching(g.pick, outer.fields, inner.fields)}" if g.pick.chance(60) else ""
    return Field(f"(SELECT {call.sql} FROM {inner.sql}{test})", call.kind)


def _scalar_in_select(g: Grammar, depth: int) -> Query:
    outer = g.item(depth)
    return select([*g.items(outer.fields), _scalar_subquery(g, outer, depth)], outer.sql)


def _scalar_in_where(g: Grammar, depth: int) -> Query:
    outer = g.item(depth)
    value = _scalar_subquery(g, outer, depth)
    other = expression(g.pick, outer.fields, value.kind)
    return select(g.items(outer.fields), f"{outer.sql} WHERE {other} {g.pick.one(('=', '<', '>='))} {value.sql}")


def _distinct_on(g: Grammar, depth: int) -> Query:
    item = g.item(depth)
    keys = ", ".join(f.sql for f in g.pick.some(item.fields, 2))
    order = ", ".join(f.sql for f in g.pick.some(item.fields, len(item.fields)))
    ordered = f" ORDER BY {keys}, {order}" if g.pick.chance(80) else ""
    items = list(item.fields[:WIDTH])
    return select(items, f"{item.sql}{ordered}", distinct=f"DISTINCT ON ({keys}) ")


def _first_rows(g: Grammar, fields: tuple[Field, ...], most: int = 5) -> str:
    """Return LIMIT, perhaps with an OFFSET, and with an order that may leave open which rows it keeps."""
    by = g.pick.some(fields, g.pick.number(1, len(fields))) if g.pick.chance(60) else []
    order = ", ".join(f"{f.sql}{' DESC NULLS LAST' if g.pick.chance(40) else ''}" for f in by)
    offset = f" OFFSET {g.pick.number(1, 3)}" if g.pick.chance(30) else ""
    return f"{' ORDER BY ' + order if order else ''} LIMIT {g.pick.number(1, most)}{offset}"


def _limit(g: Grammar, depth: int) -> Query:
    item = g.item(depth)
    return select(g.items(item.fields), f"{item.sql}{_first_rows(g, item.fields)}")


def _limit_of_each(g: Grammar, depth: int) -> Query:
    outer, inner = g.item(depth), g.item(depth - 1)
    chosen, test = g.pick.one(inner.fields), matching(g.pick, outer.fields, inner.fields)
    source = f"FROM {inner.sql} WHERE {test}"
    if g.pick.chance(50):
        first = Field(f"(SELECT {chosen.sql} {source}{_first_rows(g, inner.fields, 1)})", chosen.kind)
        return select([*g.items(outer.fields), first], outer.sql)
    sub = f"SELECT {chosen.sql} AS v {source}{_first_rows(g, inner.fields)}"
    return select([*g.items(outer.fields), Field("l.v", chosen.kind)], f"{outer.sql} CROSS JOIN LATERAL ({sub}) l")


def _limit_of_union(g: Grammar, depth: int) -> Query:
    union = _set_operation(g.pick.one(("UNION ALL", "UNION", "EXCEPT ALL")))(g, depth)
    return Query(union.sql + _first_rows(g, union.fields), union.fields)


def _grouping_sets(g: Grammar, depth: int) -> Query:
    item = g.item(depth)
    keys = g.pick.some(item.fields, 2)
    listed = ", ".join(k.sql for k in keys)
    form = g.pick.one(("ROLLUP ({})", "CUBE ({})", "GROUPING SETS (({}), ())"))
    grouping = Field(f"grouping({listed})", Kind.INTEGER)
    return select([*keys, grouping, aggregate_call(g, item.fields)], f"{item.sql} GROUP BY {form.format(listed)}")


def _lateral(g: Grammar, depth: int) -> Query:
    outer, inner = g.item(depth), g.item(depth - 1)
    call = aggregate_call(g, inner.fields)
    sub = f"SELECT {call.sql} AS v FROM {inner.sql} WHERE {matching(g.pick, outer.fields, inner.fields)}"
    return select([*g.items(outer.fields), Field("l.v", call.kind)], f"{outer.sql} CROSS JOIN LATERAL ({sub}) l")


def _set_returning(form: str) -> Callable[[Grammar, int], Query]:
    def build(g: Grammar, depth: int) -> Query:
        item = g.item(depth)
        number = expression(g.pick, item.fields, Kind.INTEGER)
        return select([*g.items(item.fields), Field("s.v", Kind.INTEGER)], f"{item.sql}, {form.format(number)} AS s(v)")

    return build


def _values(g: Grammar, depth: int) -> Query:
    item = g.item(depth)
    chosen = g.pick.one(item.fields)
    rows = ", ".join(f"({literal(g.pick, chosen.kind)}, {literal(g.pick, Kind.TEXT)})" for _ in range(3))
    fields = (*item.fields, Field("v.b", Kind.TEXT))
    return select(g.items(fields), f"{item.sql} JOIN (VALUES {rows}) v(a, b) ON {chosen.sql} = v.a")


Production = Callable[[Grammar, int], Query]
PRODUCTIONS: dict[str, Production] = {
    "project": _project,
    "filter": _filter,
    "inner_join": _join("JOIN"),
    "left_join": _join("LEFT JOIN"),
    "right_join": _join("RIGHT JOIN"),
    "full_join": _join("FULL JOIN"),
    "cross_join": _cross_join,
    "join_using": _join_using,
    "aggregate": _aggregate,
    "having": _having,
    "scalar_aggregate": _scalar_aggregate,
    "distinct": _distinct,
    "union_all": _set_operation("UNION ALL"),
    "union": _set_operation("UNION"),
    "cte": _cte,
    "window": _window(partitioned=True),
    "window_whole": _window(partitioned=False),
    "exists": _exists("EXISTS"),
    "not_exists": _exists("NOT EXISTS"),
    "in": _in("IN"),
    "not_in": _in("NOT IN"),
    "scalar_in_select": _scalar_in_select,
    "scalar_in_where": _scalar_in_where,
    "except": _set_operation("EXCEPT"),
    "except_all": _set_operation("EXCEPT ALL"),
    "intersect": _set_operation("INTERSECT"),
    "intersect_all": _set_operation("INTERSECT ALL"),
    "distinct_on": _distinct_on,
    "limit": _limit,
    "limit_of_each": _limit_of_each,
    "limit_of_union": _limit_of_union,
    "grouping_sets": _grouping_sets,
    "lateral": _lateral,
    "generate_series": _set_returning("generate_series(1, least({}, 4))"),
    "unnest": _set_returning("unnest(ARRAY[{}, 1])"),
    "values": _values,
}

# A definition of these alone must be maintained from changes.
MAINTAINED: frozenset[str] = frozenset(PRODUCTIONS)
