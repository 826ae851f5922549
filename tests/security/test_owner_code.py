"""Whatever the owner of a dynamic table may put code into, that code never runs with the rights of the service."""

from __future__ import annotations

import psycopg
import pytest

from tests.security.conftest import Stage

pytestmark = pytest.mark.pg(15, 18)

LAG = "TARGET_LAG = '1 hour'"


def _function(stage: Stage, signature: str, returns: str, value: str, trap: str) -> None:
    stage.plain.execute(
        f"CREATE FUNCTION {signature} RETURNS {returns} IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN "
        f"PERFORM {stage.trap(trap)}; RETURN {value}; END $$".encode()
    )


def _kinds(stage: Stage) -> None:
    """Let the attacker make an object of each kind with a trap in it, and two tables to read."""
    t = stage.trap
    stage.plain.execute("CREATE TYPE kind AS ENUM ('a', 'b')")
    _function(stage, "f(integer)", "integer", "$1", "function")
    _function(stage, "o(integer, integer)", "boolean", "$1 = $2", "operator")
    _function(stage, "c(kind)", "integer", "1", "cast")
    _function(stage, "diff(integer, integer)", "float8", "$1 - $2", "range")
    _function(stage, "s(integer, integer)", "integer", "$1", "aggregate")
    _function(stage, "rows()", "SETOF integer", "NEXT 1", "rows")
    _function(stage, "dflt(integer DEFAULT c('a'::kind))", "integer", "7", "argument")
    _function(stage, "gen()", "integer", "8", "generated")
    for statement in (
        "CREATE OPERATOR === (FUNCTION = o, LEFTARG = integer, RIGHTARG = integer)",
        f"CREATE DOMAIN dom AS integer CHECK ({t('domain')})",
        "CREATE CAST (kind AS integer) WITH FUNCTION c(kind)",
        "CREATE TYPE span AS RANGE (subtype = integer, subtype_diff = diff)",
        "CREATE AGGREGATE agg(integer) (SFUNC = s, STYPE = integer, INITCOND = '0')",
        "CREATE TABLE src (id integer PRIMARY KEY, v integer, k kind, g integer GENERATED ALWAYS AS (gen()) STORED)",
        "INSERT INTO src SELECT i, i, 'a' FROM generate_series(1, 3) i",
        f"CREATE INDEX ON src (({t('index')}))",
        f"CREATE INDEX ON src (id) WHERE {t('partial_index')}",
        f"CREATE STATISTICS st ON ({t('statistics')}), id FROM src",
        f"CREATE VIEW below AS SELECT id, v, k, g, {t('view')} AS w FROM src",
        "CREATE TABLE guarded (id integer, v integer); INSERT INTO guarded VALUES (1, 1)",
        "ALTER TABLE guarded ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY p ON guarded USING ({t('policy')})",
    ):
        stage.plain.execute(statement.encode())


INCREMENTAL = (
    "SELECT id, f(v) AS f, v === 1 AS o, id::dom AS d, k::integer AS c, k, g, span(v, v + 5) AS s, w, dflt() AS a "
    "FROM below WHERE k <> 'b'::kind OR v > 0"
)
FULL = "SELECT agg(b.v), f(random()::integer) AS f, b.v === 2 AS o, span(1, 3) AS s FROM guarded b, rows() GROUP BY b.v"


