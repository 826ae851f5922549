"""Definitions that read and print under settings, each written in a world of its own.

The author's session, the database or the statement itself has the settings; afterwards the defaults of the database
change, and the settings of a definition are altered. A table must print what its definition does under its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from psycopg import sql

import dyntables
from tests.oracle.generation.laboratory import Laboratory, WrongResultError
from tests.oracle.generation.model import Case, Definition, Pick, Step
from tests.oracle.generation.special.kind import SpecialKind

SCHEMA = (
    "CREATE TABLE t (id integer PRIMARY KEY, k integer, raw text, at timestamptz, ts timestamp, day date, "
    "span interval, b bytea, f float8, m numeric(9,3))",
    "CREATE TABLE u (id integer, raw text, at timestamptz, f float8)",
    "CREATE VIEW seen AS SELECT id, k, raw, at, ts, day, span, b, f, m, at::text AS printed FROM t",
)
# What a database of the tests has by itself, and what else there may be; the first is the simplest.
BASE = {
    "DateStyle": "ISO, MDY", "TimeZone": "Etc/UTC", "IntervalStyle": "postgres", "bytea_output": "hex",
    "default_text_search_config": "pg_catalog.simple", "quote_all_identifiers": "off", "array_nulls": "on",
    "transform_null_equals": "off", "extra_float_digits": "1", "standard_conforming_strings": "on",
    "xmlbinary": "base64", "lc_monetary": "C", "lc_time": "C", "lc_numeric": "C",
}  # fmt: skip
VALUES = {
    "DateStyle": ("SQL, DMY", "German, DMY", "Postgres, MDY", "ISO, YMD", "ISO, DMY", "SQL, MDY"),
    "TimeZone": ("Europe/Moscow", "America/New_York", "Asia/Kathmandu"),
    "IntervalStyle": ("sql_standard", "postgres_verbose", "iso_8601"),
    "bytea_output": ("escape",), "default_text_search_config": ("english", "german"), "array_nulls": ("off",),
    "quote_all_identifiers": ("on",), "transform_null_equals": ("on",), "extra_float_digits": ("3", "0", "-9"),
    "standard_conforming_strings": ("off",), "xmlbinary": ("hex",), "lc_monetary": ("C.utf8",), "lc_time": ("C.utf8",),
    "lc_numeric": ("C.utf8",),
}  # fmt: skip
# ALTER … SET takes a definition anew, and so its text: how strings are written stays as it was there. Whether floats
# are written in full decides the mode, which stays as well.
ALTERED = sorted(VALUES.keys() - {"standard_conforming_strings", "extra_float_digits"})

EXPRESSIONS = (
    "t.raw::date", "t.at::text", "t.day::text", "('2024-' || t.k || '-02 10:30')::timestamptz", "t.raw::timestamp",
    "'05-06-07'::date", "'1-2 -3:00'::interval", "t.span::text", "t.b::text", "t.f::text", "t.m::money::text",
    "to_char(t.at, 'TMMon FMDD HH24')", "to_char(t.m, 'L9G999D99')", "date_trunc('day', t.at)", "t.at::date",
    "t.ts::timestamptz", "extract(hour FROM t.at)", "t.at + interval '1 day'", "t.at < t.day", "t.day::timestamptz",
    "to_tsvector(t.raw || ' the houses of häuser')", "to_tsquery('houses') @@ to_tsvector('a house')",
    "jsonb_build_object('at', t.at, 'f', t.f, 'b', t.b)", "format('%I %s', 'plain', t.day)", "quote_ident('plain')",
    "ROW(t.at, t.day, t.span, t.f)::text", "ARRAY[t.at]::text", "'{null,a}'::text[]", "concat(t.at, t.f, t.span)",
    "t.raw || 'a\\\\b'", "(t.f = NULL) IS NULL", "to_timestamp(t.raw, 'DD-MM-YY')", "to_date(t.raw, 'DD-MM-YY')",
    "t.at AT TIME ZONE 'Asia/Tokyo'", "t.printed", "date_trunc('month', t.at, 'Europe/Berlin')", "(t.day || ' "
    "1:00')::timestamptz",
    "tstzrange(t.at, NULL)::text", "to_jsonb(t.span)", "t.m::text::money", "array_to_string(ARRAY[t.day, t.day], '/')",
)  # fmt: skip
OF_XML = ("xmlelement(name x, t.b)::text",)
FORMS = (
    "SELECT t.id, {a} AS a, {b} AS b FROM seen t",
    "SELECT t.id, {a} AS a FROM seen t WHERE ({b})::text > '1'",
    "SELECT ({a})::text AS a, count(*) AS n, min(({b})::text) AS b FROM seen t GROUP BY 1",
    "SELECT DISTINCT ({a})::text AS a FROM seen t",
    "SELECT t.id, ({a})::text AS a, row_number() OVER (PARTITION BY ({b})::text ORDER BY t.id) AS n FROM seen t",
    "SELECT t.id, u.id AS other, {a} AS a FROM seen t JOIN u ON u.raw = ({a})::text OR ({b})::text = u.at::text",
    "SELECT t.id, u.at::text AS a, {a} AS b FROM seen t LEFT JOIN u ON u.id = t.k AND u.at >= t.at",
    "SELECT ({a})::text AS a FROM seen t UNION SELECT at::text FROM u",
    "SELECT t.id, ({a})::text AS a FROM seen t ORDER BY ({b})::text, t.id LIMIT 3",
    "SELECT u.id, (SELECT max(({a})::text) FROM seen t WHERE t.k = u.id) AS a FROM u",
    "SELECT t.id, {b} AS a FROM seen t WHERE ({a})::text NOT IN (SELECT at::text FROM u)",
    "SELECT DISTINCT ON (({a})::text) ({a})::text AS a, t.id, {b} AS b FROM seen t ORDER BY 1, t.id",
)  # fmt: skip
ABOVE = (
    "SELECT a::text AS a, count(*) AS n FROM d0 GROUP BY 1",
    "SELECT u.id, (SELECT count(*) FROM d0) AS n, u.at::text AS a FROM u",
)
WAYS = ("session", "database", "option")


def settings_cases(laboratory: Laboratory) -> SearchStrategy[Case]:
    """Return cases for what the server has been built with."""
    return _cases(EXPRESSIONS + (OF_XML if _has_xml(laboratory.writer) else ()))


def _has_xml(connection: psycopg.Connection) -> bool:
    try:
        connection.execute("SELECT '<a/>'::xml")
    except psycopg.errors.FeatureNotSupported:
        return False
    return True


@st.composite
def _cases(draw: st.DrawFn, expressions: tuple[str, ...]) -> Case:
    pick = Pick(draw)
    definitions = []
    for number in range(pick.number(2, 4)):
        form = pick.one(FORMS if number != 1 else ABOVE)
        query = form.format(a=pick.one(expressions), b=pick.one(expressions))
        uses = frozenset({"settings", pick.one(WAYS)})
        definitions.append(Definition(f"d{number}", query, uses, _world(pick)))
    steps: list[Step] = []
    for _ in range(pick.number(1, 3)):
        steps.append(Step("default", "\n".join(_world(pick))))
        steps += [Step("write", _write(pick)) for _ in range(pick.number(1, 2))]
        if pick.chance(25):
            name = pick.one(ALTERED)
            value = pick.one((BASE[name], *VALUES[name]))
            steps.append(Step("alter", f"{pick.one(definitions).name} {name}={value}"))
        steps.append(Step("refresh"))
    return Case((*SCHEMA, _write(pick, 1)), tuple(definitions), tuple(steps))


def _world(pick: Pick) -> tuple[str, ...]:
    often = [name for name in ("TimeZone", "DateStyle") if pick.chance(50)]
    return tuple(f"{name}={pick.one(VALUES[name])}" for name in sorted({*often, *pick.some(sorted(VALUES), 3)}))


def _write(pick: Pick, kind: int | None = None) -> str:
    """Return a write; every text is a date in any order of day, month and year."""
    first = pick.number(1, 6)
    moment = pick.one(("2024-07-01 12:00Z", "2024-03-31 01:30Z", "2014-10-25 22:30Z", "2014-10-25 21:30Z"))
    match kind or pick.number(1, 5):
        case 1 | 2:
            return (
                f"INSERT INTO t SELECT i, i % 3 + 1, '0' || i || '-11-12', '{moment}'::timestamptz + i * "
                f"interval '5 h', "
                f"('2024-05-0' || i)::timestamp, ('2024-02-0' || i)::date, '1 day -2 hours'::interval * i, "
                f"'\\x5c00ff', i / 3.0, i * 1234.5 "
                f"FROM generate_series({first}, {first + 2}) i ON CONFLICT (id) DO UPDATE SET at = excluded.at, "
                f"f = t.f + 1"
            )
        case 3:
            return f"INSERT INTO u VALUES ({first}, '0{first}-02-03', '{moment}', 0.1), ({first}, NULL, NULL, 1e15 / 7)"
        case 4:
            return f"UPDATE t SET raw = '03-0{first}-05', span = - span, m = m + 0.001 WHERE id % 2 = {first % 2}"
        case _:
            return f"DELETE FROM t WHERE id = {first}; DELETE FROM u WHERE id % 2 = {first % 2}"


class Worlds:
    """Checks cases: each table against its definition under the settings of that."""

    def __init__(self, laboratory: Laboratory) -> None:
        self.laboratory = laboratory

    def check(self, case: Case) -> None:
        """Run a case."""
        worlds = {d.name: BASE | _read(d.settings) for d in case.definitions}
        with self.laboratory.schema(case) as schema:
            try:
                modes = {d.name: self._create(d, worlds[d.name], schema) for d in case.definitions}
                self.laboratory.tally.histories += 1
                self._follow(case, worlds, modes, schema)
            finally:
                self._set_database({})

    def _follow(self, case: Case, worlds: dict[str, dict[str, str]], modes: dict[str, str], schema: str) -> None:
        altered: set[str] = set()
        for step in case.steps:
            if step.act == "default":
                self._set_database(BASE | _read(step.sql.splitlines()))
            elif step.act == "alter":
                name, _, setting = step.sql.partition(" ")
                altered.add(name)
                worlds[name] |= _read([setting])
                option, _, value = setting.partition("=")
                with self._session(schema) as client:
                    client.execute(f"ALTER DYNAMIC TABLE {name} SET {option.upper()} = '{value}'")
                modes[name] = self.laboratory.mode(name)[0]
            elif step.act == "refresh":
                for definition in case.definitions:
                    self._refresh(definition, worlds, modes, altered, schema)
                altered.clear()
            else:
                self.laboratory.act(step)

    def _create(self, definition: Definition, world: dict[str, str], schema: str) -> str:
        """Create a table in the way that its definition asks for, and return its mode."""
        self._set_database(world if "database" in definition.uses else BASE)
        options = ""
        with self._session(schema) as client:
            if "session" in definition.uses:
                client.execute("; ".join(f"SET {name} = '{value}'" for name, value in world.items()))
            if "option" in definition.uses:
                options = " ".join(f"{n.upper()} = '{v}'" for n, v in _read(definition.settings).items())
            client.execute(
                f"CREATE DYNAMIC TABLE {definition.name} TARGET_LAG = '1 hour' {options} AS {definition.query}"
            )
        self.laboratory.settle()
        self.laboratory.tally.definitions += 1
        mode = self.laboratory.mode(definition.name)[0]
        self.laboratory.tally.incremental += mode == "INCREMENTAL"
        if (mode == "FULL") != (int(world["extra_float_digits"]) < 1):
            raise WrongResultError(f"the mode of {definition.name} is {mode}")
        self._compare(definition, world)
        return mode

    def _refresh(
        self, d: Definition, worlds: dict[str, dict[str, str]], modes: dict[str, str], altered: set[str], schema: str
    ) -> None:
        with self._session(schema) as client:
            action = self.laboratory.verify(d.name, client)["action"]
        allowed = {"INCREMENTAL", "NO_DATA"} if modes[d.name] == "INCREMENTAL" else {"FULL", "NO_DATA"}
        allowed |= {"REINITIALIZE"} if d.name in altered else set()
        if action not in allowed:
            raise WrongResultError(f"the refresh of {d.name} was {action}: {self.laboratory.why(d.name)}")
        self._compare(d, worlds[d.name])

    def _compare(self, definition: Definition, world: dict[str, str]) -> None:
        """Compare what table and definition print in a session that has the settings of the definition."""
        writer = self.laboratory.writer
        try:
            for name, value in world.items():
                writer.execute("SELECT set_config(%s, %s, false)", (name, value))
            printed = (f"SELECT q::text FROM ({definition.query}) q", f"SELECT q::text FROM {definition.name} q")
            wanted, found = (sorted(map(str, writer.execute(side.encode()))) for side in printed)
        finally:
            for name in world:
                writer.execute(sql.SQL("RESET {}").format(sql.Identifier(name)))
        if wanted != found:
            raise WrongResultError(f"{definition.name} prints {found} under {world}, its definition {wanted}")

    @contextmanager
    def _session(self, schema: str) -> Iterator[dyntables.Client]:
        """Open a session of the present defaults."""
        with closing(dyntables.connect(self.laboratory.url)) as client:
            client.execute(f"SET search_path = {schema}")
            yield client

    def _set_database(self, settings: dict[str, str]) -> None:
        writer = self.laboratory.writer
        database = sql.Identifier(writer.info.dbname)
        writer.execute(sql.SQL("ALTER DATABASE {} RESET ALL").format(database))
        for name, value in settings.items():
            change = sql.SQL("ALTER DATABASE {} SET {} = {}")
            writer.execute(change.format(database, sql.Identifier(name), sql.Literal(value)))


def _read(settings: tuple[str, ...] | list[str]) -> dict[str, str]:
    return {name: value for name, _, value in (s.partition("=") for s in settings)}


KIND = SpecialKind("settings", settings_cases, lambda lab: Worlds(lab).check, effort=3)
