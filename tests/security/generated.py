"""Generated attacks: traps at random places, random definitions over them, random statements of the service."""

from __future__ import annotations

import contextlib
import random

import psycopg

from tests.security.conftest import Stage

LAG = "TARGET_LAG = '1 hour'"
_FUNCTION = "CREATE FUNCTION {} RETURNS {} {} LANGUAGE plpgsql AS $$ BEGIN PERFORM {}; RETURN {}; END $$"


def attack(stage: Stage, seed: int) -> None:
    """Run one attack, in a schema of its own; whether it succeeded, ``stage.judge`` says."""
    chance, schema = random.Random(seed), f"s{seed}"
    stage.plain.execute(f"CREATE SCHEMA {schema}".encode())
    stage.plain.execute(f"SET search_path TO {schema}, public".encode())
    items, items_in_full = _make_kinds(stage, chance)
    _prepare_source(stage, chance)
    names = []
    for number in range(chance.randint(1, 3)):
        mode = chance.choice(["INCREMENTAL", "FULL", "AUTO"])
        known = items if mode == "INCREMENTAL" else items + items_in_full
        columns = [f"{item} AS c{i}" for i, item in enumerate(chance.sample(known, chance.randint(1, len(known))))]
        where = f" WHERE {chance.choice(items)} IS NOT NULL" if chance.random() < 0.4 else ""
        source = chance.choice(["src", "over", *(f"{schema}.{n}" for n in names)])
        query = f"SELECT id, v, k, {', '.join(columns)} FROM {source}{where}"
        if chance.random() < 0.3:
            query = f"SELECT v, count(*) AS id, min(k) AS k FROM ({query}) q GROUP BY v"
        _try(stage, chance.choice(["CREATE", "EXPLAIN CREATE"]), f"t{number}", mode, query, schema)
        names.append(f"t{number}")
    for _ in range(chance.randint(4, 10)):
        _step(stage, chance, schema, chance.choice(names))


def _try(stage: Stage, verb: str, name: str, mode: str, query: str, schema: str) -> None:
    path = f"SET search_path TO {schema}, public"
    stage.attacker._session.connection.execute(path.encode())
    stage.attempt(stage.attacker, f"{verb} DYNAMIC TABLE {schema}.{name} {LAG} REFRESH_MODE = {mode} AS {query}")
    stage.attempt(stage.attacker, f"CREATE DYNAMIC TABLE IF NOT EXISTS {schema}.{name} {LAG} AS {query}")


def _make_kinds(stage: Stage, chance: random.Random) -> tuple[list[str], list[str]]:
    """Make objects with traps; return expressions over ``src`` that use them, and those for full refreshes only."""
    made: list[str] = ["CREATE TYPE kind AS ENUM ('a', 'b')"]
    for signature, returns, value in (
        ("f(integer)", "integer", "$1"), ("o(integer, integer)", "boolean", "$1 = $2"), ("c(kind)", "integer", "1"),
        ("d(integer, integer)", "float8", "$1 - $2"), ("s(integer, integer)", "integer", "$1"),
        ("a(integer DEFAULT 3)", "integer", "$1"),
    ):  # fmt: skip
        volatility = "IMMUTABLE" if signature[0] in "ocd" else chance.choice(["IMMUTABLE", "STABLE", "VOLATILE"])
        made.append(_FUNCTION.format(signature, returns, volatility, stage.trap(signature[0]), value))
    made += [
        "CREATE OPERATOR === (FUNCTION = o, LEFTARG = integer, RIGHTARG = integer)",
        f"CREATE DOMAIN dom AS integer CHECK ({stage.trap('domain')})",
        "CREATE CAST (kind AS integer) WITH FUNCTION c(kind)" + chance.choice(["", " AS ASSIGNMENT"]),
        "CREATE TYPE span AS RANGE (subtype = integer, subtype_diff = d)",
        "CREATE TYPE pair AS (a dom, b integer)",
        "CREATE AGGREGATE agg(integer) (SFUNC = s, STYPE = integer, INITCOND = '0')",
    ]
    for statement in made:
        stage.plain.execute(statement.encode())
    steady = [
        "v === 1",
        "v::dom",
        "k::integer",
        "span(v, v + 2)",
        "k = 'a'::kind",
        "ROW(v, 1)::pair",
        "ARRAY[v]::dom[]",
    ]
    return steady, ["f(v)", "a()", "'(1,2)'::pair", "'[1,5)'::span", "(SELECT agg(x.v) FROM src x)"]


