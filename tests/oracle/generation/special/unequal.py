"""Types without an equality, or with an = that is none, in every place where an equality might be needed.

A query is one form over another. Where the server refuses it, so must we, and with the server's words; everything else
is maintained from changes, and prints what its definition does.
"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

import dyntables
from tests.oracle.generation.laboratory import PRINTED, Laboratory, RejectedError, WrongResultError
from tests.oracle.generation.model import Case, Definition, Pick, Step
from tests.oracle.generation.special.kind import SpecialKind


@dataclass(frozen=True, slots=True)
class Unequal:
    """A type, and values of it of which several look alike; ``compared``: there is an = for it."""

    name: str
    literals: tuple[str, ...]
    compared: bool = False


TYPES = (
    Unequal("json", ("""'{"a":1}'""", """'{"a": 1}'""", "'[1]'", "'null'")),
    Unequal("point", ("'(1,2)'", "'(0,-0)'", "'(0,0)'")),
    # Equal are boxes, circles and paths of one size.
    Unequal("box", ("'(1,1),(0,0)'", "'(2,2),(1,1)'", "'(2,2),(0,0)'"), compared=True),
    Unequal("circle", ("'<(0,0),1>'", "'<(1,1),1>'", "'<(0,0),2>'"), compared=True),
    Unequal("lseg", ("'[(0,0),(1,1)]'", "'[(1,1),(0,0)]'", "'[(0,0),(2,2)]'"), compared=True),
    Unequal("path", ("'((0,0),(1,1))'", "'[(5,5),(1,1)]'", "'((0,0),(1,1),(2,0))'"), compared=True),
    Unequal("line", ("'{1,-1,0}'", "'{2,-2,0}'", "'{0,1,0}'"), compared=True),
    Unequal("polygon", ("'((0,0),(1,1),(1,0))'", "'((1,1),(1,0),(0,0))'", "'((0,0),(2,2),(2,0))'")),
    Unequal("jsonpath", ("'$.a'", "'$.b'", "'$'")),
    Unequal("json[]", ("""'{"[1]"}'""", """'{"[1 ]"}'""", "'{}'")),
    Unequal("txid_snapshot", ("'1:3:2'", "'1:3:'")),
    Unequal("shown", ("""'(1,"[1]")'""", """'(1,"[1 ]")'""", "'(2,)'")),
)
XML = Unequal("xml", ("'<a/>'", "'<a></a>'", "'<b/>'"))
SCHEMA = (
    "CREATE TYPE shown AS (n integer, j json)",
    "CREATE TABLE t (id integer PRIMARY KEY, k integer, v {t}, w {t})",
    "CREATE TABLE u (id integer, k integer, v {t}, w {t})",
)
# Queries with the columns id, k, v and w; {q} is such a query, {l} a value.
INNER = {
    "table": "SELECT id, k, v, w FROM t",
    "other": "SELECT id, k, v, w FROM u",
    "filtered": "SELECT id, k, v, w FROM t WHERE v IS NOT NULL OR k > 1",
    "joined": "SELECT t.id, t.k, u.v, t.w FROM t JOIN u ON u.k = t.k",
    "padded": "SELECT t.id, t.k, t.v, u.v AS w FROM t LEFT JOIN u ON u.id = t.id",
    "both_padded": "SELECT coalesce(t.id, u.id) AS id, u.k, t.v, u.w FROM t FULL JOIN u ON u.id = t.id",
    "together": "SELECT id, k, v, w FROM t UNION ALL SELECT id, k, w, v FROM u",
    "windowed": "SELECT id, row_number() OVER (PARTITION BY k ORDER BY id)::integer AS k, v, w FROM t",
    "shifted": "SELECT id, k, lag(v) OVER (PARTITION BY k ORDER BY id) AS v, first_value(w) OVER (ORDER BY id) "
    "AS w FROM t",
    "first": "SELECT id, k, v, w FROM t ORDER BY k, id LIMIT 3",
    "first_of_each": "SELECT DISTINCT ON (k) id, k, v, w FROM t ORDER BY k, id",
    "dependent": "SELECT t.id, count(u.id)::integer AS k, t.v, t.w FROM t LEFT JOIN u ON u.k = t.k GROUP BY t.id",
    "looked_up": "SELECT u.id, u.k, (SELECT t.v FROM t WHERE t.id = u.id) AS v, u.w FROM u",
    "lateral": "SELECT t.id, l.k, l.v, t.w FROM t, LATERAL (SELECT u.k, u.v FROM u WHERE u.k = t.k) l",
    "coalesced": "SELECT id, k, coalesce(v, w) AS v, CASE WHEN k = 1 THEN v ELSE {l} END AS w FROM t",
    "collected": "SELECT k AS id, k, (array_agg(v ORDER BY id))[1] AS v, (array_agg(w ORDER BY id DESC))[1] AS "
    "w FROM t GROUP BY k",
    "expanded": "SELECT id, g AS k, v, w FROM t, generate_series(1, least(k, 3)) g",
    "rows": "SELECT t.id, x.n AS k, x.v, t.w FROM t, LATERAL (VALUES (1, t.v), (2, t.w)) x(n, v)",
}  # fmt: skip
OUTER = {
    "plain": "SELECT id, v, w FROM ({q}) q",
    "bag": "SELECT v FROM ({q}) q UNION ALL SELECT w FROM u",
    "counted": "SELECT k, count(v) AS n, count(*) FILTER (WHERE w IS NULL) AS m FROM ({q}) q GROUP BY k",
    "printed": "SELECT v::text AS v, count(*) AS n FROM ({q}) q GROUP BY 1",
    "rolled": "SELECT k, max(v::text) AS v FROM ({q}) q GROUP BY ROLLUP (k)",
    "joined": "SELECT q.id, q.v, u.w FROM ({q}) q JOIN u ON u.k = q.k",
    "padded": "SELECT q.id, q.v, u.w FROM ({q}) q LEFT JOIN u ON u.k = q.k AND q.v IS NOT NULL",
    "both_padded": "SELECT q.v, u.w FROM ({q}) q FULL JOIN u ON u.id = q.id",
    "existing": "SELECT q.id, q.v FROM ({q}) q WHERE EXISTS (SELECT FROM u WHERE u.k = q.k AND q.v IS NOT NULL)",
    "missing": "SELECT q.id, q.v FROM ({q}) q WHERE q.id NOT IN (SELECT u.id FROM u WHERE u.id IS NOT NULL)",
    "read_outside": "SELECT q.id, (SELECT count(*) FROM u WHERE u.k = q.k AND u.v::text <> q.v::text) AS n FROM "
    "({q}) q",
    "only_outside": "SELECT q.id, (SELECT max(u.id) FROM u WHERE q.v IS NOT NULL) AS n FROM ({q}) q",
    "lateral": "SELECT q.id, l.v, l.n FROM ({q}) q, LATERAL (SELECT q.v, count(*) AS n FROM u WHERE u.k = q.k) l",
    "lateral_printed": "SELECT q.id, l.x FROM ({q}) q, LATERAL (SELECT q.v::text || max(u.id) AS x FROM u WHERE "
    "u.k = q.k) l",
    "numbered": "SELECT id, v, sum(k) OVER (PARTITION BY id % 2 ORDER BY id RANGE UNBOUNDED PRECEDING) AS s "
    "FROM ({q}) q",
    "twice": "WITH q AS ({q}) SELECT a.id, b.v FROM q a JOIN q b ON a.id = b.k",
    "first": "SELECT id, k FROM ({q}) q ORDER BY id, k, v::text, w::text LIMIT 3",
    "marked": "SELECT q.v, q.k IN (SELECT u.k FROM u WHERE u.v IS NOT NULL) AS m FROM ({q}) q",
}  # fmt: skip
COMPARED = {
    "equal": "SELECT id, v = w AS e, v IS DISTINCT FROM {l} AS d FROM ({q}) q",
    "where": "SELECT id, v FROM ({q}) q WHERE v = {l} OR v <> w",
    "joined_by": "SELECT q.id, u.id AS other FROM ({q}) q JOIN u ON u.v = q.v",
    "joined_using": "SELECT q.id, u.id AS other FROM ({q}) q LEFT JOIN u USING (v)",
    "contained": "SELECT id FROM ({q}) q WHERE v IN (SELECT v FROM u)",
    "not_contained": "SELECT id FROM ({q}) q WHERE v NOT IN (SELECT v FROM u)",
    "any": "SELECT id, v = ANY (SELECT w FROM u) AS e, v <> ALL (SELECT w FROM u) AS d FROM ({q}) q",
    "looked_up": "SELECT q.id, (SELECT count(*) FROM u WHERE u.v = q.v) AS n FROM ({q}) q",
    "existing": "SELECT q.id FROM ({q}) q WHERE NOT EXISTS (SELECT FROM u WHERE u.v = q.v AND u.k = q.k)",
    "cases": "SELECT id, CASE v WHEN {l} THEN 1 WHEN w THEN 2 ELSE 3 END AS c, nullif(v, w) AS n FROM ({q}) q",
    "listed": "SELECT id FROM ({q}) q WHERE v IN ({l}, {l}) AND v <> ALL (ARRAY[{l}])",
}
# What the server refuses for such a type.
REFUSED = (
    "SELECT DISTINCT v FROM ({q}) q",
    "SELECT v, count(*) AS n FROM ({q}) q GROUP BY v",
    "SELECT v FROM ({q}) q UNION SELECT v FROM u",
    "SELECT v FROM ({q}) q EXCEPT ALL SELECT v FROM u",
    "SELECT v FROM ({q}) q INTERSECT SELECT v FROM u",
    "SELECT id, rank() OVER (PARTITION BY v ORDER BY id) AS r FROM ({q}) q",
    "SELECT id FROM ({q}) q ORDER BY v, id LIMIT 2",
    "SELECT k, count(DISTINCT v) AS n FROM ({q}) q GROUP BY k",
    "SELECT DISTINCT ON (v) id, v FROM ({q}) q ORDER BY v, id",
    "SELECT k, max(v) AS m FROM ({q}) q GROUP BY k",
    "SELECT q.id FROM ({q}) q NATURAL JOIN u",
)


def unequal_cases(laboratory: Laboratory) -> SearchStrategy[Case]:
    """Return cases of the types that the server has."""
    try:
        laboratory.writer.execute("SELECT '<a/>'::xml")
    except psycopg.errors.FeatureNotSupported:
        return _cases(TYPES)
    return _cases((*TYPES, XML))


@st.composite
def _cases(draw: st.DrawFn, types: tuple[Unequal, ...]) -> Case:
    pick = Pick(draw)
    type_ = pick.one(types)
    forms = OUTER | (COMPARED if type_.compared else {})
    definitions = []
    for number in range(pick.number(1, 3)):
        inner, refused = pick.one(list(INNER)), pick.chance(10)
        form = pick.one(list(forms))
        query = (pick.one(REFUSED) if refused else forms[form]).replace("{q}", INNER[inner])
        while "{l}" in query:
            query = query.replace("{l}", f"{pick.one(type_.literals)}::{type_.name}", 1)
        uses = {"unequal", "refused"} if refused else {"unequal", form, f"over_{inner}"}
        definitions.append(Definition(f"d{number}", query, frozenset(uses)))
    steps: list[Step] = []
    for _ in range(pick.number(1, 3)):
        writes = [_write(pick, type_, pick.one(("t", "u"))) for _ in range(pick.number(1, 3))]
        steps += [Step("write", ";\n".join(writes)), Step("refresh", PRINTED)]
    schema = [s.replace("{t}", type_.name) for s in SCHEMA] + [_write(pick, type_, table, 0) for table in ("t", "u")]
    return Case(tuple(schema), tuple(definitions), tuple(steps))


def _write(pick: Pick, type_: Unequal, table: str, way: int | None = None) -> str:
    def value() -> str:
        return f"{'NULL' if pick.chance(20) else pick.one(type_.literals)}::{type_.name}"

    first = pick.number(1, 6)
    match pick.number(0, 4) if way is None else way:
        case 0 | 1:
            return (
                f"INSERT INTO {table} SELECT i, i % 2 + 1, CASE i % 3 WHEN 0 THEN {value()} ELSE {value()} END, "
                f"{value()} "
                f"FROM generate_series({first}, {first + 2}) i WHERE NOT EXISTS (SELECT FROM {table} WHERE id = i)"
            )
        case 2:
            return f"DELETE FROM {table} WHERE id % 3 = {pick.number(0, 2)}"
        case 3:
            return f"UPDATE {table} SET v = {value()} WHERE id % 2 = {pick.number(0, 1)}"
        case _:
            return f"UPDATE {table} SET k = k + 1, w = {value()} WHERE id >= {first}"


class Equalities:
    """Checks cases: the server and we refuse the same."""

    def __init__(self, laboratory: Laboratory) -> None:
        self.laboratory = laboratory
        forms = {*OUTER, *COMPARED, *(f"over_{inner}" for inner in INNER)}
        laboratory.maintained |= forms | {"unequal", "refused"}

    def check(self, case: Case) -> None:
        """Run a case with what the server takes of it."""
        taken = []
        with self.laboratory.schema(case):
            for definition in case.definitions:
                refusal = self._refusal(definition.query)
                if refusal is None:
                    taken.append(definition)
                else:
                    self._refuse(definition, refusal)
        if not taken:
            raise RejectedError("the server refuses all of it")
        self.laboratory.check(Case(case.schema, tuple(taken), case.steps))

    def _refusal(self, query: str) -> str | None:
        try:
            self.laboratory.writer.execute(query.encode())
        except psycopg.Error as error:
            return error.sqlstate
        return None

    def _refuse(self, definition: Definition, sqlstate: str) -> None:
        try:
            self.laboratory.client.execute(
                f"CREATE DYNAMIC TABLE {definition.name} TARGET_LAG = '1 hour' AS {definition.query}"
            )
        except dyntables.DyntablesError as error:
            if error.sqlstate == sqlstate:
                return
            raise
        raise WrongResultError(f"{definition.query} was not refused with {sqlstate}")


KIND = SpecialKind("unequal", unequal_cases, lambda lab: Equalities(lab).check)
