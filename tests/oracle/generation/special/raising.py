"""Cases whose expressions can fail: behind joins and conditions, over sources that change together.

A state in which the definition itself fails must leave the contents as they are. Once it runs again the table must be
right, and where it ran before and after, the refresh must have been incremental.
"""

from __future__ import annotations

from collections import Counter

import psycopg
from hypothesis import strategies as st

import dyntables
from tests.oracle.generation.laboratory import Laboratory, WrongResultError
from tests.oracle.generation.model import Case, Definition, Pick, Step
from tests.oracle.generation.special.kind import SpecialKind

SCHEMA = (
    "CREATE TABLE n (id integer PRIMARY KEY, k integer, num integer, raw text)",
    "CREATE TABLE m (id integer PRIMARY KEY, k integer, div integer, kind text)",
    "CREATE DOMAIN positive AS integer CHECK (VALUE > 0)",
    "CREATE FUNCTION checked(v integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS "
    "$$BEGIN IF v = 0 THEN RAISE 'zero'; END IF; RETURN v; END$$",
    "CREATE VIEW numbers AS SELECT id, k, num, raw, raw::integer AS v, 12 / num AS w FROM n",
)

# Over a row a of n and a row b of m.
BOTH = (
    "a.num / b.div", "(a.num - b.div)::positive::integer", "12 / (a.num - b.div)", "a.num % checked(b.div)",
    "length(substr(a.raw, 1, b.div))", "sqrt((a.num + b.div)::float8)::integer", "(b.div || a.raw)::integer",
)  # fmt: skip
OF_ONE = ("a.raw::integer", "checked(a.num)", "12 / a.num", "sqrt(a.num::float8)::integer", "a.num::positive::integer")
GUARDS = ("b.kind = 'ok'", "b.div > 0", "a.num > b.div", "b.kind = 'ok' AND a.num > 0", "true")
# What we compute of pairs of no state, and leave to a rebuild.
LEFT_TO_REBUILD = frozenset({"on_outer", "exists_both"})


_PAIRS = "FROM n a JOIN m b USING (k) WHERE {guard}"
FORMS = {
    "projected": f"SELECT a.id, b.id AS o, {{some}} AS v {_PAIRS}",
    "filtered": f"SELECT a.id {_PAIRS} AND {{some}} > 0",
    "on_inner": "SELECT a.id, b.div FROM n a JOIN m b ON a.k = b.k AND {some} > 0 WHERE {guard}",
    "summed": f"SELECT a.k, sum({{some}}) AS v, count(*) AS c {_PAIRS} GROUP BY a.k",
    "extreme": f"SELECT b.k, max({{some}}) AS v {_PAIRS} GROUP BY b.k",
    "aggregate_filter": f"SELECT count(*) FILTER (WHERE {{some}} > 0) AS c {_PAIRS}",
    "group_key": f"SELECT {{some}} AS v, count(*) AS c {_PAIRS} GROUP BY 1",
    "distinct": f"SELECT DISTINCT {{some}} AS v {_PAIRS}",
    "tail": f"SELECT a.k, 12 / count(*) AS v, sum(a.num) / count(b.div) AS w {_PAIRS} GROUP BY a.k",
    "hidden_tail": f"SELECT a.k, sum(a.num) / count(b.div) AS w {_PAIRS} GROUP BY a.k HAVING 12 / count(*) > 2",
    "left_join": "SELECT a.id, {both} AS v FROM n a LEFT JOIN m b USING (k)",
    "full_join": "SELECT a.id, b.id AS o, {both} AS v FROM n a FULL JOIN m b USING (k)",
    "on_outer": "SELECT a.id, b.id AS o FROM n a LEFT JOIN m b ON a.k = b.k AND {both} > 0",
    "exists_both": "SELECT a.id FROM n a WHERE EXISTS (SELECT FROM m b WHERE a.k = b.k AND {both} > 0)",
    "above_exists": "SELECT a.id, {one} AS v FROM n a WHERE EXISTS (SELECT FROM m b WHERE a.k = b.k AND b.kind = 'ok')",
    "above_mark": "SELECT a.id, CASE WHEN a.k IN (SELECT k FROM m WHERE kind = 'ok') THEN {one} END AS v FROM n a",
    "below": "SELECT b.id, s.v FROM m b JOIN (SELECT a.k, {one} AS v FROM n a) s USING (k) WHERE b.kind = 'ok'",
    "view": "SELECT b.id, a.v, a.w FROM numbers a JOIN m b USING (k) WHERE {guard}",
    "share": "SELECT k, count(*) * 12 / (SELECT count(*) FROM n) AS v FROM n GROUP BY k",
    "of_maximum": "SELECT a.id FROM n a WHERE a.num * 12 / (SELECT max(div) FROM m) > 1",
    "of_total": "SELECT a.id, a.num * 12 / (SELECT sum(div) FROM m) AS v FROM n a",
    "correlated": "SELECT b.id, (SELECT sum({both}) FROM n a WHERE a.k = b.k) AS v FROM m b",
    "window": f"SELECT a.id, b.id AS o, rank() OVER (PARTITION BY a.k ORDER BY {{some}}) AS r {_PAIRS}",
    "union": f"SELECT {{some}} AS v {_PAIRS} UNION SELECT num FROM n",
    "first": f"SELECT a.id, b.id AS o, {{some}} AS v {_PAIRS} ORDER BY v, a.id, b.id LIMIT 3",
    "three": "SELECT a.id, c.id AS o, {some} AS v FROM n a JOIN m b USING (k) JOIN n c ON c.num = b.div WHERE {guard}",
}
READER = "SELECT * FROM d0"