def test_every_kind_of_object(stage: Stage) -> None:
    _kinds(stage)
    service, attacker = stage.service, stage.attacker
    attacker.execute(f"EXPLAIN CREATE DYNAMIC TABLE i {LAG} REFRESH_MODE = INCREMENTAL AS {INCREMENTAL}")
    attacker.execute(f"CREATE DYNAMIC TABLE i {LAG} REFRESH_MODE = INCREMENTAL AS {INCREMENTAL}")
    attacker.execute(f"CREATE DYNAMIC TABLE u {LAG} REFRESH_MODE = FULL AS {FULL}")
    attacker.execute(
        f"CREATE DYNAMIC TABLE a {LAG} REFRESH_MODE = INCREMENTAL AS SELECT o, count(*) AS n FROM i GROUP BY o"
    )
    stage.plain.execute("INSERT INTO src (id, k) VALUES (4, 'b'); UPDATE src SET v = 9 WHERE id = 1")
    for table, action in (("a", "INCREMENTAL"), ("u", "FULL")):
        assert action in service.execute(f"ALTER DYNAMIC TABLE {table} REFRESH").rows[0]
    assert service.execute("ALTER DYNAMIC TABLE a VERIFY").rows[0][1] is True
    assert service.execute("ALTER DYNAMIC TABLE i VERIFY").rows[0][1] is True
    for statement in (
        "EXPLAIN DYNAMIC TABLE i",
        "EXPLAIN CHANGES i",
        "DESCRIBE DYNAMIC TABLE i",
        "SHOW DYNAMIC TABLES",
    ):
        service.execute(statement)
    attacker.execute("CREATE DYNAMIC TABLE copy CLONE i; ALTER DYNAMIC TABLE copy REFRESH")
    service.execute("ALTER DYNAMIC TABLE copy SWAP WITH u; ALTER DYNAMIC TABLE copy RENAME TO other")
    service.execute("DROP DYNAMIC TABLE other; UNDROP DYNAMIC TABLE other; ALTER DYNAMIC TABLE other REFRESH")
    stage.plain.execute("TRUNCATE src")
    assert "REINITIALIZE" in service.execute("ALTER DYNAMIC TABLE i REFRESH").rows[0]
    stage.plain.execute("INSERT INTO src SELECT i, i, 'a' FROM generate_series(1, 9) i")
    service.execute("ALTER DYNAMIC TABLE a REFRESH")
    with psycopg.connect(service.url, autocommit=True) as plain:
        for (name,) in plain.execute("SELECT relname FROM pg_class WHERE relname ~ '^t[0-9]+_g'").fetchall():
            plain.execute(f"ANALYZE dyntables_data.{name}")
    stage.judge("generated")  # that runs where the attacker writes


def test_what_an_owner_puts_on_storage_and_view(stage: Stage) -> None:
    """They are the owner's own tables: it may put anything on them that runs code."""
    stage.plain.execute("CREATE TABLE src (id integer PRIMARY KEY, v integer); INSERT INTO src VALUES (1, 1), (2, 2)")
    attacker, service, t = stage.attacker, stage.service, stage.trap
    attacker.execute(
        f"CREATE DYNAMIC TABLE i {LAG} REFRESH_MODE = INCREMENTAL AS SELECT v, count(*) AS n FROM src GROUP BY v"
    )
    attacker.execute(f"CREATE DYNAMIC TABLE u {LAG} REFRESH_MODE = FULL AS SELECT id, v FROM src")
    attacker.execute(f"CREATE DYNAMIC TABLE a {LAG} REFRESH_MODE = INCREMENTAL AS SELECT id FROM u")
    _function(stage, "on_row()", "trigger", "NEW", "trigger")
    owned = "pg_get_userbyid(relowner) = current_user AND relname ~ '^t[0-9]+_g'"
    tables = stage.plain.execute(
        f"SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND {owned}".encode()
    ).fetchall()
    assert len(tables) >= 2
    for number, (table,) in enumerate(tables):
        for statement in (
            f"CREATE TRIGGER r BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION on_row()",
            f"CREATE TRIGGER s AFTER DELETE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION on_row()",
            f"CREATE RULE r AS ON DELETE TO {table} DO ALSO SELECT {t('rule')}",
            f"ALTER TABLE {table} ADD CHECK ({t('check')})",
            f"CREATE STATISTICS public.s{number} ON ({t('statistics')}) FROM {table}",
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY p ON {table} USING ({t('policy')})",
        ):
            stage.plain.execute(statement.encode())
    for change in ("INSERT INTO src VALUES (3, 1), (4, 3)", "UPDATE src SET v = 7", "DELETE FROM src WHERE id < 3"):
        stage.plain.execute(change.encode())
        stage.attempt(
            service, *(f"ALTER DYNAMIC TABLE {name} {what}" for name in "iua" for what in ("REFRESH", "VERIFY"))
        )
    view = f"SELECT v, n FROM (SELECT 1 AS v, 1::bigint AS n WHERE {t('replaced_view')}) x"
    stage.plain.execute(f"CREATE OR REPLACE VIEW i AS {view}".encode())
    stage.attempt(
        service,
        "ALTER DYNAMIC TABLE i VERIFY", "EXPLAIN DYNAMIC TABLE i", f"CREATE DYNAMIC TABLE mine {LAG} CLONE u",
        "ALTER DYNAMIC TABLE i SWAP WITH u", "ALTER DYNAMIC TABLE i RENAME TO j", "ALTER DYNAMIC TABLE j REFRESH",
        "DROP DYNAMIC TABLE mine", "DROP DYNAMIC TABLE a", "DROP DYNAMIC TABLE j", "UNDROP DYNAMIC TABLE j",
    )  # fmt: skip
    stage.judge()


