"""Functions that are replaced in the middle of a history, and definitions that reach them in every way.

Functions call others of lower numbers; an operator, an aggregate, a cast, a domain and a view stand on them. A refresh
says which definitions must be computed anew, because something that they reach is another than at the refresh before;
and no others may.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from tests.oracle.generation.laboratory import Laboratory, WrongResultError
from tests.oracle.generation.model import Case, Definition, Pick, Step
from tests.oracle.generation.special.kind import SpecialKind

# What string bodies call is in a schema of a known name, as they are run under an empty path.
TABLES = (
    "DROP SCHEMA IF EXISTS lib CASCADE",
    "CREATE SCHEMA lib",
    "CREATE TABLE t (id integer PRIMARY KEY, k integer, n integer)",
    "CREATE TABLE u (id integer, n integer)",
    "INSERT INTO t SELECT i, i % 3, i FROM generate_series(1, 5) i",
    "INSERT INTO u SELECT i, i FROM generate_series(1, 3) i",
)
# What the functions are called, also in escapes; and what makes an operator, a cast and a domain of one, by
# which bodies reach it.
NAMES = ("f0", '"f 1"', '"größe"', '"f3""A"')
ESCAPED = ('U&"\\00660"', 'U&"f\\00201"', 'U&"gr\\00f6\\00dfe"', 'U&"f3""\\0041"')
SIGNS = ("<#>", "<@#>", "<##>", "<&#>")
REACHED = (
    "CREATE OPERATOR lib.{sign} (RIGHTARG = integer, FUNCTION = lib.{f}); CREATE TYPE lib.b{n} AS (n integer); "
    "CREATE FUNCTION lib.mk{n}(n integer) RETURNS lib.b{n} LANGUAGE sql IMMUTABLE "
    "AS 'SELECT ROW(lib.{f}(n))::lib.b{n}'; "
    "CREATE CAST (integer AS lib.b{n}) WITH FUNCTION lib.mk{n}(integer); "
    "CREATE DOMAIN lib.checked{n} AS integer CHECK (lib.{f}(value) IS DISTINCT FROM -12345)"
)
CALLS = ("lib.{f}(n)", "lib.{escaped}(n)", "(OPERATOR(lib.{sign}) n)", "(n::lib.b{n}).n", "n::lib.checked{n}::integer")
PARSED = "sql IMMUTABLE RETURN"
FUNCTIONS = len(NAMES)
# What stands on a function, and what makes it: {f} is the function, {v} the name.
VEHICLES = {
    "call": "",
    "operator": "CREATE FUNCTION lib.{v}_of(a integer, b integer) RETURNS integer LANGUAGE sql IMMUTABLE "
    "RETURN lib.{f}(a) + b; "
    "CREATE OPERATOR lib.{sign} (LEFTARG = integer, RIGHTARG = integer, FUNCTION = lib.{v}_of)",
    "aggregate": "CREATE FUNCTION lib.{v}_step(s integer, n integer) RETURNS integer LANGUAGE sql IMMUTABLE "
    "AS 'SELECT s + coalesce(lib.{f}(n), 0)'; "
    "CREATE AGGREGATE lib.{v}(integer) (SFUNC = lib.{v}_step, STYPE = integer, INITCOND = '0')",
    "final": "CREATE AGGREGATE lib.{v}(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0', FINALFUNC = lib.{f})",
    "cast": "CREATE TYPE lib.{v} AS (n integer); "
    "CREATE FUNCTION lib.{v}_made(n integer) RETURNS lib.{v} LANGUAGE sql IMMUTABLE "
    "AS 'SELECT ROW(lib.{f}(n))::lib.{v}'; CREATE CAST (integer AS lib.{v}) WITH FUNCTION lib.{v}_made(integer)",
    "domain": "CREATE DOMAIN lib.{v} AS integer CHECK (lib.{f}(value) IS DISTINCT FROM -12345)",
    "view": "CREATE VIEW {v} AS SELECT id, k, n, lib.{f}(n) AS v FROM t",
    "argument": "CREATE FUNCTION lib.{v}(n integer, d integer DEFAULT lib.{f}(7)) RETURNS integer LANGUAGE sql "
    "IMMUTABLE RETURN n + d",
}
EXPRESSIONS = {
    "call": "lib.{f}(t.n)", "operator": "t.n OPERATOR(lib.{sign}) t.k", "cast": "((t.n::lib.{v}).n)",
    "domain": "t.n::lib.{v}::integer", "argument": "lib.{v}(t.n)",
}  # fmt: skip
FORMS = (
    "SELECT t.id, {e} AS v FROM t",
    "SELECT t.id, t.k FROM t WHERE {e} > 3",
    "SELECT {e} AS v, count(*) AS n FROM t GROUP BY 1",
    "SELECT t.k, sum({e}) AS v FROM t GROUP BY t.k",
    "SELECT t.id, u.id AS other FROM t JOIN u ON {e} = u.n",
    "SELECT t.id, u.id AS other FROM t LEFT JOIN u ON u.id = t.k AND {e} > u.n",
    "SELECT t.id, rank() OVER (PARTITION BY t.k ORDER BY {e}) AS r FROM t",
    "SELECT u.id FROM u WHERE u.n NOT IN (SELECT {e} FROM t WHERE t.n IS NOT NULL AND {e} IS NOT NULL)",
    "SELECT u.id, (SELECT max({e}) FROM t WHERE t.k = u.id) AS v FROM u",
    "SELECT {e} AS v FROM t UNION SELECT n FROM u",
    "SELECT t.id, {e} AS v FROM t ORDER BY {e}, t.id LIMIT 2",
)
# Of these the function is called by the definition itself.
DIRECT = frozenset({"call", "final", "domain", "view", "argument"})
OTHER_FORMS = {
    "aggregate": ("SELECT t.k, lib.{v}(t.n) AS v FROM t GROUP BY t.k", "SELECT lib.{v}(t.n) AS v FROM t"),
    "final": (
        "SELECT t.k, lib.{v}(t.n) AS v FROM t GROUP BY t.k",
        "SELECT t.id, lib.{v}(t.n) OVER (PARTITION BY t.k) AS v FROM t",
    ),
    "view": (
        "SELECT id, v FROM {v}",
        "SELECT v, count(*) AS n FROM {v} GROUP BY v",
        "SELECT u.id, q.v FROM u JOIN {v} q ON q.id = u.n",
    ),
}
ALTERATIONS = {
    "STRICT": {"strict": True}, "CALLED ON NULL INPUT": {"strict": False}, "SET work_mem = '1MB'": {"setting": True},
    "RESET ALL": {"setting": False}, "SECURITY DEFINER": {"definer": True}, "SECURITY INVOKER": {"definer": False},
    "COST 7": {}, "PARALLEL SAFE": {}, "NOT LEAKPROOF": {},
}  # fmt: skip


def written(text: str, number: int) -> str:
    """Write a text with a function in it."""
    return text.format(f=NAMES[number], escaped=ESCAPED[number], sign=SIGNS[number], n=number)


@dataclass(frozen=True, slots=True)
class Function:
    """What the results of a function depend on."""

    body: str
    strict: bool = False
    setting: bool = False
    definer: bool = False


@dataclass(slots=True)
class Library:
    """The functions at one moment, and whom each calls."""

    pick: Pick
    functions: dict[int, Function] = field(default_factory=dict)
    calls: dict[int, set[int]] = field(default_factory=dict)

    def write(self, number: int) -> str:
        """Write a function anew, with other calls and another constant."""
        pick = self.pick
        called = self.calls[number] = {pick.number(0, number - 1)} if number and pick.chance(60) else set()
        value = " + ".join(["n", str(pick.number(1, 9)), *(written(pick.one(CALLS), c) for c in called)])
        body = pick.one((
            f"{PARSED} {value}",
            f"sql IMMUTABLE AS 'SELECT {value}'",
            f"plpgsql IMMUTABLE AS 'BEGIN RETURN {value}; END'",
            f"plpgsql IMMUTABLE AS 'DECLARE r integer; BEGIN EXECUTE ''SELECT {value} FROM (SELECT $1) q (n)'' "
            "INTO r USING n; RETURN r; END'",
        ))  # fmt: skip
        self.functions[number] = Function(body)
        return f"CREATE OR REPLACE FUNCTION lib.{NAMES[number]}(n integer) RETURNS integer LANGUAGE {body}"

    def alter(self, number: int) -> str:
        """Change a property of a function, or one that is none of its results."""
        change = self.pick.one(list(ALTERATIONS))
        self.functions[number] = replace(self.functions[number], **ALTERATIONS[change])
        return f"ALTER FUNCTION lib.{NAMES[number]}(integer) {change}"

    def reached(self, number: int) -> dict[int, Function]:
        """Return what a function calls, itself included: anything, if there are names in escapes in a string body."""
        found = self._below(number)
        escaped = any("U&" in f.body and not f.body.startswith(PARSED) for f in found.values())
        return dict(self.functions) if escaped else found

    def _below(self, number: int) -> dict[int, Function]:
        found = {number: self.functions[number]}
        for called in self.calls[number]:
            found |= self._below(called)
        return found


@st.composite
def function_cases(draw: st.DrawFn) -> Case:
    """Draw a case."""
    pick = Pick(draw)
    library = Library(pick)
    schema = [*TABLES, *(s for n in range(FUNCTIONS) for s in (library.write(n), written(REACHED, n)))]
    roots: dict[str, tuple[int, str]] = {}
    definitions: list[Definition] = []
    for at in range(pick.number(1, 3)):
        number, vehicle = pick.number(0, FUNCTIONS - 1), pick.one(list(VEHICLES))
        names = {"f": NAMES[number], "v": f"v{at}", "sign": "#" * (at + 1) + "+"}
        schema += [VEHICLES[vehicle].format(**names)] if VEHICLES[vehicle] else []
        query = _query(pick, vehicle).format(**names)
        definitions.append(Definition(f"d{at}", query, frozenset({"functions", vehicle})))
        roots[f"d{at}"] = number, vehicle
    definitions.append(Definition("above", "SELECT count(*) AS n FROM d0", frozenset({"functions"})))
    return Case(tuple(schema), tuple(definitions), tuple(_steps(pick, library, roots)))


def _query(pick: Pick, vehicle: str) -> str:
    if vehicle in OTHER_FORMS:
        return pick.one(OTHER_FORMS[vehicle])
    return pick.one(FORMS).replace("{e}", EXPRESSIONS[vehicle])


def _steps(pick: Pick, library: Library, roots: dict[str, tuple[int, str]]) -> list[Step]:
    steps: list[Step] = []
    for _ in range(pick.number(1, 4)):
        before = {name: library.reached(root) for name, (root, _) in roots.items()}
        for _ in range(pick.number(0, 2)):
            number = pick.one(list(before["d0"])) if pick.chance(60) else pick.number(0, FUNCTIONS - 1)
            steps.append(Step("replace", library.write(number) if pick.chance(60) else library.alter(number)))
        steps += [Step("write", _write(pick))] if pick.chance(60) else []
        anew = [name for name, (root, _) in roots.items() if library.reached(root) != before[name]]
        steps.append(Step("refresh", " ".join(f"{name}=REINITIALIZE" for name in anew)))
    if pick.chance(20):
        number = pick.one(list(library.reached(roots["d0"][0])))
        steps.append(Step("replace", f"ALTER FUNCTION lib.{NAMES[number]}(integer) STABLE"))
        # For what a function calls who declared that function answers.
        ends = {
            name: "FULL" if root == number and vehicle in DIRECT else "REINITIALIZE"
            for name, (root, vehicle) in roots.items()
            if number in library.reached(root)
        }
        steps.append(Step("refresh", " ".join(f"{name}={action}" for name, action in ends.items())))
    return steps


def _write(pick: Pick) -> str:
    first = pick.number(1, 8)
    return pick.one((
        f"INSERT INTO t SELECT i, i % 3, nullif(i, 3) FROM generate_series({first}, {first + 2}) i "
        "ON CONFLICT (id) DO UPDATE SET n = excluded.n + 1",
        f"INSERT INTO u VALUES ({first}, {first}), (NULL, {first})",
        f"UPDATE t SET n = n + 1, k = {first % 3} WHERE id % 2 = {first % 2}",
        f"DELETE FROM t WHERE id = {first}",
    ))  # fmt: skip


class Replacements:
    """Checks cases: who is concerned is computed anew, and nobody else."""

    def __init__(self, laboratory: Laboratory) -> None:
        self.laboratory = laboratory

    def check(self, case: Case) -> None:
        """Run a case."""
        lab = self.laboratory
        with lab.schema(case):
            for definition in case.definitions:
                if not lab.create(definition):
                    raise WrongResultError(f"{definition.name} is not maintained: {definition.query}")
            lab.tally.histories += 1
            for step in case.steps:
                if step.act == "replace":
                    lab.writer.execute(step.sql)
                    if "STABLE" in step.sql:
                        lab.writer.execute("UPDATE dyntables.dynamic_table SET refresh_mode = 'AUTO'")
                elif step.act == "refresh":
                    self._refresh(case, dict(word.split("=") for word in step.sql.split()))
                else:
                    lab.act(step)

    def _refresh(self, case: Case, anew: dict[str, str]) -> None:
        for definition in case.definitions:
            action = self.laboratory.verify(definition.name)["action"]
            allowed = {anew[definition.name]} if definition.name in anew else {"INCREMENTAL", "NO_DATA"}
            if action not in allowed:
                why = self.laboratory.why(definition.name)
                raise WrongResultError(f"the refresh of {definition.name} was {action}, not one of {allowed}: {why}")


KIND = SpecialKind("functions", lambda _: function_cases(), lambda lab: Replacements(lab).check)