def _prepare_source(stage: Stage, chance: random.Random) -> None:
    stage.plain.execute("CREATE TABLE src (id integer PRIMARY KEY, v integer, k kind)")
    stage.plain.execute("INSERT INTO src SELECT i, i % 3, 'a' FROM generate_series(1, 5) i")
    stage.plain.execute(f"CREATE VIEW over AS SELECT * FROM src WHERE {stage.trap('view')} OR v IS NULL".encode())
    _put(stage, chance, "src", chance.randint(0, 3))


def _put(stage: Stage, chance: random.Random, table: str, times: int) -> None:
    """Put code on a table of the attacker's."""
    for _ in range(times):
        name = f"n{chance.randrange(10**9)}"
        _plainly(
            stage,
            chance.choice([
                f"CREATE INDEX ON {table} (({stage.trap('index')}))",
                f"CREATE STATISTICS {name} ON ({stage.trap('statistics')}) FROM {table}",
                f"ALTER TABLE {table} ADD CHECK ({stage.trap('check')})",
                f"ALTER TABLE {table} ADD COLUMN {name} dom DEFAULT a()",
                f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
                f"CREATE POLICY {name} ON {table} USING ({stage.trap('policy')})",
                f"CREATE RULE {name} AS ON DELETE TO {table} DO ALSO SELECT {stage.trap('rule')}",
                _FUNCTION.format(f"{name}()", "trigger", "", stage.trap("trigger"), "NEW")
                + f"; CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
            ]),
        )  # fmt: skip


def _plainly(stage: Stage, statement: str) -> None:
    # Not every place takes every kind of code.
    with contextlib.suppress(psycopg.Error):
        stage.plain.execute(statement.encode())


def _step(stage: Stage, chance: random.Random, schema: str, name: str) -> None:
    table = f"{schema}.{name}"
    match chance.randrange(5):
        case 0:
            change = ["INSERT INTO src SELECT max(id) + 1, 1, 'b' FROM src", "UPDATE src SET v = v + 1", "TRUNCATE src"]
            _plainly(stage, chance.choice(change))
        case 1:
            owned = "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relname ~ '^t[0-9]+_g' AND "
            rows = stage.plain.execute((owned + "pg_get_userbyid(relowner) = current_user").encode()).fetchall()
            if rows:
                _put(stage, chance, chance.choice(rows)[0], 1)
        case 2:
            _plainly(
                stage, f"CREATE OR REPLACE VIEW {name} AS SELECT *, {stage.trap('replaced')} AS more FROM {name}_x"
            )
            stage.attempt(stage.attacker, f"CREATE DYNAMIC TABLE {table}_c CLONE {table}; DROP DYNAMIC TABLE {table}_c")
        case 3:
            rows = stage.superuser.execute("SELECT relname FROM pg_class WHERE relname ~ '^t[0-9]+_g'").fetchall()
            with psycopg.connect(stage.service.url, autocommit=True) as plain:
                for (storage,) in rows:
                    with contextlib.suppress(psycopg.Error):
                        plain.execute(f"ANALYZE dyntables_data.{storage}".encode())
        case _:
            what = [
                "ALTER DYNAMIC TABLE {} REFRESH",
                "ALTER DYNAMIC TABLE {} VERIFY",
                "EXPLAIN DYNAMIC TABLE {}",
                "EXPLAIN CHANGES {}",
            ]
            what += [
                "DROP DYNAMIC TABLE {}; UNDROP DYNAMIC TABLE {}",
                "ALTER DYNAMIC TABLE {} RENAME TO {}2; ALTER DYNAMIC TABLE {}2 RENAME TO {}",
            ]
            stage.attempt(stage.service, chance.choice(what).replace("{}", table))
