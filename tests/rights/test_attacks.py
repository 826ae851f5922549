"""Code in a definition, which an owner wrote, tries to become the service: each attempt comes to nothing."""

from __future__ import annotations

import psycopg
import pytest

import dyntables
from dyntables.errors import DyntablesError
from tests.rights.conftest import People

pytestmark = pytest.mark.pg(15, 18)

LAG = "TARGET_LAG = '1 hour'"


def _arm(people: People, body: str, *more: str) -> None:
    """Let alice make a function; the definition calls it for each row."""
    with people.connection(people.alice) as plain:
        plain.execute("CREATE TABLE loot (who text, word text)")
        for statement in more:
            plain.execute(statement.encode())
        plain.execute(
            f"CREATE FUNCTION evil(integer) RETURNS integer LANGUAGE plpgsql VOLATILE AS $f$ BEGIN {body} "
            f"RETURN $1; END $f$".encode()
        )


def _table(people: People, mode: str = "FULL") -> dyntables.Client:
    alice = people.acting(people.alice)
    alice.execute(f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = {mode} AS SELECT evil(id) AS id, v FROM open")
    return alice


def _users_seen(people: People) -> set[str]:
    return {row[0] for row in people.service.execute("SELECT DISTINCT who FROM loot").rows}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("EXECUTE 'RESET ROLE';", "cannot set parameter .role. within security-restricted operation"),
        ("PERFORM set_config('role', 'none', false);", "cannot set parameter .role."),
        ("EXECUTE 'SET SESSION AUTHORIZATION DEFAULT';", "cannot set parameter .session_authorization."),
        ("PERFORM 1 FROM public.secret;", "permission denied for table secret"),
        ("UPDATE dyntables.dynamic_table SET owner_name = session_user;", "permission denied for table dynamic_table"),
        ("INSERT INTO dyntables.privilege VALUES (1, 0, 'OPERATE', 'x');", "permission denied for table privilege"),
        (
            "EXECUTE 'CREATE FUNCTION dyntables.now() RETURNS int LANGUAGE sql AS ''SELECT 1''';",
            "permission denied for schema",
        ),
        ("COMMIT;", "invalid transaction termination"),
        ("EXECUTE 'CREATE TEMP VIEW pg_class AS SELECT 1 AS oid';", "cannot create temporary table within"),
        ("EXECUTE 'PREPARE \"_pg3_0\" AS SELECT 1';", "cannot execute PREPARE within"),
        ("EXECUTE 'DECLARE later CURSOR WITH HOLD FOR SELECT 1';", "cannot create a cursor WITH HOLD within"),
        ("EXECUTE 'LISTEN dyntables';", "cannot execute LISTEN within"),
    ],
)
def test_what_is_refused(people: People, body: str, message: str) -> None:
    _arm(people, body)
    with pytest.raises(DyntablesError, match=message):
        _table(people)
    assert people.service.execute("SELECT count(*) FROM dyntables.dynamic_tables").rows == [(0,)]


def test_the_code_runs_as_the_owner(people: People) -> None:
    _arm(people, "INSERT INTO public.loot VALUES (current_user);")
    _table(people)
    people.service.execute("ALTER DYNAMIC TABLE t REFRESH")
    assert _users_seen(people) == {people.alice}


def test_a_search_path_left_behind(people: People) -> None:
    """Functions and tables of alice's under the names of the catalog's, first in the path."""
    traps = [
        "CREATE SCHEMA trap",
        "CREATE FUNCTION trap.spring() RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN INSERT INTO public.loot "
        "VALUES (current_user); RETURN true; END $f$",
        "CREATE FUNCTION trap.now() RETURNS timestamptz LANGUAGE sql AS $f$ SELECT CASE WHEN trap.spring() THEN "
        "pg_catalog.now() END $f$",
        "CREATE FUNCTION trap.set_config(text, text, boolean) RETURNS text LANGUAGE sql AS $f$ SELECT CASE WHEN "
        "trap.spring() THEN pg_catalog.set_config($1, $2, $3) END $f$",
        "CREATE FUNCTION trap.pg_current_snapshot() RETURNS pg_snapshot LANGUAGE sql AS $f$ SELECT CASE WHEN "
        "trap.spring() THEN pg_catalog.pg_current_snapshot() END $f$",
    ]
    with people.connection(people.service.execute("SELECT current_user").rows[0][0]) as service:
        service.execute(f"GRANT CREATE ON DATABASE {service.info.dbname} TO {people.alice}")
    body = (
        "EXECUTE 'SET search_path = trap, pg_catalog'; "
        "EXECUTE 'DROP DOMAIN IF EXISTS pg_temp.regclass'; EXECUTE 'CREATE DOMAIN pg_temp.regclass AS text "
        "CHECK (trap.spring())'; "
        "EXECUTE 'CREATE OR REPLACE FUNCTION pg_temp.now() RETURNS timestamptz LANGUAGE sql "
        "AS $g$ SELECT trap.now() $g$';"
    )
    _arm(people, f"IF $1 = 1 THEN {body} END IF;", *traps)
    people.service.execute("SET search_path = public, pg_catalog; SET work_mem = '7MB'")
    _table(people)
    people.service.execute("ALTER DYNAMIC TABLE t REFRESH")
    assert people.service.execute("ALTER DYNAMIC TABLE t VERIFY").rows[0][1] is True
    assert people.service.execute("SHOW search_path").rows == [("public, pg_catalog",)]
    assert people.service.execute("SHOW work_mem").rows == [("7MB",)]
    assert people.service.execute("SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema()").rows == [
        (0,)
    ]
    assert _users_seen(people) <= {people.alice}


