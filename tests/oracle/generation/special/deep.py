"""Queries that are deep or wide: chains, nestings and lists of a size that is drawn, one in the other.

Whatever its size, such a query is planned, or refreshed in full with the reason that it is too deep or too wide.
"""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from tests.oracle.generation.laboratory import Laboratory, WrongResultError
from tests.oracle.generation.model import Case, Definition, Pick, Step
from tests.oracle.generation.special.kind import SpecialKind

SCHEMA = (
    "CREATE TABLE t (id integer PRIMARY KEY, k integer, n integer, s text)",
    "CREATE TABLE u (id integer, n integer)",
    "INSERT INTO t SELECT i, i % 3, i * 7, 'x' || i FROM generate_series(1, 6) i",
    "INSERT INTO u SELECT i, i % 2 FROM generate_series(1, 4) i",
)
# Most are of a size that people write; a few are of one that only programs do.
SIZES = (2, 12, 25, 60, 150, 150, 400)
PLANNED = 150
_OF = "of_"


def _nested(start: str, around: str) -> Callable[[int], str]:
    """Return what puts an expression or a query n times into another, at {x}; {i} counts."""

    def build(size: int) -> str:
        text = start
        for i in range(size):
            text = around.replace("{x}", text).replace("{i}", str(i))
        return text

    return build


def _listed(item: str, between: str = ", ") -> Callable[[int], str]:
    return lambda size: between.join(item.replace("{i}", str(i)) for i in range(size))


# Of integers, over a row of t.
NUMBERS: dict[str, Callable[[int], str]] = {
    "sum": _listed("t.n", " + "),
    "difference": _nested("t.n", "({i} - {x})"),
    "negated": _nested("t.n", "(- ({x}))"),
    "case": _nested("0", "CASE WHEN t.n = {i} THEN {i} ELSE {x} END"),
    "case in condition": _nested("t.n", "CASE WHEN {x} > {i} THEN t.k ELSE t.n END"),
    "branches": lambda size: f"CASE t.k {_listed('WHEN {i} THEN t.n + {i}', ' ')(size)} END",
    "coalesce": _nested("t.n", "coalesce(nullif({x}, {i}), {i})"),
    "calls": _nested("t.n", "abs({x})"),
    "least": lambda size: f"least({_listed('t.n + {i}')(size)})",
    "casts": _nested("t.n", "({x})::bigint::integer"),
    "array": lambda size: f"(ARRAY[{_listed('t.n')(size)}])[2]",
    "subqueries": lambda size: (
        "t.n + " + _nested("(0)", "(SELECT {x} + count(*)::integer FROM u WHERE u.id = {i})")(min(size, 8))
    ),
}
CONDITIONS: dict[str, Callable[[int], str]] = {
    "or": _listed("t.n = {i}", " OR "),
    "and": _listed("t.n <> {i}", " AND "),
    "alternating": _nested("t.n > 0", "(({x}) AND t.k < {i} + 3) OR t.n = {i}"),
    "not": _nested("t.n > 7", "NOT ({x})"),
    "in": lambda size: f"t.n IN ({_listed('{i}')(size)})",
    "like": _listed("t.s LIKE '%{i}'", " OR "),
    "distinct": _nested("true", "(({x}) IS DISTINCT FROM (t.n = {i}))"),
    "exists": lambda size: _nested(
        "SELECT FROM u q WHERE q.id = 1", "SELECT FROM u q{i} WHERE q{i}.n = {i} % 2 AND EXISTS ({x})"
    )(min(size, 12)).join(("EXISTS (", ")")),
}
# Of queries with the columns id and n.
QUERIES: dict[str, Callable[[int], str]] = {
    "from": lambda size: _nested("SELECT id, n FROM t", "SELECT id, n FROM ({x}) q{i} WHERE n <> {i}")(size),
    "unions": lambda size: _listed("SELECT id, n + {i} AS n FROM t WHERE k <> {i}", " UNION ALL ")(size),
    "nested unions": lambda size: _nested("SELECT id, n FROM t", "SELECT id, {i} AS n FROM u UNION ALL ({x})")(size),
    "distinct unions": lambda size: _listed("SELECT id, n % ({i} + 2) AS n FROM t", " UNION ")(min(size, 25)),
    "differences": lambda size: _listed("SELECT id, n FROM t WHERE id <> {i}", " INTERSECT ")(min(size, 12)),
    "queries": lambda size: f"WITH q0 AS (SELECT id, n FROM t), {_chain(size)} SELECT id, n FROM q{size}",
    "values": lambda size: (
        f"SELECT t.id, v.n FROM t JOIN (VALUES {_listed('({i}, {i} * 2)')(size)}) v(id, n) ON v.id = t.n"
    ),
    "joins": lambda size: _joined("JOIN", min(size, 12)),
    "outer joins": lambda size: _joined("LEFT JOIN", min(size, 12)),
    "laterals": lambda size: (
        "SELECT t.id, t.n FROM t" + _listed(", LATERAL (SELECT t.n + {i} AS v) l{i}", "")(min(size, 60))
    ),
    "grouped": lambda size: _nested("SELECT id, n FROM t", "SELECT id, max(n) AS n FROM ({x}) q{i} GROUP BY id")(
        min(size, 12)
    ),
    "distinct": lambda size: _nested("SELECT id, n FROM t", "SELECT DISTINCT id, n % 7 AS n FROM ({x}) q{i}")(
        min(size, 12)
    ),
    "sets": lambda size: (
        f"SELECT k AS id, count(*)::integer AS n FROM t GROUP BY GROUPING SETS ({_listed('(k)')(min(size, 12))})"
    ),
}
# What is wide beside them.
WIDTHS: dict[str, Callable[[int], str]] = {
    "columns": _listed("t.n + {i} AS c{i}"),
    "subqueries": lambda size: _listed("(SELECT max(u.n) FROM u WHERE u.id = t.k + {i}) AS c{i}")(min(size, 12)),
    "windows": lambda size: _listed("sum(t.n) OVER (PARTITION BY t.k ORDER BY t.id + {i}) AS c{i}")(min(size, 25)),
    "calls": _listed("round(t.n::numeric / ({i} + 1), {i} % 5) AS c{i}"),
}
GROUPED = {
    "aggregates": _listed("sum(t.n + {i}) AS c{i}"),
    "filters": _listed("count(*) FILTER (WHERE t.n > {i}) AS c{i}"),
    "distinct": lambda size: _listed("count(DISTINCT t.n % ({i} + 2)) AS c{i}")(min(size, 12)),
}


