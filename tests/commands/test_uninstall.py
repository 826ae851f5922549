"""After ``dyntables uninstall`` a database is what it was before, and dyntables can be installed again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

import dyntables
from dyntables import locks
from dyntables.catalog.migrate import migrate
from dyntables.commands.uninstall import uninstall
from dyntables.engines.postgres.connection.session import connect
from dyntables.engines.postgres.people.reader import grant_reading
from dyntables.errors import CatalogError, DependentObjectsError, EngineError, MigrationError
from tests.support.servers import EMPTY, drop_database


@pytest.fixture
def database_template() -> str:
    """Here the catalog comes and goes, as whoever installs it."""
    return EMPTY


KEEPER, OWNER, CONSOLE = (f"{name}_{os.getpid()}" for name in ("uninstaller", "table_owner", "console"))

_USERS_OWN = """
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id int PRIMARY KEY, day date, amount int);
CREATE TABLE shop.parted (id int, v int) PARTITION BY RANGE (id);
CREATE TABLE shop.parted_1 PARTITION OF shop.parted FOR VALUES FROM (0) TO (100);
INSERT INTO shop.orders SELECT i, date '2026-01-01' + i % 3, i FROM generate_series(1, 20) i;
INSERT INTO shop.parted SELECT i, i FROM generate_series(1, 20) i;
"""
_IN_USE = """
CREATE DYNAMIC TABLE shop.daily TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL COMMENT = 'by day'
    AS SELECT day, count(*) AS n FROM shop.orders GROUP BY day;
CREATE DYNAMIC TABLE shop.all_days TARGET_LAG = '1 minute' REFRESH_MODE = FULL AS SELECT day, n FROM shop.daily;
CREATE DYNAMIC TABLE shop.parts TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS SELECT id, v FROM shop.parted;
CREATE DYNAMIC TABLE shop.old TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL FROZEN WHERE (id < 5)
    AS SELECT id, amount FROM shop.orders;
CREATE DYNAMIC TABLE shop.gone TARGET_LAG = '1 minute' AS SELECT id FROM shop.orders;
DROP DYNAMIC TABLE shop.gone;
CREATE DYNAMIC TABLE shop.empty TARGET_LAG = '1 minute' INITIALIZE = ON_SCHEDULE AS SELECT id FROM shop.orders;
CREATE DYNAMIC TABLE shop.snow TARGET_LAG = '1 minute' DIALECT = SNOWFLAKE
    AS SELECT id, IFF(amount > 5, 'much', 'little') AS size FROM shop.orders;
INSERT INTO shop.orders VALUES (21, '2026-01-01', 21);
ALTER DYNAMIC TABLE shop.daily REFRESH;
ALTER DYNAMIC TABLE shop.old REFRESH
"""
# Whatever has a name or rights; what an empty ACL means is written out, as GRANT and REVOKE do.
_SNAPSHOT = """
SELECT 'schema', nspname, coalesce(nspacl, acldefault('n', nspowner))::text FROM pg_namespace WHERE nspname !~ '^pg_t'
UNION ALL SELECT 'relation', oid::regclass || relkind::text, pg_get_userbyid(relowner)
    || coalesce(relacl, acldefault('r', relowner))::text FROM pg_class WHERE relkind <> 't' AND oid > 16383
    AND relnamespace <> 'pg_toast'::regnamespace
