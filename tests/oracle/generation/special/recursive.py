"""WITH RECURSIVE: composed of a base, a step and what reads the rows, over a forest and graphs that grow and change.

After added rows alone such a table follows from the changes, unless what it reads can lose rows by them; after anything
else it may be built anew, and then says that the recursion was why.
"""

from __future__ import annotations

from hypothesis import strategies as st

from tests.oracle.generation.laboratory import Laboratory, WrongResultError
from tests.oracle.generation.model import Case, Definition, Pick, Step
from tests.oracle.generation.special.kind import SpecialKind
from tests.oracle.recursions import APPENDS, OTHERS, TABLES, filled

GROWING = "growing"
# Of the columns k and v. Where rows below can go as others come, the recursion does not only grow.
BASES = {
    "SELECT a, b FROM edge": True,
    "SELECT id, 0 FROM part WHERE parent IS NULL": True,
    "SELECT id, parent FROM part WHERE name <> 'x'": True,
    "SELECT DISTINCT a, 1 FROM edge": True,
    "VALUES (1, 0), (2, NULL::integer)": True,
    "SELECT a, b FROM dag UNION ALL SELECT id, 1 FROM part": True,
    "SELECT a, count(*)::integer FROM edge GROUP BY a": False,
    "SELECT p.id, e.b FROM part p LEFT JOIN edge e ON e.a = p.id": False,
    "SELECT id, parent FROM part p WHERE NOT EXISTS (SELECT FROM dag WHERE dag.a = p.id)": False,
}
# What the next k is, and where it comes from. Only the edges may lead back.
STEPS = {
    "p.id": "r JOIN part p ON p.parent = r.k",
    "d.b": "r JOIN dag d ON d.a = r.k",
    "d.b + 0": "dag d JOIN (SELECT k, v FROM r WHERE k > 1) r ON d.a = r.k",
    "l.b": "r, LATERAL (SELECT b FROM dag WHERE dag.a = r.k AND dag.b > coalesce(r.v, 0)) l",
    "q.id": "r JOIN dag d ON d.a = r.k JOIN part q ON q.id = d.b",
    "s.id": "r JOIN (SELECT id, parent FROM part UNION ALL SELECT b, a FROM dag) s ON s.parent = r.k",
    "f.b": "r JOIN edge f ON f.a = r.k",
    "h.b": "r JOIN edge f ON f.a = r.k JOIN edge h ON h.a = f.b AND h.label IS NOT DISTINCT FROM f.label",
}
_BAGS = ("INSERT INTO edge", "INSERT INTO dag")
_BACK = {"f.b", "h.b"}
VALUES = ("r.v", "coalesce(r.v, 0) % 3", "least(r.k, r.v)", "NULL::integer")
CONDITIONS = {
    "": True,
    "r.v IS DISTINCT FROM 2": True,
    "EXISTS (SELECT FROM edge x WHERE x.a = r.k)": True,
    "r.k IN (SELECT parent FROM part)": True,
    "NOT EXISTS (SELECT FROM edge x WHERE x.b = r.k)": False,
}
ABOVE = (
    "SELECT k, v FROM r",
    "SELECT k, count(*) AS n, sum(v) AS s FROM r GROUP BY k",
    "SELECT r.k, p.name FROM r LEFT JOIN part p ON p.id = r.v",
    "SELECT DISTINCT v FROM r",
    "SELECT a.k, b.v FROM r a JOIN r b ON a.k = b.v",
    "SELECT k, v, rank() OVER (PARTITION BY k ORDER BY v) AS place FROM r",
    "SELECT k, v FROM r ORDER BY v DESC NULLS LAST, k LIMIT 4",
    "SELECT id FROM part WHERE id NOT IN (SELECT k FROM r WHERE k IS NOT NULL)",
)


@st.composite
def recursive_cases(draw: st.DrawFn) -> Case:
    """Draw one or two definitions, and a history in rounds, of which most only add rows."""
    pick = Pick(draw)
    schema = (*TABLES, *(filled(pick.one(APPENDS), pick.one) for _ in range(pick.number(2, 5))))
    definitions = [_definition(pick, "d0", BASES)]
    if pick.chance(60):
        plain = GROWING in definitions[0].uses and definitions[0].query.endswith(ABOVE[0])
        definitions.append(_definition(pick, "d1", BASES | ({"SELECT k, v FROM d0": True} if plain else {})))
    steps: list[Step] = []
    for _ in range(pick.number(1, 3)):
        written = [pick.one(APPENDS) for _ in range(pick.number(1, 3))]
        if pick.chance(40):
            written.append(pick.one(OTHERS))
        # A key, or a row, that is held open would block the others.
        acts = {s: pick.one(("write", "late")) if s.startswith(_BAGS) else "write" for s in written}
        steps += [Step(act, filled(statement, pick.one)) for statement, act in acts.items()]
        steps += [Step("refresh"), *([Step("commit"), Step("refresh")] if pick.chance(50) else [])]
    return Case(schema, tuple(definitions), tuple(steps))


def _definition(pick: Pick, name: str, bases: dict[str, bool]) -> Definition:
    base, to, condition = pick.one(list(bases)), pick.one(list(STEPS)), pick.one(list(CONDITIONS))
    union = "UNION" if to in _BACK or pick.chance(50) else "UNION ALL"
    value = pick.one(VALUES if to in _BACK else (*VALUES, "r.v + 1"))
    where = f" WHERE {condition}" if condition else ""
    with_ = f"WITH RECURSIVE r(k, v) AS ({base} {union} SELECT {to}, {value} FROM {STEPS[to]}{where})"
    grows = {GROWING} if bases[base] and CONDITIONS[condition] else set()
    return Definition(name, f"{with_} {pick.one(ABOVE)}", frozenset({"recursive", *grows}))


class Recursions:
    """Checks cases: what each refresh did, and that it was enough."""

    def __init__(self, laboratory: Laboratory) -> None:
        self.laboratory = laboratory

    def check(self, case: Case) -> None:
        """Run a case."""
        lab = self.laboratory
        with lab.schema(case):
            for definition in case.definitions:
                if not lab.create(definition):
                    raise WrongResultError(f"{definition.query} is not maintained: {lab.mode(definition.name)}")
            lab.tally.histories += 1
            added = True
            for step in (*case.steps, Step("commit"), Step("refresh")):
                if step.act != "refresh":
                    added &= step.act == "commit" or step.sql.startswith("INSERT")
                    lab.act(step)
                    continue
                for definition in case.definitions:
                    self._refresh(definition, added=added)
                added = True

    def _refresh(self, definition: Definition, *, added: bool) -> None:
        lab = self.laboratory
        action = lab.verify(definition.name)["action"]
        why = lab.why(definition.name)
        if action == "REINITIALIZE" and "RECURSION_NEEDS_REBUILD" not in str(why):
            raise WrongResultError(f"{definition.name} was built anew: {why}")
        if action == "FULL" or (action == "REINITIALIZE" and added and GROWING in definition.uses):
            raise WrongResultError(f"the refresh of {definition.name} was {action}: {why}")


KIND = SpecialKind("recursive", lambda _: recursive_cases(), lambda lab: Recursions(lab).check, effort=2)