@st.composite
def raising_cases(draw: st.DrawFn) -> Case:
    """Draw a definition that can fail, a reader of it, and a history in which both sources change at once."""
    pick = Pick(draw)
    form = pick.one(list(FORMS))
    steps: list[Step] = []
    for _ in range(pick.number(2, 5)):
        steps += [Step("write", ";\n".join(_writes(pick))), Step("refresh")]
    of_both, of_one = pick.one(BOTH), pick.one(OF_ONE)
    parts = {"both": of_both, "one": of_one, "some": pick.one((of_both, of_one)), "guard": pick.one(GUARDS)}
    made = Definition("d0", FORMS[form].format(**parts), frozenset({"raising", form}))
    return Case(SCHEMA, (made, Definition("d1", READER, frozenset({"reader"}))), tuple(steps))


def _writes(pick: Pick) -> list[str]:
    """Return changes of both sources; most leave a state in which nothing fails."""
    calm = pick.chance(75)
    raw, div = pick.one(("1", "2", "7") if calm else ("x", "", "0")), pick.one((1, 2, 3) if calm else (0, -1))
    num, kind = pick.one((4, 6, 9) if calm else (0, -4)), pick.one(("ok", "ok", "no") if calm else ("ok", "no"))
    first, k = pick.number(1, 4), pick.number(1, 2)
    also = pick.one(("true", f"k = {k}", f"id > {first}"))
    left = (
        f"INSERT INTO n VALUES ({first}, {k}, {num}, '{raw}'), ({first + 4}, {k}, {num} + 1, '{raw}1') "
        "ON CONFLICT (id) DO UPDATE SET k = excluded.k, num = excluded.num, raw = excluded.raw",
        f"UPDATE n SET num = {num}, raw = '{raw}' WHERE {also}",
        f"DELETE FROM n WHERE {also}",
    )
    right = (
        f"INSERT INTO m VALUES ({first}, {k}, {div}, '{kind}') "
        "ON CONFLICT (id) DO UPDATE SET k = excluded.k, div = excluded.div, kind = excluded.kind",
        f"UPDATE m SET div = {div}, kind = '{kind}' WHERE {also}",
        f"DELETE FROM m WHERE {also}",
    )
    return [pick.one(left), pick.one(right)]


class Watch:
    """Checks cases, and counts the ways in which their refreshes ended."""

    def __init__(self, laboratory: Laboratory) -> None:
        self.laboratory = laboratory
        self.ends: Counter[str] = Counter()

    def check(self, case: Case) -> None:
        """Run a case."""
        lab, (made, reader) = self.laboratory, case.definitions
        with lab.schema(case):
            incremental = [lab.create(made), lab.create(reader)]
            if not all(incremental):
                raise WrongResultError("a definition is not maintained")
            lab.tally.histories += 1
            fine = True
            for step in case.steps:
                if step.act == "refresh":
                    fine = self._refresh(made, reader, fine=fine)
                else:
                    lab.act(step)

    def _refresh(self, made: Definition, reader: Definition, *, fine: bool) -> bool:
        """Refresh both; return whether the definition runs at the state to which the table was brought."""
        if not self._runs(made.query):
            return self._keep(made, fine=fine)
        action = self.laboratory.verify(made.name)["action"]
        allowed = {"INCREMENTAL", "NO_DATA"}
        if not fine or made.uses & LEFT_TO_REBUILD:
            allowed.add("REINITIALIZE")
        if action not in allowed:
            raise WrongResultError(f"the refresh of {made.name} was {action}: {self.laboratory.why(made.name)}")
        if (above := self.laboratory.verify(reader.name)["action"]) not in ("INCREMENTAL", "NO_DATA"):
            raise WrongResultError(f"the refresh of its reader was {above}: {self.laboratory.why(reader.name)}")
        self.ends[action] += 1
        return True

    def _keep(self, made: Definition, *, fine: bool) -> bool:
        """Refresh while the definition fails: either the contents stay, or nothing of what fails was needed."""
        before = self._rows(made.name)
        try:
            self.laboratory.client.execute(f"ALTER DYNAMIC TABLE {made.name} REFRESH")
        except dyntables.DyntablesError:
            self.ends["FAILED"] += 1
            if self._rows(made.name) != before:
                raise WrongResultError(f"a failed refresh changed {made.name}") from None
            return fine
        self.ends["NOT NEEDED"] += 1
        return False

    def _rows(self, name: str) -> list[tuple[str, ...]]:
        return sorted(self.laboratory.client.execute(f"SELECT q::text FROM {name} q").rows)

    def _runs(self, query: str) -> bool:
        try:
            self.laboratory.writer.execute(query)  # type: ignore[call-overload]
        except psycopg.Error:
            return False
        return True


KIND = SpecialKind("raising", lambda _: raising_cases(), lambda lab: Watch(lab).check)