UNION ALL SELECT 'function', oid::regprocedure::text, proacl::text FROM pg_proc
UNION ALL SELECT 'type', oid::regtype::text, typacl::text FROM pg_type
UNION ALL SELECT 'trigger', tgname || ' ' || tgrelid::regclass, tgenabled::text FROM pg_trigger
UNION ALL SELECT 'event trigger', evtname, evtenabled::text FROM pg_event_trigger
UNION ALL SELECT 'default rights', defaclrole::regrole::text, defaclacl::text FROM pg_default_acl
ORDER BY 1, 2, 3
"""


@pytest.fixture(params=["superuser", "ordinary"])
def url(request: pytest.FixtureRequest, database_url: str, server_url: str) -> Iterator[str]:
    database = str(psycopg.conninfo.conninfo_to_dict(database_url)["dbname"])
    with psycopg.connect(server_url, autocommit=True) as server:
        for role in (KEEPER, OWNER, CONSOLE):
            server.execute(f"CREATE ROLE {role} LOGIN")
        server.execute(f"ALTER DATABASE {database} OWNER TO {KEEPER}")
    yield database_url if request.param == "superuser" else make_conninfo(database_url, user=KEEPER)
    drop_database(server_url, database)
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {database}")  # the fixture drops it
        for role in (KEEPER, OWNER, CONSOLE):
            server.execute(f"DROP ROLE {role}")


def _snapshot(connection: psycopg.Connection) -> list[Any]:
    return connection.execute(_SNAPSHOT).fetchall()


def _use(url: str) -> None:
    with dyntables.connect(url) as client:
        assert client.execute(_IN_USE).rows[0][1] != "FAILED"
    with connect(url) as connection:
        grant_reading(connection, CONSOLE, ["shop"])


@pytest.mark.pg(15, 18)
def test_what_is_left_is_what_was_before(url: str) -> None:
    with connect(url) as connection:
        connection.execute(_USERS_OWN)
        before = _snapshot(connection)
        _use(url)
        assert _snapshot(connection) != before
        uninstall(connection, keep_tables=False, reader=CONSOLE)
        assert _snapshot(connection) == before
        with dyntables.connect(url) as client:
            client.execute(
                "CREATE DYNAMIC TABLE shop.again TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL "
                "AS SELECT id, v FROM shop.parted"
            )
            client.execute("DELETE FROM shop.parted WHERE id = 1")
            assert "INCREMENTAL" in client.execute("ALTER DYNAMIC TABLE shop.again REFRESH").rows[0]
        uninstall(connection, keep_tables=False, reader=CONSOLE)
        assert _snapshot(connection) == before
        migrate(connection)
        connection.execute("DROP SCHEMA dyntables, dyntables_data, dyntables_log CASCADE")
        with pytest.raises(MigrationError, match="dyntables uninstall"):
            migrate(connection)
        uninstall(connection, keep_tables=True, reader=CONSOLE)
        assert _snapshot(connection) == before
        with pytest.raises(CatalogError, match="not installed"):
            uninstall(connection, keep_tables=False, reader=CONSOLE)


@pytest.mark.pg(15, 18)
def test_tables_can_stay_as_plain_tables(url: str) -> None:
    with connect(url) as connection:
        connection.execute(_USERS_OWN)
        _use(url)
        connection.execute(f"GRANT SELECT ON shop.daily TO {OWNER} WITH GRANT OPTION")
        connection.execute(f"GRANT SELECT (id) ON shop.old TO {OWNER}; COMMENT ON COLUMN shop.old.id IS 'mine'")
        names = ("daily", "all_days", "parts", "old", "snow")
        contents = {name: sorted(connection.execute(f"SELECT * FROM shop.{name}").fetchall()) for name in names}
        uninstall(connection, keep_tables=True, reader=CONSOLE)
        for name in names:
            assert sorted(connection.execute(f"SELECT * FROM shop.{name}").fetchall()) == contents[name], name
        assert connection.execute("SELECT * FROM shop.empty").fetchall() == []
        assert connection.execute(
            "SELECT DISTINCT relkind FROM pg_class WHERE relname = ANY(%s)", (list(names),)
        ).fetchall() == [("r",)]
        row = connection.execute(
            "SELECT obj_description('shop.daily'::regclass), col_description('shop.old'::regclass, 1), "
            f"has_table_privilege('{OWNER}', 'shop.daily', 'SELECT WITH GRANT OPTION'), "
            f"has_column_privilege('{OWNER}', 'shop.old', 'id', 'SELECT'), "
            f"has_column_privilege('{OWNER}', 'shop.old', 'amount', 'SELECT'), "
            f"has_table_privilege('{CONSOLE}', 'shop.daily', 'SELECT')"
        ).fetchone()
        assert row == ("by day", "mine", True, True, False, False)
        connection.execute("UPDATE shop.daily SET n = 0; INSERT INTO shop.orders VALUES (22, '2026-01-01', 22)")
        left = connection.execute("SELECT count(*) FROM pg_namespace WHERE nspname ^@ 'dyntables'").fetchone()
        assert left == (0,)


@pytest.mark.parametrize("url", ["superuser"], indirect=True)
def test_a_kept_table_is_read_by_the_hands_of_its_owner(url: str) -> None:
    with connect(url) as connection:
        connection.execute(_USERS_OWN)
        connection.execute(f"GRANT USAGE, CREATE ON SCHEMA shop TO {OWNER}; GRANT SELECT ON shop.orders TO {OWNER}")
        with dyntables.connect(url) as client:
            client.execute(
                "CREATE DYNAMIC TABLE shop.t TARGET_LAG = '1 minute' AS SELECT id, 'x' AS who FROM shop.orders"
            )
            client.execute(f"ALTER DYNAMIC TABLE shop.t OWNER TO {OWNER}; ALTER DYNAMIC TABLE shop.t REFRESH")
        connection.execute(
            f"SET ROLE {OWNER}; "
            'CREATE OR REPLACE VIEW shop.t AS SELECT 1 AS id, current_user::text COLLATE "default" AS who'
        )
        connection.execute("RESET ROLE")
        uninstall(connection, keep_tables=True, reader=CONSOLE)
        assert connection.execute("SELECT * FROM shop.t").fetchall() == [(1, OWNER)]
        row = connection.execute(
            "SELECT relowner::regrole::text FROM pg_class WHERE oid = 'shop.t'::regclass"
        ).fetchone()
        assert row == (OWNER,)


def test_nothing_changes_when_it_cannot_be_done(database_url: str) -> None:
    with connect(database_url) as connection, connect(database_url) as other:
        connection.execute(_USERS_OWN)
        with dyntables.connect(database_url) as client:
            client.execute(_IN_USE)
        connection.execute(
            "CREATE VIEW shop.over_it AS SELECT n FROM shop.daily; CREATE TABLE shop.typed (t shop.parts);"
            "CREATE VIEW shop.watch AS SELECT name FROM dyntables.dynamic_tables"
        )
        before = _snapshot(connection)
        for keep in (False, True):
            with pytest.raises(DependentObjectsError) as refused:
                uninstall(connection, keep_tables=keep, reader=CONSOLE)
            for words in (
                "view shop.over_it depends on view shop.daily",
                "column t of table shop.typed depends on type shop.parts",
                "view shop.watch depends on view dyntables.dynamic_tables",
            ):
                assert words in str(refused.value.detail)
        connection.execute("DROP VIEW shop.over_it, shop.watch; DROP TABLE shop.typed")
        before = _snapshot(connection)
        other.execute("SELECT pg_advisory_lock(%s)", (locks.LEADER,))
        with pytest.raises(CatalogError, match="a scheduler is at work"):
            uninstall(connection, keep_tables=False, reader=CONSOLE)
        other.execute("SELECT pg_advisory_unlock_all()")
        with other.transaction():
            other.execute("INSERT INTO shop.orders VALUES (30, '2026-01-01', 1)")
            with pytest.raises(EngineError, match="somebody uses"):
                uninstall(connection, keep_tables=False, reader=CONSOLE)
        assert _snapshot(connection) == before
        command = [sys.executable, "-c", "from dyntables.cli import main; main()", "uninstall"]
        environment = {**os.environ, "DYNTABLES_DATABASE": database_url}
        asked = subprocess.run(command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        assert (asked.returncode, "this would drop 6 dynamic tables" in asked.stderr.replace("\n", " ")) == (1, True)
        assert _snapshot(connection) == before
        done = subprocess.run([*command, "--yes"], env=environment, capture_output=True, text=True)
        assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "dyntables is removed from this database")


@pytest.mark.pg(15, 18)
def test_down_to_0_leaves_no_capture_and_up_captures_again(database_url: str) -> None:
    triggers = "SELECT count(*) FROM pg_trigger WHERE tgname ^@ 'dyntables_capture'"
    with connect(database_url) as connection:
        connection.execute(_USERS_OWN)
        with dyntables.connect(database_url) as client:
            client.execute(_IN_USE)
        assert connection.execute(triggers).fetchone() != (0,)
        migrate(connection, 0)
        assert connection.execute(triggers).fetchone() == (0,)
        left = "SELECT relname::text FROM pg_class WHERE relnamespace = 'dyntables_log'::regnamespace UNION ALL "
        left += "SELECT proname::text FROM pg_proc WHERE pronamespace = 'dyntables_log'::regnamespace"
        assert connection.execute(left).fetchall() == []
        assert connection.execute("SELECT n FROM shop.daily WHERE day = '2026-01-01'").fetchall() == [(7,)]
        connection.execute(
            "INSERT INTO shop.orders VALUES (40, '2026-01-01', 1); INSERT INTO shop.parted VALUES (40, 1)"
        )
        with dyntables.connect(database_url) as client:
            for name, query in (("a", "SELECT id FROM shop.orders"), ("b", "SELECT id, v FROM shop.parted")):
                client.execute(
                    f"CREATE DYNAMIC TABLE shop.{name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}"
                )
            client.execute("INSERT INTO shop.orders VALUES (41, '2026-01-01', 1); DELETE FROM shop.parted WHERE id < 9")
            for name in ("a", "b"):
                assert "INCREMENTAL" in client.execute(f"ALTER DYNAMIC TABLE shop.{name} REFRESH").rows[0]
                assert client.execute(f"ALTER DYNAMIC TABLE shop.{name} VERIFY").rows[0][1] is True