def test_a_deferred_trigger_runs_as_the_owner(people: People) -> None:
    """Before PostgreSQL 18 a deferred trigger ran at COMMIT as whoever committed."""
    trigger = [
        "CREATE TABLE bait (n integer)",
        "CREATE FUNCTION later() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN INSERT INTO public.loot VALUES "
        "(current_user); "
        "RETURN NULL; END $f$",
        "CREATE CONSTRAINT TRIGGER d AFTER INSERT ON bait DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE "
        "FUNCTION later()",
    ]
    _arm(people, "INSERT INTO public.bait VALUES ($1);", *trigger)
    with pytest.raises(DyntablesError, match="cannot fire deferred trigger within"):
        _table(people)
    assert _users_seen(people) == set()


def test_a_trigger_that_defers_itself_for_ever(people: People) -> None:
    trigger = [
        "CREATE TABLE bait (n integer)",
        "CREATE FUNCTION later() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN INSERT INTO public.loot VALUES "
        "(current_user); "
        "IF NEW.n < 5 THEN SET CONSTRAINTS ALL DEFERRED; INSERT INTO public.bait VALUES (NEW.n + 1); END IF; "
        "RETURN NULL; END $f$",
        "CREATE CONSTRAINT TRIGGER d AFTER INSERT ON bait DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE "
        "FUNCTION later()",
    ]
    _arm(people, "INSERT INTO public.bait VALUES (1);", *trigger)
    with pytest.raises(DyntablesError, match="cannot fire deferred trigger within"):
        _table(people)
    assert _users_seen(people) == set()


