"""Change logs, and the functions that write them, belong to a role that has no rights, whoever the service is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from typer.testing import CliRunner

import dyntables
from dyntables.catalog.migrate import migrate
from dyntables.cli import app
from dyntables.commands.uninstall import uninstall
from dyntables.engines.postgres.capture.rotation import rotate
from dyntables.engines.postgres.connection.session import connect
from dyntables.refresh.logs.prune import trim_all
from tests.support.refreshes import verified

SOURCES = """
CREATE TABLE seen (by text);
GRANT INSERT ON seen TO PUBLIC;
CREATE FUNCTION note() RETURNS void LANGUAGE sql AS 'INSERT INTO public.seen VALUES (current_user)';
CREATE FUNCTION apart(a double precision, b double precision) RETURNS double precision LANGUAGE plpgsql IMMUTABLE AS
    'BEGIN PERFORM public.note(); RETURN a - b; END';
CREATE TYPE span AS RANGE (subtype = double precision, subtype_diff = apart);
CREATE TABLE s (id integer PRIMARY KEY, k integer, b span);
INSERT INTO s SELECT i, i % 3, span(i, i + 1) FROM generate_series(1, 30) i;
CREATE TABLE p (id integer, v integer) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (100);
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (100) TO (200);
INSERT INTO p SELECT i, i FROM generate_series(1, 150) i;
GRANT ALL ON s, p TO PUBLIC;
"""
TABLES = (
    ("t", "SELECT k, count(*) AS n, min(lower(b)) AS b FROM s GROUP BY k"),
    ("u", "SELECT k, n FROM t WHERE n > 0"),
    ("v", "SELECT id, v FROM p"),
)
CHANGES = """
UPDATE s SET k = k + 1 WHERE id % 2 = 0; INSERT INTO s VALUES (99, 1, span(1, 9)); DELETE FROM s WHERE id = 3;
INSERT INTO p VALUES (5, 5);
MERGE INTO p USING (VALUES (7)) x (id) ON p.id = x.id WHEN MATCHED THEN UPDATE SET id = 170
"""
_OWNERS = """
SELECT array_agg(DISTINCT pg_get_userbyid(o)::text), count(*) FROM (
    SELECT relowner FROM pg_class WHERE relnamespace = 'dyntables_log'::regnamespace AND relkind = 'r'
    UNION ALL SELECT proowner FROM pg_proc WHERE pronamespace = 'dyntables_log'::regnamespace) x (o)
"""
_RIGHTS = """
SELECT rolsuper OR rolcanlogin OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls,
    (SELECT count(*) FROM pg_auth_members WHERE member = r.oid),
    (SELECT array_agg(c.oid::regclass::text) FROM pg_class c
     WHERE c.relnamespace IN ('public'::regnamespace, 'dyntables'::regnamespace)
     AND has_table_privilege(r.oid, c.oid, 'SELECT, UPDATE, DELETE, TRUNCATE') AND c.relkind = 'r'
     AND NOT has_table_privilege('public', c.oid, 'SELECT')),
    ARRAY(SELECT nspname::text FROM pg_namespace n WHERE has_schema_privilege(r.oid, n.oid, 'CREATE'))
