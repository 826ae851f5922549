"""Random cases over types that bring their own operators, or no equality at all.

Every definition is one of a few forms over a column of such a type. What the table shows is compared with the author's
text: the text that dyntables stores may have lost its meaning.
"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from hypothesis import strategies as st

from tests.oracle.generation.laboratory import Laboratory, RejectedError
from tests.oracle.generation.model import Case, Definition, Pick, Step
from tests.oracle.generation.special.kind import SpecialKind

SCHEMA = "odd"
EXTENSIONS = ("citext", "hstore", "ltree", "cube", "isn")

# A text that is equal whatever its case, with operator classes; and a pair that is grouped by its first half, by an
# operator that is not named =.
PREPARE = """
CREATE SCHEMA odd;
SET search_path = odd;
CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE EXTENSION ltree; CREATE EXTENSION cube; CREATE EXTENSION isn;
CREATE TYPE fold;
CREATE FUNCTION fold_in(cstring) RETURNS fold LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION fold_out(fold) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE fold (INPUT = fold_in, OUTPUT = fold_out, LIKE = text);
CREATE CAST (fold AS text) WITHOUT FUNCTION;
CREATE FUNCTION fold_cmp(a fold, b fold) RETURNS integer LANGUAGE sql IMMUTABLE STRICT
    RETURN bttextcmp(lower(a::text COLLATE "C"), lower(b::text COLLATE "C"));
CREATE FUNCTION fold_eq(a fold, b fold) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT RETURN fold_cmp(a, b) = 0;
CREATE FUNCTION fold_lt(a fold, b fold) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT RETURN fold_cmp(a, b) < 0;
CREATE FUNCTION fold_le(a fold, b fold) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT RETURN fold_cmp(a, b) <= 0;
CREATE FUNCTION fold_gt(a fold, b fold) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT RETURN fold_cmp(a, b) > 0;
CREATE FUNCTION fold_ge(a fold, b fold) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT RETURN fold_cmp(a, b) >= 0;
CREATE FUNCTION fold_hash(a fold) RETURNS integer LANGUAGE sql IMMUTABLE STRICT
    RETURN hashtext(lower(a::text COLLATE "C"));
CREATE FUNCTION fold_hash2(a fold, seed bigint) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT
    RETURN hashtextextended(lower(a::text COLLATE "C"), seed);
CREATE OPERATOR = (LEFTARG = fold, RIGHTARG = fold, FUNCTION = fold_eq, COMMUTATOR = =, HASHES, MERGES);
CREATE OPERATOR < (LEFTARG = fold, RIGHTARG = fold, FUNCTION = fold_lt, COMMUTATOR = >);
CREATE OPERATOR <= (LEFTARG = fold, RIGHTARG = fold, FUNCTION = fold_le, COMMUTATOR = >=);
CREATE OPERATOR > (LEFTARG = fold, RIGHTARG = fold, FUNCTION = fold_gt, COMMUTATOR = <);
CREATE OPERATOR >= (LEFTARG = fold, RIGHTARG = fold, FUNCTION = fold_ge, COMMUTATOR = <=);
CREATE OPERATOR CLASS fold_ops DEFAULT FOR TYPE fold USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =,
    OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 fold_cmp(fold, fold);
CREATE OPERATOR CLASS fold_hash_ops DEFAULT FOR TYPE fold USING hash AS OPERATOR 1 =, FUNCTION 1 fold_hash(fold),
    FUNCTION 2 fold_hash2(fold, bigint);
CREATE TYPE pair AS (n integer, t text);
CREATE FUNCTION pair_cmp(a pair, b pair) RETURNS integer LANGUAGE sql IMMUTABLE STRICT
    RETURN btint4cmp((a).n, (b).n);
