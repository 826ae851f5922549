"""What people see over the server is read without anybody's code, and the console has a role of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from typer.testing import CliRunner

import dyntables
from dyntables.cli import app
from dyntables.engines.postgres.connection.session import connect
from dyntables.engines.postgres.people.reader import make_reader, too_powerful
from dyntables.server.process import serve
from dyntables.server.security import tokens, users
from dyntables.server.security.roles import Role
from tests.server.conftest import Served, module_database, serving
from tests.support.servers import EMPTY

__all__ = ["module_database"]

API = "/api/v1"
QUERIES = f"{API}/queries"
ALICE, SERVICE, READER = f"mallory_{os.getpid()}", f"service_{os.getpid()}", f"console_{os.getpid()}"
MAKE = ["console-role", "create", "--role", READER, "--new-password"]


def _person(url: str, served: Served, role: Role, database_role: str | None = None) -> httpx.Client:
    name = f"{role}.{database_role or 'none'}"
    with connect(url) as connection:
        if name not in {u.name for u in users.list_users(connection)}:
            users.add_user(connection, name, role, None, database_role)
        secret, _ = tokens.make_token(connection, users.find_user(connection, name).id, os.urandom(4).hex(), role, 1)
    return served.stranger(headers={"Authorization": f"Bearer {secret}"})


@dataclass
class Place:
    """A database, the URL of its service, and of a superuser."""

    url: str
    superuser: str

    def as_alice(self, *statements: str) -> None:
        with psycopg.connect(make_conninfo(self.superuser, user=ALICE), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


@pytest.fixture(scope="module")
def ours(module_database: Callable[[], str]) -> Iterator[Place]:
    """A server of our own: the service is a superuser, and works for alice."""
    url = module_database()
    with dyntables.connect(url) as client:
        client.execute(f"CREATE ROLE {ALICE} LOGIN; GRANT CREATE, USAGE ON SCHEMA public TO {ALICE}")
        client.execute("CREATE TABLE open (id bigint PRIMARY KEY, word text); GRANT SELECT ON open TO PUBLIC")
        client.execute("INSERT INTO open SELECT i, 'word ' || i FROM generate_series(1, 9) i")
        client.execute("CREATE DYNAMIC TABLE own TARGET_LAG = '1 hour' AS SELECT id, word FROM open")
    with dyntables.connect(url, role=ALICE) as client:
        client.execute("CREATE DYNAMIC TABLE hers TARGET_LAG = '1 hour' AS SELECT id, word FROM open")
        client.execute("CREATE DYNAMIC TABLE totals TARGET_LAG = '1 hour' AS SELECT count(*) AS n FROM open")
    with connect(url) as connection:
        users.add_user(connection, "ada", Role.ADMIN, "correct horse battery")
    yield Place(url, url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS dyntables_data CASCADE")
        connection.execute(f"DROP OWNED BY {ALICE} CASCADE")
        connection.execute(f"DROP ROLE {ALICE}")


@pytest.fixture(scope="module", params=[True, False], ids=["embedded", "own server"])
def powerful(request: pytest.FixtureRequest, ours: Place) -> Iterator[Served]:
    with serving(ours.url, embedded=request.param) as served:
        yield served


def test_previews_show_what_is_stored(powerful: Served, ours: Place) -> None:
    with _person(ours.url, powerful, Role.VIEWER) as viewer:
        for table, first in (("own", ["1", "word 1"]), ("hers", ["1", "word 1"]), ("totals", ["9"])):
            answer = viewer.get(f"{API}/dynamic-tables/public/{table}/preview", params={"limit": 2})
            assert answer.status_code == 200, answer.text
            assert answer.json()["rows"][0] == first
        ordered = viewer.get(f"{API}/dynamic-tables/public/hers/preview", params={"order_by": "id", "descending": True})
        assert ordered.json()["rows"][0] == ["9", "word 9"]


def test_who_acts_for_a_role_needs_its_select(powerful: Served, ours: Place) -> None:
    with _person(ours.url, powerful, Role.VIEWER, ALICE) as alice:
        assert alice.get(f"{API}/dynamic-tables/public/hers/preview").json()["rows"][0] == ["1", "word 1"]
        refused = alice.get(f"{API}/dynamic-tables/public/own/preview")
        assert refused.status_code == 403
        assert "word 1" not in refused.text


@pytest.mark.parametrize(
    "view",
    [
        "SELECT 1::bigint AS id, stolen() AS word",
        "SELECT 1::bigint AS id, pg_read_file('/etc/passwd') AS word",
        "SELECT 1::bigint AS id, query_to_xml('TABLE pg_authid', true, true, '')::text AS word",
        'SELECT 1::bigint AS id, rolpassword COLLATE "default" AS word FROM pg_authid',
        "SELECT 1::bigint AS id, (SELECT 'x' FROM stolen()) AS word",
        "SELECT id, word FROM trapped",
        "SELECT i.id, w.word FROM open i, LATERAL stolen() w (word)",
    ],
)
def test_a_view_that_its_owner_has_changed_does_not_run_as_the_service(
    powerful: Served, ours: Place, view: str
) -> None:
    with psycopg.connect(ours.url) as connection:
        (before,) = connection.execute("SELECT pg_get_viewdef('hers'::regclass)").fetchone() or ("",)
    ours.as_alice(
        "DROP TABLE IF EXISTS trapped",
        "CREATE OR REPLACE FUNCTION stolen() RETURNS text LANGUAGE plpgsql AS $$ BEGIN "
        "RETURN 'ran as ' || current_user; END $$",
        "CREATE TABLE trapped (id bigint, word text); INSERT INTO trapped VALUES (1, 'x')",
        "ALTER TABLE trapped ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY trap ON trapped USING (stolen() IS NOT NULL)",
        f"CREATE OR REPLACE VIEW hers AS {view}",
    )
    try:
        for role in (None, ALICE):
            with _person(ours.url, powerful, Role.VIEWER, role) as viewer:
                answer = viewer.get(f"{API}/dynamic-tables/public/hers/preview")
                assert answer.status_code in (403, 409), answer.text
                assert "ran as" not in answer.text
    finally:
        ours.as_alice(f"CREATE OR REPLACE VIEW hers AS {before}")


def test_who_only_looks_lets_the_server_parse_nothing(powerful: Served, ours: Place) -> None:
    with _person(ours.url, powerful, Role.VIEWER) as viewer:
        sql = "CREATE DYNAMIC TABLE x TARGET_LAG = '1 hour' AS SELECT '(1)'::pair AS p"
        assert viewer.post(f"{API}/validate", json={"sql": sql}).status_code == 403


def test_a_sample_of_a_draft_is_read_by_the_console_or_not_at_all(powerful: Served, ours: Place) -> None:
    ours.as_alice(
        "CREATE OR REPLACE FUNCTION who() RETURNS text LANGUAGE sql VOLATILE AS 'SELECT current_user::text'",
        "CREATE OR REPLACE VIEW asking AS SELECT who() AS w; GRANT SELECT ON asking TO PUBLIC",
    )
    with _person(ours.url, powerful, Role.EDITOR) as editor:
        sql = "CREATE DYNAMIC TABLE x TARGET_LAG = '1 hour' AS SELECT w FROM asking"
        answer = editor.post(f"{API}/explain", json={"sql": sql}).json()
        rows = answer["sample"]["rows"] if answer["sample"] else None
        assert rows in (None, [["dyntables_reader"]]), answer
        assert (rows is None) == (powerful.services.console.closed is not None)


@pytest.fixture(scope="module")
def theirs(module_database: Callable[[str], str]) -> Iterator[Place]:
    """A server of somebody's own, as README sets it up: the service owns the database, and is no superuser."""
    superuser = module_database(EMPTY)
    with psycopg.connect(superuser, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"CREATE ROLE {SERVICE} LOGIN CREATEROLE")
        connection.execute(f"ALTER DATABASE {name} OWNER TO {SERVICE}; ALTER SCHEMA public OWNER TO {SERVICE}")
    url = make_conninfo(superuser, user=SERVICE)
    with dyntables.connect(url) as client:
        client.execute("CREATE TABLE open (id bigint PRIMARY KEY, word text)")
        client.execute("INSERT INTO open SELECT i, 'word ' || i FROM generate_series(1, 9) i")
        client.execute("CREATE DYNAMIC TABLE own TARGET_LAG = '1 hour' AS SELECT id, word FROM open")
    with connect(url) as connection:
        users.add_user(connection, "ada", Role.ADMIN, "correct horse battery")
    yield Place(url, superuser)
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {connection.info.dbname} OWNER TO postgres")
        for role in (READER, SERVICE):
            connection.execute(f"DROP OWNED BY {role} CASCADE")
            connection.execute(f"DROP ROLE {role}")