FROM pg_roles r WHERE rolname = %s
"""


@dataclass
class Place:
    """A database, its superuser, the service, a stranger who writes, and the name of the role that should keep logs."""

    url: str
    superuser: psycopg.Connection
    service: str
    writer: psycopg.Connection
    keeper: str

    def kept(self) -> bool:
        """Tell whether the keeper owns all logs, and all functions that write them."""
        owners, count = self.superuser.execute(_OWNERS).fetchone() or ([], 0)
        assert count >= 8
        return bool(owners == [self.keeper])

    def follows(self, client: dyntables.Client) -> None:
        """Let the stranger write; each table must follow incrementally."""
        for change in CHANGES.split(";"):  # in one string, the server could not tell which of them moves rows
            self.writer.execute(change.encode())
        self.writer.execute("DELETE FROM s WHERE id = 99; DELETE FROM p WHERE id = 170; INSERT INTO p VALUES (7, 7)")
        for name in ("u", "v"):
            row = verified(client, name)
            assert (row["equal"], row["action"]) == (True, "INCREMENTAL"), (name, row)


@pytest.fixture(params=["superuser", "createrole", "ordinary"])
def place(request: pytest.FixtureRequest, database_url: str) -> Iterator[Place]:
    database = conninfo_to_dict(database_url)["dbname"]
    service, writer = f"service_{database}", f"writer_{database}"
    with psycopg.connect(database_url, autocommit=True) as superuser:
        superuser.execute(f'CREATE ROLE "{service}" LOGIN; CREATE ROLE {writer} LOGIN')
        if request.param != "ordinary":
            superuser.execute(f"ALTER ROLE {service} {request.param}")
        superuser.execute(f"ALTER DATABASE {database} OWNER TO {service}; ALTER SCHEMA public OWNER TO {service}")
        row = superuser.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
        assert row is not None
        url = make_conninfo(database_url, user=service)
        with (
            psycopg.connect(url, autocommit=True) as own,
            psycopg.connect(make_conninfo(database_url, user=writer), autocommit=True) as plain,
        ):
            own.execute(SOURCES.encode())
            yield Place(url, superuser, service, plain, f"dyntables_log_{row[0]}")
        superuser.execute(f"ALTER DATABASE {database} OWNER TO CURRENT_USER; ALTER SCHEMA public OWNER TO CURRENT_USER")
        superuser.execute(f"DROP OWNED BY {service}, {writer} CASCADE; DROP ROLE IF EXISTS dyntables_log_{row[0]}")
        superuser.execute(f"DROP ROLE {service}, {writer}")


_WEAK = """
SELECT p.oid::regproc::text, p.prosrc FROM pg_proc p WHERE p.pronamespace = 'dyntables_log'::regnamespace
AND p.proname ~ '^f' AND p.prosrc !~ 'dyntables.same'
"""


def _weaken(connection: psycopg.Connection) -> None:
    """Have the functions write logs as those of earlier versions did."""
    query = "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'dyntables_log'::regnamespace"
    for (definition,) in connection.execute(query).fetchall():
        connection.execute(
            re.sub(r"FROM \(SELECT .*? FROM (dt_\w+|\(SELECT \w+\.\*\) r)\) t", r"FROM \1", definition).encode()
        )
    assert connection.execute(_WEAK).rowcount == 2


def _create(client: dyntables.Client) -> None:
    for name, query in TABLES:
        client.execute(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS {query}")


@pytest.mark.pg(15, 18)
@pytest.mark.parametrize("place", ["superuser", "createrole"], indirect=True)
def test_who_may_make_roles_makes_one_for_logs(place: Place) -> None:
    with dyntables.connect(place.url) as client:
        _create(client)
        assert place.kept()
        place.follows(client)
        flags, member_of, readable, creates = place.superuser.execute(_RIGHTS, (place.keeper,)).fetchone() or ()
        assert (flags, member_of, creates) == (False, 0, ["dyntables_log"])
        assert set(readable or ()) <= {"s", "p"}  # what everybody may write
        with connect(place.url) as connection:
            oid = connection.execute("SELECT 's'::regclass::oid::bigint").fetchone()
            assert oid is not None
            place.writer.execute("INSERT INTO s SELECT i, 1, span(1, 2) FROM generate_series(1000, 9000) i")
            assert rotate(connection, oid[0])
            # Even where it is analysed, a type's code has no more rights than the log's owner.
            connection.execute(f"ALTER TABLE dyntables_log.c{oid[0]}_0 ALTER b SET STATISTICS 100")
            connection.execute(f"TRUNCATE seen; ANALYZE dyntables_log.c{oid[0]}_0")
        assert place.superuser.execute("SELECT DISTINCT by FROM seen").fetchall() == [(place.keeper,)]
        assert place.kept()
        place.follows(client)
        # A partition whose trigger the event trigger makes, where there is one.
        client.execute("CREATE TABLE p3 PARTITION OF p FOR VALUES FROM (200) TO (300); GRANT ALL ON p3 TO PUBLIC")
        place.writer.execute("INSERT INTO p VALUES (250, 1)")
        assert verified(client, "v")["equal"]
        assert "role without rights" in CliRunner().invoke(app, ["doctor", "-d", place.url]).stdout
    with connect(place.url) as connection:
        migrate(connection, 23)
        assert not place.kept()
        assert place.superuser.execute("SELECT FROM pg_roles WHERE rolname = %s", (place.keeper,)).rowcount == 0
        place.writer.execute("UPDATE s SET k = 7 WHERE id = 5")
        migrate(connection)
        assert place.kept()
        _weaken(connection)
        trim_all(connection)
        assert connection.execute(_WEAK).fetchall() == []
        with dyntables.connect(place.url) as client:
            for name in "uv":  # in full: by the older version's functions changes might have been missed
                client.execute(f"ALTER DYNAMIC TABLE {name} REFRESH")
            place.follows(client)
        uninstall(connection, keep_tables=False, reader="nobody")
    assert place.superuser.execute("SELECT FROM pg_roles WHERE rolname = %s", (place.keeper,)).rowcount == 0


@pytest.mark.pg(15, 18)
@pytest.mark.parametrize("place", ["ordinary"], indirect=True)
def test_who_may_not_is_given_one(place: Place) -> None:
    with dyntables.connect(place.url) as client, connect(place.url) as connection:
        _create(client)
        advice = connection.execute("SELECT dyntables.log_keeper_advice()").fetchone()
        assert advice is not None
        assert advice[0] in CliRunner().invoke(app, ["doctor", "-d", place.url]).stdout
        # Somebody else has made it first.
        place.superuser.execute(f"CREATE ROLE {place.keeper} ROLE {place.service}, {place.writer.info.user}")
        trim_all(connection)
        assert place.superuser.execute(_OWNERS).fetchone()[0] == [place.service]  # type: ignore[index]
        place.superuser.execute(f"DROP ROLE {place.keeper}")
        # As the doctor says; while somebody writes a source, its log waits.
        place.superuser.execute(advice[0][advice[0].index("CREATE ROLE") :].encode())
        with place.writer.transaction():
            place.writer.execute("DELETE FROM s WHERE id = 1")
            trim_all(connection)
            assert not place.kept()
        trim_all(connection)
        assert place.kept()
        place.follows(client)
        # It can do more than it should now, so what is made from here on is the service's.
        place.superuser.execute(f"GRANT pg_read_all_data TO {place.keeper}")
        place.writer.execute("INSERT INTO s SELECT i, 1, span(1, 2) FROM generate_series(1000, 9000) i")
        oid = connection.execute("SELECT 's'::regclass::oid::bigint").fetchone()
        assert oid is not None
        assert rotate(connection, oid[0])
        assert not place.kept()
        place.follows(client)
        assert "may more than it must" in CliRunner().invoke(app, ["doctor", "-d", place.url]).stdout
        done = uninstall(connection, keep_tables=False, reader="nobody")
    assert any(place.keeper in line for line in done)