CREATE FUNCTION pair_eq(a pair, b pair) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT RETURN pair_cmp(a, b) = 0;
CREATE FUNCTION pair_lt(a pair, b pair) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT RETURN pair_cmp(a, b) < 0;
CREATE FUNCTION pair_le(a pair, b pair) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT RETURN pair_cmp(a, b) <= 0;
CREATE FUNCTION pair_gt(a pair, b pair) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT RETURN pair_cmp(a, b) > 0;
CREATE FUNCTION pair_ge(a pair, b pair) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT RETURN pair_cmp(a, b) >= 0;
CREATE OPERATOR === (LEFTARG = pair, RIGHTARG = pair, FUNCTION = pair_eq, COMMUTATOR = ===, MERGES);
CREATE OPERATOR <<< (LEFTARG = pair, RIGHTARG = pair, FUNCTION = pair_lt, COMMUTATOR = >>>);
CREATE OPERATOR <<= (LEFTARG = pair, RIGHTARG = pair, FUNCTION = pair_le, COMMUTATOR = >>=);
CREATE OPERATOR >>> (LEFTARG = pair, RIGHTARG = pair, FUNCTION = pair_gt, COMMUTATOR = <<<);
CREATE OPERATOR >>= (LEFTARG = pair, RIGHTARG = pair, FUNCTION = pair_ge, COMMUTATOR = <<=);
CREATE OPERATOR CLASS pair_ops DEFAULT FOR TYPE pair USING btree AS OPERATOR 1 <<<, OPERATOR 2 <<=, OPERATOR 3 ===,
    OPERATOR 4 >>=, OPERATOR 5 >>>, FUNCTION 1 pair_cmp(pair, pair);