def test_functions_through_which_the_service_works(stage: Stage) -> None:
    """What the owner owns among them it alters, and it makes those first that it expects."""
    number = stage.plain.execute("SELECT oid::text FROM pg_roles WHERE rolname = current_user").fetchone()
    assert number is not None
    body = f"LANGUAGE plpgsql AS $$ BEGIN EXECUTE statement; PERFORM {stage.trap('made_first')}; RETURN '1'; END $$"
    for name in (f"dyntables_data.by_{number[0]}", f"dyntables.by_{number[0]}", "dyntables.run_caged"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            stage.plain.execute(f"CREATE FUNCTION {name}(statement text, query boolean) RETURNS text {body}".encode())
    stage.plain.execute("CREATE TABLE src (id integer PRIMARY KEY, v integer); INSERT INTO src VALUES (1, 1)")
    definition = f"SELECT id, {stage.trap('invoker')} AS x, public.try_out('invoker') AS y FROM src"
    stage.attacker.execute(f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = FULL AS {definition}")
    own = "SELECT oid::regprocedure::text FROM pg_proc WHERE pg_get_userbyid(proowner) = current_user AND prosecdef"
    for (function,) in stage.plain.execute(own).fetchall():
        stage.plain.execute(f"ALTER FUNCTION {function} SECURITY INVOKER".encode())
    stage.service.execute("ALTER DYNAMIC TABLE t REFRESH; ALTER DYNAMIC TABLE t VERIFY")
    stage.judge("made_first")


def test_the_cage_itself(stage: Stage) -> None:
    """Code in it alters the materialized view that it runs in, and what else it finds in the room."""
    stage.plain.execute("CREATE TABLE src (id integer PRIMARY KEY, v integer); INSERT INTO src VALUES (1, 1), (2, 2)")
    trap = stage.trap("room")
    ways = [
        "ALTER MATERIALIZED VIEW %1$I.cage RENAME TO gone",
        f"CREATE MATERIALIZED VIEW %1$I.cage AS SELECT {trap}",
        f"CREATE INDEX ON %1$I.cage (({trap}))",
        f"CREATE STATISTICS %1$I.st ON ({trap}) FROM %1$I.cage",
        "ALTER MATERIALIZED VIEW %1$I.cage SET SCHEMA public",
        "DROP MATERIALIZED VIEW %1$I.cage",
        "DROP TABLE %1$I.done CASCADE",
        f"CREATE INDEX ON %1$I.done (({trap}))",
        f"CREATE RULE r AS ON INSERT TO %1$I.done DO ALSO SELECT {trap}",
        "ALTER TABLE %1$I.done RENAME TO gone2",
        f"CREATE VIEW %1$I.done AS SELECT ARRAY[{trap}::text] AS answers",
        "ALTER SCHEMA %1$I RENAME TO elsewhere",
        "INSERT INTO %1$I.done VALUES (ARRAY['1', '2'])",
        "CREATE FUNCTION %1$I.run_caged(text) RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "CREATE TABLE %1$I.dt1_new AS SELECT 1 AS id",
        "SELECT pg_advisory_unlock_all()",
        "SELECT set_config('dyntables.caged', '[]', false)",
        "REFRESH MATERIALIZED VIEW %1$I.cage",
    ]
    for number, way in enumerate(ways):
        stage.plain.execute(
            f"""CREATE OR REPLACE FUNCTION vandal(integer) RETURNS integer LANGUAGE plpgsql AS $f$
            DECLARE room name;
            BEGIN
                PERFORM {stage.trap("vandal")};
                FOR room IN SELECT nspname FROM pg_namespace WHERE nspname ~ '^dyntables_room' LOOP
                    BEGIN
                        EXECUTE format('{way.replace("'", "''")}', room);
                    EXCEPTION WHEN OTHERS THEN
                        NULL;
                    END;
                END LOOP;
                RETURN $1;
            END $f$""".encode()
        )
        if number == 0:
            stage.attempt(
                stage.attacker, f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = FULL AS SELECT vandal(id) AS id FROM src"
            )
        stage.attempt(stage.service, "ALTER DYNAMIC TABLE t REFRESH", "ALTER DYNAMIC TABLE t VERIFY")
    stage.judge("room")


def test_a_role_that_the_service_may_not_work_for(stage: Stage) -> None:
    if stage.service.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").rows == [(True,)]:
        pytest.skip("a superuser works for everybody")
    stage.plain.execute("CREATE TABLE src (id integer PRIMARY KEY)")
    stage.attacker.execute(f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = FULL AS SELECT id FROM src")
    stage.superuser.execute(f"REVOKE {stage.role} FROM {stage.service.execute('SELECT current_user').rows[0][0]}")
    (message,) = stage.attempt(stage.service, "ALTER DYNAMIC TABLE t REFRESH")
    assert f'cannot work for "{stage.role}"' in message