SECRETS = [
    "SELECT password_hash FROM dyntables.app_user",
    "SELECT digest FROM dyntables.app_session",
    "SELECT digest FROM dyntables.access_token",
    "SELECT body FROM dyntables.request_key",
    "SELECT rolpassword FROM pg_authid",
    "SELECT passwd FROM pg_shadow",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity",
    "SELECT pg_advisory_lock(1)",
    "SELECT set_config('role', 'postgres', false)",
]


def test_without_a_role_of_its_own_the_console_is_for_admins(theirs: Place) -> None:
    with serving(theirs.url, embedded=False) as served:
        for role in (Role.VIEWER, Role.EDITOR):
            with _person(theirs.url, served, role) as person:
                assert "console-role create" in person.get(f"{API}/auth/me").json()["console_refused"]
                for sql in ["SELECT 1", *SECRETS]:
                    answer = person.post(QUERIES, json={"sql": sql})
                    assert (answer.status_code, "console-role create" in answer.json()["hint"]) == (403, True)
                assert person.post(f"{QUERIES}/explain", json={"sql": "SELECT 1"}).status_code == 403
                assert person.get(f"{API}/dynamic-tables/public/own/preview").json()["rows"][0] == ["1", "word 1"]
        with _person(theirs.url, served, Role.ADMIN) as admin:
            assert admin.post(QUERIES, json={"sql": "SELECT 1"}).status_code == 200