def _chain(size: int) -> str:
    return ", ".join(f"q{i + 1} AS (SELECT id, n FROM q{i} WHERE n <> {i})" for i in range(size))


def _joined(word: str, size: int) -> str:
    return "SELECT t.id, t.n FROM t" + "".join(f" {word} u u{i} ON u{i}.id = t.id" for i in range(size))


@st.composite
def deep_cases(draw: st.DrawFn) -> Case:
    """Draw one or two definitions, and a short history."""
    pick = Pick(draw)
    definitions = [_definition(pick, f"d{number}") for number in range(pick.number(1, 2))]
    steps = [Step("explain", d.name) for d in definitions]
    for _ in range(pick.number(1, 2)):
        first = pick.number(1, 6)
        write = pick.one((
            f"INSERT INTO t VALUES ({first + 10}, 1, {first}, 'x{first}') ON CONFLICT (id) DO UPDATE SET n = t.n + 1",
            f"UPDATE t SET n = n + 1 WHERE id = {first}; DELETE FROM u WHERE id = {first}",
            f"INSERT INTO u VALUES ({first}, 1); DELETE FROM t WHERE id = {first}",
        ))  # fmt: skip
        steps += [Step("write", write), Step("refresh")]
    return Case(SCHEMA, tuple(definitions), tuple(steps))


def _definition(pick: Pick, name: str) -> Definition:
    size, shape = pick.one(SIZES), pick.number(0, 5)
    uses = {"deep", f"{_OF}{size}"}
    number = NUMBERS[pick.one(list(NUMBERS))](size)
    query = pick.one(list(QUERIES))
    match shape:
        case 0:
            text = f"SELECT t.id, {number} AS v FROM t"
        case 1:
            text = f"SELECT t.id, t.n FROM t WHERE {CONDITIONS[pick.one(list(CONDITIONS))](size)}"
        case 2:
            text = QUERIES[query](size)
        case 3:
            text = f"SELECT t.id, {WIDTHS[pick.one(list(WIDTHS))](size)} FROM t"
        case 4:
            # A subquery in GROUP BY has a reason of its own.
            key = NUMBERS[pick.one([n for n in NUMBERS if n != "subqueries"])](size)
            text = f"SELECT {key} AS k, {GROUPED[pick.one(list(GROUPED))](size)} FROM t GROUP BY 1"
        case _:
            inner = QUERIES[query](min(size, 25))
            text = f"SELECT a.id, b.n FROM ({inner}) a LEFT JOIN t b ON a.id = b.id AND a.n > b.n"
    return Definition(name, text, frozenset(uses))


class Depths:
    """Checks cases: they are planned, or too large, and explained whatever they are."""

    def __init__(self, laboratory: Laboratory) -> None:
        self.laboratory = laboratory

    def check(self, case: Case) -> None:
        """Run a case."""
        sizes = {d.name: int(u.removeprefix(_OF)) for d in case.definitions for u in d.uses if u.startswith(_OF)}
        self.laboratory.check(case, {"explain": lambda step: self._explain(step.sql, sizes[step.sql])})

    def _explain(self, name: str, size: int) -> None:
        lab = self.laboratory
        mode, why = lab.mode(name)
        if mode == "FULL" and (size <= PLANNED or not why.startswith(("TOO_DEEP", "TOO_WIDE", "TOO_LARGE"))):
            raise WrongResultError(f"{name} is not maintained: {why}")
        lab.client.execute(f"EXPLAIN (VERBOSE) DYNAMIC TABLE {name}")


KIND = SpecialKind("deep", lambda _: deep_cases(), lambda lab: Depths(lab).check, effort=4)
