"""Random histories of renames: every kind of object that a definition may name, its schema, and the table itself.

Objects are drawn by what they are, and called by their present names, of which some need quotes; two of a kind may
exchange theirs. The definitions are fixed: they name each kind, several of one name among them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

SCHEMAS = """
CREATE SCHEMA a; CREATE SCHEMA b;
CREATE TYPE a.color AS ENUM ('red', 'green', 'blue');
CREATE TYPE a.pair AS (x integer, y a.color);
CREATE DOMAIN a.small AS integer CHECK (value < 1000);
CREATE FUNCTION a.f(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
CREATE FUNCTION a.f(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper($1)';
CREATE FUNCTION a.g(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 7';
CREATE FUNCTION b.f(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT -$1';
CREATE OPERATOR a.#+ (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4pl);
CREATE AGGREGATE a.total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = 0);
CREATE TABLE a.s (id integer PRIMARY KEY, k integer, c a.color, p a.pair, t text);
INSERT INTO a.s SELECT i, i % 4, (enum_range(NULL::a.color))[1 + i % 3], ROW(i, 'red'::a.color)::a.pair, 'x' || i
    FROM generate_series(1, 30) i;
CREATE VIEW a.v AS SELECT id, a.g(k) AS g, c, t FROM a.s;
"""
DEFINITIONS = {
    "calls": "SELECT id, a.f(k) AS f, a.f(t) AS u, a.g(k) AS g, b.f(k) AS n, k OPERATOR(a.#+) id AS o FROM a.s",
    "types": "SELECT id, (p).x AS x, k::a.small AS m, t FROM a.s WHERE c = 'red' OR c = ANY ('{green}'::a.color[])",
    "groups": "SELECT c, count(*) AS n, max((p).x) AS x, a.total(k) AS s FROM a.s WHERE (p).y = 'red' GROUP BY c",
    "view": "SELECT g, count(*) AS n, min(a.f(t)) AS t FROM a.v WHERE c <> 'blue' GROUP BY g",
    "above": "SELECT sum(n) AS n FROM groups",
    "in_full": "SELECT a.f(k) AS f, random() < 2 AS r, c = 'green' AS green FROM a.s",
}
_FRESH = ("plain", "Mixed Case", 'quo"ted', "select", "naïve", "x$y")


@dataclass
class Named:
    """An object: how ALTER calls it, its present schema and name, and what follows the name."""

    kind: str
    schema: str
    name: str
    suffix: str = ""

    def written(self) -> str:
        """Return the name as it is written now."""
        name = self.name if self.kind == "OPERATOR" else quoted(self.name)
        return f"{quoted(self.schema)}.{name}{self.suffix}"


def quoted(name: str) -> str:
    """Return a name as an identifier."""
    return '"' + name.replace('"', '""') + '"'


@dataclass
class World:
    """The objects as they are called at present, and who chooses."""

    choose: random.Random
    schemas: list[str] = field(default_factory=lambda: ["a", "b"])
    labels: list[str] = field(default_factory=lambda: ["red", "green", "blue"])
    attribute: str = "x"
    tables: dict[str, str] = field(default_factory=lambda: {name: name for name in DEFINITIONS})
    numbers: int = 0

    def __post_init__(self) -> None:
        self.color = Named("TYPE", "a", "color")
        self.pair = Named("TYPE", "a", "pair")
        self.source = Named("TABLE", "a", "s")
        self.twins = [Named("FUNCTION", "a", "f", "(integer)"), Named("FUNCTION", "a", "g", "(integer)")]
        self.objects = [
            self.color, self.pair, self.source, *self.twins, Named("DOMAIN", "a", "small"), Named("VIEW", "a", "v"),
            Named("FUNCTION", "a", "f", "(text)"), Named("FUNCTION", "b", "f", "(integer)"),
            Named("OPERATOR", "a", "#+", "(integer, integer)"), Named("AGGREGATE", "a", "total", "(integer)"),
        ]  # fmt: skip

    def fresh(self) -> str:
        """Return a name that nothing has had."""
        self.numbers += 1
        return f"{self.choose.choice(_FRESH)} {self.numbers}"

    def write(self) -> str:
        """Return a change of the source."""
        first = self.choose.randint(1, 60)
        table = self.source.written()
        return self.choose.choice(
            (
                f"INSERT INTO {table} SELECT i, i % 5, NULL, NULL, 'y' FROM generate_series({first}, {first + 3}) i "
                "ON CONFLICT (id) DO UPDATE SET k = excluded.k, t = excluded.t",
                f"DELETE FROM {table} WHERE id % 7 = {first % 7}",
                f"UPDATE {table} SET k = k + 1, c = (enum_range(c))[1] WHERE id < {first}",
            )
        )

    def rename(self) -> list[str]:
        """Return the statements of one renaming."""
        ways = [self._rename, self._move, self._exchange, self._schema, self._label, self._attribute, self._table]
        return self.choose.choice(ways)()

    def _rename(self) -> list[str]:
        found = self.choose.choice([o for o in self.objects if o.kind != "OPERATOR"])
        before, found.name = found.written(), self.fresh()
        return [f"ALTER {found.kind} {before} RENAME TO {quoted(found.name)}"]

    def _move(self) -> list[str]:
        found, schema = self.choose.choice(self.objects), self.choose.choice(self.schemas)
        same = [o for o in self.objects if (o.schema, o.name, o.suffix) == (schema, found.name, found.suffix)]
        if same:
            return []
        before, found.schema = found.written(), schema
        return [f"ALTER {found.kind} {before} SET SCHEMA {quoted(schema)}"]

    def _exchange(self) -> list[str]:
        one, two = self.twins
        if one.schema != two.schema:
            return []
        between = Named("FUNCTION", one.schema, self.fresh(), one.suffix)
        steps = [
            f"ALTER FUNCTION {one.written()} RENAME TO {quoted(between.name)}",
            f"ALTER FUNCTION {two.written()} RENAME TO {quoted(one.name)}",
            f"ALTER FUNCTION {between.written()} RENAME TO {quoted(two.name)}",
        ]
        one.name, two.name = two.name, one.name
        return steps

    def _schema(self) -> list[str]:
        at, new = self.choose.randrange(len(self.schemas)), self.fresh()
        before, self.schemas[at] = self.schemas[at], new
        for found in self.objects:
            found.schema = new if found.schema == before else found.schema
        return [f"ALTER SCHEMA {quoted(before)} RENAME TO {quoted(new)}"]

    def _label(self) -> list[str]:
        at, new = self.choose.randrange(len(self.labels)), self.fresh()
        before, self.labels[at] = self.labels[at].replace("'", "''"), new
        return [f"ALTER TYPE {self.color.written()} RENAME VALUE '{before}' TO '{new}'"]

    def _attribute(self) -> list[str]:
        before, self.attribute = self.attribute, self.fresh()
        return [f"ALTER TYPE {self.pair.written()} RENAME ATTRIBUTE {quoted(before)} TO {quoted(self.attribute)}"]

    def _table(self) -> list[str]:
        key, new = self.choose.choice(sorted(self.tables)), self.fresh()
        before, self.tables[key] = self.tables[key], new
        return [f"ALTER VIEW {quoted(before)} RENAME TO {quoted(new)}"]