def test_one_command_makes_a_role_that_reads_and_no_more(theirs: Place) -> None:
    with psycopg.connect(theirs.superuser, autocommit=True) as connection:
        # Roles are the server's, and another test may have made it.
        for (oid,) in connection.execute("SELECT oid FROM pg_roles WHERE rolname = %s", (READER,)).fetchall():
            connection.execute(f"ALTER ROLE {READER} RENAME TO {READER}_{oid}")
    made = CliRunner().invoke(app, [*MAKE, "--schema", "public", "-d", theirs.url])
    assert made.exit_code == 0, made.output
    name, _, url = made.stdout.strip().splitlines()[-1].partition("=")
    assert name == "DYNTABLES_QUERY_DATABASE"
    with serving(theirs.url, embedded=False, query_database=url) as served:
        assert (served.services.console.role, served.services.console.closed) == (READER, None)
        with _person(theirs.url, served, Role.VIEWER) as viewer:
            assert viewer.get(f"{API}/auth/me").json()["console_refused"] is None
            assert viewer.post(QUERIES, json={"sql": "SELECT current_user, session_user"}).text.count(READER) == 2
            assert "word 3" in viewer.post(QUERIES, json={"sql": "SELECT * FROM own UNION ALL TABLE open"}).text
            with psycopg.connect(theirs.url, autocommit=True) as service:
                service.execute("CREATE TABLE IF NOT EXISTS later (x text); INSERT INTO later VALUES ('later')")
            assert "later" in viewer.post(QUERIES, json={"sql": "SELECT * FROM later"}).text
            for sql in SECRETS:
                assert viewer.post(QUERIES, json={"sql": sql}).status_code == 403, sql
            assert viewer.post(QUERIES, json={"sql": "SELECT 1"}).status_code == 200
    again = CliRunner().invoke(app, [*MAKE[:-1], "-d", theirs.url])
    assert (again.exit_code, "exists already" in again.output) == (1, True)


def test_a_session_of_the_role_cannot_become_the_service(theirs: Place) -> None:
    with psycopg.connect(theirs.superuser, autocommit=True) as connection:
        make_reader(connection, READER, None)
    with psycopg.connect(make_conninfo(theirs.superuser, user=READER), autocommit=True) as connection:
        assert too_powerful(connection, SERVICE) is None
        for attack in (
            f"SET ROLE {SERVICE}",
            f"SET SESSION AUTHORIZATION {SERVICE}",
            "RESET ROLE; SELECT digest FROM dyntables.app_session",
            "DO $$ BEGIN EXECUTE 'RESET SESSION AUTHORIZATION'; PERFORM password_hash FROM dyntables.app_user; END $$",
            "COPY (SELECT 1) TO PROGRAM 'cat'",
            "SELECT pg_read_file('/etc/passwd')",
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{SERVICE}' "
            "UNION ALL SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'",
            "CREATE TABLE dyntables.mine ()",
        ):
            with pytest.raises(psycopg.Error):
                connection.execute(attack)


@pytest.mark.parametrize(
    ("grant", "revoke", "reason"),
    [
        ("ALTER ROLE {r} SUPERUSER", "ALTER ROLE {r} NOSUPERUSER", "superuser"),
        ("ALTER ROLE {r} CREATEROLE", "ALTER ROLE {r} NOCREATEROLE", "CREATEROLE"),
        ("REVOKE {r} FROM {s}; GRANT {s} TO {r}", "REVOKE {s} FROM {r}", "role of the service"),
        ("GRANT pg_signal_backend TO {r}", "REVOKE pg_signal_backend FROM {r}", "more than read"),
        ("GRANT pg_read_all_data TO {r}", "REVOKE pg_read_all_data FROM {r}", "passwords"),
        ("GRANT SELECT (password_hash) ON dyntables.app_user TO {r}",
         "REVOKE SELECT (password_hash) ON dyntables.app_user FROM {r}", "signs in"),
    ],
)  # fmt: skip
def test_a_role_that_may_more_than_read_does_not_open_the_console(
    theirs: Place, grant: str, revoke: str, reason: str
) -> None:
    url = make_conninfo(theirs.superuser, user=READER)
    with psycopg.connect(theirs.superuser, autocommit=True) as connection:
        make_reader(connection, READER, None)
        connection.execute(grant.format(r=READER, s=SERVICE))
        try:
            with psycopg.connect(url, autocommit=True) as reader:
                assert reason in (too_powerful(reader, SERVICE) or "")
        finally:
            connection.execute(revoke.format(r=READER, s=SERVICE))


def test_serve_says_so_at_its_start(theirs: Place, capsys: pytest.CaptureFixture[str], monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("dyntables.server.process.run", lambda server, listener: None)
    from tests.server.conftest import settings_for_tests

    serve(settings_for_tests(database=theirs.url))
    assert "for admins only" in capsys.readouterr().out