def test_a_view_replaced_by_its_owner_gives_the_service_nothing(people: People) -> None:
    """Alice owns the view of her dynamic table, and makes it call her code; a full refresh reads the old contents."""
    _arm(people, "INSERT INTO public.loot VALUES (current_user);")
    alice, bob = people.acting(people.alice), people.acting(people.bob)
    alice.execute(f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = FULL AS SELECT id, v FROM open")
    alice.execute(f"GRANT SELECT ON DYNAMIC TABLE t TO {people.bob}")
    bob.execute(f"CREATE DYNAMIC TABLE u {LAG} AS SELECT v, count(*) AS n FROM t GROUP BY v")
    with people.connection(people.alice) as plain:
        plain.execute("CREATE OR REPLACE VIEW t AS SELECT evil(o.id) AS id, v FROM open o")
        plain.execute("GRANT ALL ON loot TO PUBLIC")
    people.service.execute("INSERT INTO open VALUES (20, 20)")
    people.service.execute("ALTER DYNAMIC TABLE u REFRESH")
    assert _users_seen(people) <= {people.alice, people.bob}


def test_an_immutable_function_that_is_run_by_the_planner(people: People) -> None:
    _arm(people, "")
    with people.connection(people.alice) as plain:
        plain.execute("GRANT ALL ON loot TO PUBLIC")
        plain.execute(
            "CREATE FUNCTION note() RETURNS integer LANGUAGE plpgsql AS $f$ BEGIN INSERT INTO public.loot VALUES "
            "(current_user); RETURN 1; END $f$"
        )
        plain.execute(
            "CREATE FUNCTION folded() RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN RETURN "
            "public.note(); END $f$"
        )
    alice = people.acting(people.alice)
    alice.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT id, v FROM open WHERE id >= folded()")
    for statement in (
        "EXPLAIN DYNAMIC TABLE t",
        "EXPLAIN CHANGES t",
        "ALTER DYNAMIC TABLE t REFRESH",
        "ALTER DYNAMIC TABLE t VERIFY",
    ):
        people.service.execute("INSERT INTO open SELECT max(id) + 1, 1 FROM open")
        people.service.execute(statement)
    assert _users_seen(people) <= {people.alice}


def test_capture_functions_pin_their_search_path(people: People) -> None:
    people.service.execute(f"CREATE DYNAMIC TABLE s {LAG} AS SELECT id FROM open")
    rows = people.service.execute(
        "SELECT p.proconfig FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.prosecdef "
        "AND n.nspname IN ('dyntables', 'dyntables_log', 'dyntables_data')"
    ).rows
    assert len(rows) >= 4
    assert all(config == ["search_path=pg_catalog, pg_temp"] for (config,) in rows)


def test_a_writer_cannot_make_capture_run_its_code(people: People) -> None:
    """The capture function runs as the service: what a writer puts first in its path must not be called."""
    people.service.execute(f"CREATE DYNAMIC TABLE s {LAG} AS SELECT id FROM open")
    people.service.execute(f"GRANT INSERT ON open TO {people.alice}")
    with people.connection(people.alice) as plain:
        plain.execute("CREATE TABLE loot (who text)")
        plain.execute(
            "CREATE FUNCTION pg_temp.pg_current_xact_id() RETURNS xid8 LANGUAGE plpgsql AS $f$ BEGIN INSERT "
            "INTO public.loot "
            "VALUES (current_user); RETURN pg_catalog.pg_current_xact_id(); END $f$"
        )
        plain.execute("SET search_path = pg_temp, pg_catalog")
        plain.execute("INSERT INTO public.open VALUES (30, 30)")
    assert people.service.execute("SELECT * FROM loot").rows == []
    assert people.service.execute("ALTER DYNAMIC TABLE s VERIFY").rows[0][1] is True


def test_the_service_is_not_fooled_by_a_squatter(people: People) -> None:
    """Nobody may create anything in the schema of storage, and so take a name that the next rebuild wants."""
    alice = people.acting(people.alice)
    alice.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT id FROM open")
    people.service.execute(f"CREATE DYNAMIC TABLE s {LAG} AS SELECT word FROM secret")
    storage = people.service.execute(
        "SELECT 't' || id || '_g' || generation + 1 FROM dyntables.dynamic_table WHERE table_name = 's'"
    )
    with people.connection(people.alice) as plain, pytest.raises(psycopg.errors.InsufficientPrivilege):
        plain.execute(f"CREATE TABLE dyntables_data.{storage.rows[0][0]} (word text)".encode())
    with people.connection(people.alice) as plain, pytest.raises(psycopg.errors.InsufficientPrivilege):
        plain.execute("TABLE s")


def test_a_setting_does_not_reach_the_next_table(people: People) -> None:
    _arm(
        people,
        "PERFORM set_config('default_text_search_config', 'pg_catalog.simple', false), set_config('a.b', 'c', false);",
    )
    alice = _table(people)
    settings = "current_setting('default_text_search_config') AS s, current_setting('a.b', true) AS b"
    alice.execute(f"CREATE DYNAMIC TABLE u {LAG} REFRESH_MODE = FULL AS SELECT id, {settings} FROM t")
    people.service.execute("INSERT INTO open VALUES (20, 20); ALTER DYNAMIC TABLE u REFRESH")
    assert people.service.execute("SELECT DISTINCT s <> 'pg_catalog.simple', coalesce(b, '') FROM u").rows == [
        (True, "")
    ]


def test_locks_of_the_service(people: People) -> None:
    """Without the lock of its table another session would refresh it at the same time."""
    _arm(people, "PERFORM public.give_up();", "CREATE FUNCTION give_up() RETURNS integer LANGUAGE sql AS 'SELECT 1'")
    _table(people)
    with people.connection(people.alice) as plain:
        plain.execute(
            "CREATE OR REPLACE FUNCTION give_up() RETURNS integer LANGUAGE sql AS $$ SELECT pg_advisory_unlock_all(); "
            "SELECT 1 $$"
        )
    before = people.service.execute("SELECT data_timestamp FROM dyntables.dynamic_table").rows
    with pytest.raises(DyntablesError, match="has released locks of the service"):
        people.service.execute("ALTER DYNAMIC TABLE t REFRESH")
    assert people.service.execute("SELECT data_timestamp FROM dyntables.dynamic_table").rows == before