CREATE TYPE mood AS ENUM ('low', 'high');
CREATE TYPE tag AS (n integer, t citext);
CREATE TYPE reach AS RANGE (SUBTYPE = citext);
CREATE DOMAIN nick AS citext CHECK (value <> 'no');
CREATE DOMAIN needed AS integer NOT NULL CHECK (value > 0);
CREATE DOMAIN listed AS citext[] NOT NULL;
CREATE DOMAIN document AS json NOT NULL;
RESET search_path;
"""


@dataclass(frozen=True, slots=True)
class OddType:
    """A type: its literals, of which some are equal and print otherwise; whether it can be grouped, compared, NULL."""

    name: str
    literals: tuple[str, ...]
    grouped: bool = True
    compared: bool = True
    null: bool = True


TYPES = (
    OddType("citext", ("'a'", "'A'", "'b'")),
    OddType("hstore", ("'x=>1'", "'x=>1, y=>2'", "''")),
    OddType("ltree", ("'top.a'", "'top'", "'top.b'")),
    OddType("cube", ("'(1,2)'", "'(0)'", "'(1,2),(3,4)'")),
    OddType("isbn", ("'978-0-393-04002-9'", "'0-393-04002-X'", "'1-56619-909-3'")),
    OddType("fold", ("'a'", "'A'", "'b'")),
    OddType("pair", ("'(1,a)'", "'(1,A)'", "'(2,a)'")),
    OddType("mood", ("'low'", "'high'")),
    OddType("tag", ("'(1,a)'", "'(1,A)'", "'(2,b)'", "'(,)'")),
    OddType("reach", ("'[a,b]'", "'[A,B]'", "'empty'")),
    OddType("nick", ("'a'", "'A'", "'b'")),
    OddType("citext[]", ("'{a}'", "'{A}'", "'{a,b}'")),
    OddType("needed", ("1", "2", "3"), null=False),
    OddType("listed", ("'{a}'", "'{A}'", "'{a,b}'"), null=False),
    OddType("box", ("'(1,1),(0,0)'", "'(2,2),(1,1)'", "'(2,2),(0,0)'"), grouped=False),
    OddType("json", ("""'{"a":1}'""", """'{"a": 1}'""", "'[]'"), grouped=False, compared=False),
    OddType("point", ("'(1,2)'", "'(0,0)'"), grouped=False, compared=False),
    OddType("document", ("""'{"a":1}'""", """'{"a": 1}'"""), grouped=False, compared=False, null=False),
    OddType("json[]", ("""'{"[1]"}'""", "'{}'"), grouped=False, compared=False),
)

# Forms for any type; for those that are compared by =; and for those that can be grouped and ordered by too. {l} and
# {m} are literals.
ANY = {
    "bag": "SELECT v, w FROM t",
    "padded": "SELECT t.id, u.v, u.id AS other FROM t LEFT JOIN u ON u.id = t.id AND u.k = t.k",
    "both_padded": "SELECT t.v, u.v AS uv FROM t FULL JOIN u ON u.id = t.id",
    "dependent": "SELECT t.id, t.v, count(u.id) AS n FROM t LEFT JOIN u ON u.k = t.k GROUP BY t.id",
    "windowed": "SELECT id, v, row_number() OVER (PARTITION BY k ORDER BY id) AS n FROM t",
    "before": "SELECT id, lag(v) OVER (PARTITION BY k ORDER BY id) AS v FROM t",
    "first": "SELECT id, v FROM t ORDER BY id DESC LIMIT 2",
    "first_of_each": "SELECT DISTINCT ON (k) k, id, v FROM t ORDER BY k, id",
    "together": "SELECT v FROM t UNION ALL SELECT v FROM u",
    "collected": "SELECT k, array_agg(id ORDER BY id) FILTER (WHERE v IS NOT NULL) AS ids FROM t GROUP BY k",
    "looked_up": "SELECT id, (SELECT max(u.id) FROM u WHERE u.k <= t.k AND t.v IS NOT NULL) AS m FROM t",
    "value_of": "SELECT u.id, (SELECT t.v FROM t WHERE t.id = u.id) AS v FROM u",
    "value_beside": "SELECT t.id, (SELECT u.v FROM u WHERE u.id = t.id) AS v FROM t",
    "groups_beside": "SELECT t.id, q.k, q.m FROM t LEFT JOIN LATERAL (SELECT u.k, max(u.id) AS m FROM u "
    "WHERE u.k <= t.k AND t.v IS NOT NULL GROUP BY u.k) q ON q.m > 1",
    "asked": "SELECT t.id, t.v, u.v AS uv FROM t FULL JOIN u ON u.id = t.id AND EXISTS "
    "(SELECT 1 FROM t s WHERE s.k = t.k AND s.id >= u.id)",
    "after": "SELECT id, lead(v) OVER w AS v, nth_value(w, 2) OVER w AS w FROM t "
    "WINDOW w AS (PARTITION BY k ORDER BY id)",
    "rolled_up": "SELECT k, count(v) AS n FROM t GROUP BY ROLLUP (k)",
}
COMPARED = {
    "joined": "SELECT t.id, u.id AS other FROM t JOIN u ON t.v = u.v",
    "joined_using": "SELECT t.id, u.id AS other FROM t JOIN u USING (v)",
    "left_using": "SELECT t.id, u.id AS other FROM t LEFT JOIN u USING (v, k)",
    "contained": "SELECT id FROM t WHERE v IN (SELECT v FROM u)",
    "not_contained": "SELECT id FROM t WHERE v NOT IN (SELECT v FROM u)",
    "marked": "SELECT id, v = ANY (SELECT v FROM u) AS found, v = {l} AS same FROM t",
    "correlated": "SELECT id, (SELECT count(*) FROM u WHERE u.v = t.v) AS n FROM t",
    "existing": "SELECT id FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.v = t.v AND u.k <> t.k)",
    "distinct_from": "SELECT id, v IS DISTINCT FROM w AS d FROM t WHERE v IS DISTINCT FROM {l}",
    "alike": "SELECT t.id, u.id AS other FROM t JOIN u ON t.v IS NOT DISTINCT FROM u.v",
    "kinds": "SELECT id, CASE v WHEN {l} THEN 1 WHEN {m} THEN 2 ELSE 3 END AS kind FROM t",
    "emptied": "SELECT id, nullif(v, {l}) IS NULL AS n FROM t",
    "listed": "SELECT id FROM t WHERE v IN ({l}, {m})",
    "counted": "SELECT k, count(*) FILTER (WHERE v = {l}) AS n FROM t GROUP BY k",
}
GROUPED = {
    "groups": "SELECT v, count(*) AS n, sum(id) AS s FROM t GROUP BY v",
    "two_keys": "SELECT v, w, max(id) AS m FROM t GROUP BY v, w HAVING count(*) > 1",
    "once": "SELECT DISTINCT v FROM t",
    "counted_once": "SELECT k, count(DISTINCT v) AS n FROM t GROUP BY k",
    "partitioned": "SELECT id, row_number() OVER (PARTITION BY v ORDER BY id) AS n FROM t",
    "ranked": "SELECT id, dense_rank() OVER (ORDER BY v) AS r FROM t",
    "united": "SELECT v FROM t UNION SELECT v FROM u",
    "subtracted": "SELECT v FROM t EXCEPT ALL SELECT v FROM u",
    "shared": "SELECT v FROM t INTERSECT SELECT v FROM u",
    "ordered": "SELECT id, v FROM t ORDER BY v, id LIMIT 3",
    "of_groups": "SELECT q.v, q.n, u.id FROM (SELECT v, count(*) AS n FROM t GROUP BY v) q JOIN u ON u.v = q.v",
    "in_sets": "SELECT v, w, count(*) AS n FROM t GROUP BY GROUPING SETS ((v), (w), ())",
    "rolled": "SELECT v, k, count(*) AS n FROM t GROUP BY ROLLUP (v, k)",
}
# The server finds no operator named = for a pair but that of rows, which is not the one that groups.
MAINTAINED = frozenset({"types", *ANY, *COMPARED, *GROUPED})


@st.composite
def odd_cases(draw: st.DrawFn) -> Case:
    """Draw a case."""
    pick = Pick(draw)
    type_ = pick.one(TYPES)
    key = " PRIMARY KEY" if pick.chance(70) else ""
    columns = f"id integer{{}}, k integer, v {type_.name}, w {type_.name}"
    schema = (f"CREATE TABLE t ({columns.format(' PRIMARY KEY')})", f"CREATE TABLE u ({columns.format(key)})")
    forms = ANY | (COMPARED if type_.compared else {}) | (GROUPED if type_.grouped else {})
    definitions = []
    for number, form in enumerate(dict.fromkeys(pick.one(sorted(forms)) for _ in range(3))):
        constants = {name: f"{pick.one(type_.literals)}::{type_.name}" for name in "lm"}
        query = forms[form]
        for name, constant in constants.items():
            query = query.replace(f"{{{name}}}", constant)
        definitions.append(Definition(f"d{number}", query, frozenset({"types", form})))
    steps: list[Step] = []
    for _ in range(pick.number(2, 4)):
        writes = [_write(pick, type_, pick.one(("t", "u"))) for _ in range(pick.number(1, 3))]
        steps += [Step("write", ";\n".join(writes)), Step("refresh")]
    return Case(schema, tuple(definitions), tuple(steps))


def _value(pick: Pick, type_: OddType) -> str:
    if type_.null and pick.chance(20):
        return f"NULL::{type_.name}"
    return f"{pick.one(type_.literals)}::{type_.name}"


def _write(pick: Pick, type_: OddType, table: str) -> str:
    first = pick.number(1, 6)
    match pick.number(0, 4):
        case 0 | 1:
            return (
                f"INSERT INTO {table} SELECT i, i % 2, CASE i % 3 WHEN 0 THEN {_value(pick, type_)} "
                f"ELSE {_value(pick, type_)} END, {_value(pick, type_)} FROM generate_series({first}, {first + 2}) i "
                f"WHERE NOT EXISTS (SELECT FROM {table} WHERE id = i)"
            )
        case 2:
            return f"DELETE FROM {table} WHERE id % 3 = {pick.number(0, 2)}"
        case 3:
            return f"UPDATE {table} SET v = {_value(pick, type_)} WHERE id % 2 = {pick.number(0, 1)}"
        case _:
            return f"UPDATE {table} SET k = k + 1, w = {_value(pick, type_)} WHERE id >= {first}"


def prepare(connection: psycopg.Connection) -> bool:
    """Make the types, unless they are there; tell whether the server has the extensions."""
    if connection.execute("SELECT to_regnamespace('odd')").fetchone() != (None,):
        return True
    found = connection.execute("SELECT name FROM pg_available_extensions WHERE name = ANY(%s)", (list(EXTENSIONS),))
    if len(found.fetchall()) < len(EXTENSIONS):
        return False
    connection.execute(PREPARE)
    return True


class OddTypes:
    """Checks cases, if the server has the extensions."""

    def __init__(self, laboratory: Laboratory) -> None:
        self.laboratory = laboratory
        self.prepared = prepare(laboratory.writer)

    def check(self, case: Case) -> None:
        """Run a case."""
        if not self.prepared:
            raise RejectedError("the server has no contrib modules")
        lab = self.laboratory
        before = lab.types_in, lab.maintained
        lab.types_in, lab.maintained = SCHEMA, MAINTAINED
        try:
            lab.check(case)
        finally:
            lab.types_in, lab.maintained = before


KIND = SpecialKind("types", lambda _: odd_cases(), lambda lab: OddTypes(lab).check)
