"""A stage for attacks: a service that is a superuser or an ordinary role, an attacker, and traps that tell whose hands
sprang them.

A trap is a function of the attacker's. In a session of the service whoever runs it tries each way to other rights, and
counts in a sequence, which no rollback takes back: ``ran_<trap>`` if it is still the attacker, ``won_<trap>`` if not. A
test sets traps wherever somebody may put code, lets the service work, and says that every trap ran and none won.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

import dyntables
from dyntables.errors import DyntablesError
from tests.support.servers import EMPTY


@pytest.fixture
def database_template() -> str:
    """The service that is attacked installs the catalog, as whoever it is."""
    return EMPTY


_TRY = """
CREATE FUNCTION public.try_out(trap text) RETURNS boolean LANGUAGE plpgsql AS $f$
DECLARE
    way text;
BEGIN
    IF session_user = '{attacker}' THEN
        RETURN true;  -- at home there is nothing to win
    END IF;
    FOREACH way IN ARRAY ARRAY[
        'RESET ROLE', 'SET ROLE NONE', 'SET ROLE {service}', 'SET SESSION AUTHORIZATION DEFAULT',
        'RESET SESSION AUTHORIZATION', 'SET SESSION AUTHORIZATION {service}',
        'ALTER ROLE {attacker} SUPERUSER', 'ALTER ROLE {attacker} CREATEROLE', 'INSERT INTO public.vault VALUES (1)',
        'ALTER FUNCTION public.try_out(text) OWNER TO {service}',
        'CREATE TEMP TABLE pg_class AS SELECT 1 AS oid', 'PREPARE "_pg3_0" AS SELECT public.try_out(''prepared'')',
        'DECLARE later CURSOR WITH HOLD FOR SELECT public.try_out(''cursor'')',
        -- Names in pieces: else the service would watch out for what has them, and see it come and go.
        'CREATE OR REPLACE FUNCTION pg_temp.n' || 'ow() RETURNS text LANGUAGE sql AS ''SELECT NULL''',
        'CREATE DOMAIN pg_temp.reg' || 'class AS text CHECK (public.try_out(''temporary domain''))',
        'SET search_path TO public, pg_catalog', 'SET session_replication_role TO replica'
    ] LOOP
        BEGIN
            EXECUTE way;
        EXCEPTION WHEN OTHERS THEN
            NULL;
        END;
    END LOOP;
    PERFORM pg_catalog.nextval(pg_catalog.format(
        'public.%I', CASE current_user WHEN '{attacker}' THEN 'ran_' ELSE 'won_' END || trap));
    RETURN true;
END $f$
"""
_STABLE = """
CREATE FUNCTION public.trap(trap text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
$f$ BEGIN PERFORM public.try_out(trap); RETURN true; END $f$
"""


@dataclass
class Stage:
    """The service, and the attacker with a plain connection; ``traps`` are those that were set."""

    service: dyntables.Client
    attacker: dyntables.Client
    plain: psycopg.Connection
    superuser: psycopg.Connection
    role: str
    traps: list[str] = field(default_factory=list)

    def trap(self, name: str) -> str:
        """Return an expression of type boolean, IMMUTABLE by its own account, that springs a trap."""
        if name not in self.traps:
            self.traps.append(name)
            for verdict in ("ran", "won"):
                self.plain.execute(f'CREATE SEQUENCE public."{verdict}_{name}"')
                self.plain.execute(f'GRANT ALL ON SEQUENCE public."{verdict}_{name}" TO PUBLIC')
        return f"public.trap('{name}')"

    def attempt(self, client: dyntables.Client, *statements: str) -> list[str]:
        """Run statements, also if one before fails; return the messages of those that did."""
        failed = []
        for statement in statements:
            try:
                client.execute(statement)
            except DyntablesError as error:
                failed.append(f"{statement}: {error}")
        return failed

    def sprung(self, verdict: str) -> set[str]:
        """Return the traps that ran as the attacker (``ran``), or as anybody else (``won``)."""
        called = "SELECT is_called FROM public.{}"
        names = ((t, psycopg.sql.SQL(called).format(psycopg.sql.Identifier(f"{verdict}_{t}"))) for t in self.traps)
        return {trap for trap, query in names if self.superuser.execute(query).fetchone() == (True,)}

    def judge(self, *idle: str) -> None:
        """Say that every trap ran, but for those named, that none won, and that nothing is left of them."""
        won, never_ran = self.sprung("won"), set(self.traps) - self.sprung("ran") - set(idle)
        assert not won, f"these ran with other rights: {won}"
        assert not never_ran, f"these did not run: {never_ran}"
        row = self.superuser.execute(
            "SELECT rolsuper OR rolcreaterole, (SELECT count(*) FROM public.vault) FROM pg_roles WHERE rolname = %s",
            (self.role,),
        ).fetchone()
        assert row == (False, 0), f"the attacker has gained: {row}"
        left = self.service.execute(
            "SELECT (SELECT count(*) FROM pg_prepared_statements), "
            "(SELECT count(*) FROM pg_cursors WHERE is_holdable), "
            "(SELECT count(*) FROM pg_type WHERE typnamespace = pg_my_temp_schema()), "
            "(SELECT count(*) FROM pg_namespace WHERE nspname ~ '^dyntables_room')"
        )
        assert left.rows == [(0, 0, 0, 0)], f"left in the session of the service: {left.rows}"


@pytest.fixture(params=["superuser", "ordinary"])
def stage(request: pytest.FixtureRequest, database_url: str) -> Iterator[Stage]:
    with open_stage(database_url, request.param) as opened:
        yield opened


@contextmanager
def open_stage(database_url: str, kind: str) -> Iterator[Stage]:
    """Open a stage in an empty database; ``kind`` is that of the service: superuser or ordinary."""
    number = conninfo_to_dict(database_url)["dbname"]
    keeper, role = f"keeper_{number}", f"attacker_{number}"
    with psycopg.connect(database_url, autocommit=True) as superuser:
        superuser.execute(f"CREATE ROLE {role} LOGIN; CREATE ROLE {keeper} LOGIN; GRANT {role} TO {keeper}")
        superuser.execute(
            f"ALTER DATABASE {number} OWNER TO {keeper}; GRANT CREATE ON SCHEMA public TO {role}, {keeper}; "
            f"GRANT CREATE ON DATABASE {number} TO {role}"
        )
        service = superuser.info.user if kind == "superuser" else keeper
        superuser.execute(f"CREATE TABLE vault (n integer); ALTER TABLE vault OWNER TO {service}")
        url = make_conninfo(database_url, user=service)
        try:
            with (
                dyntables.connect(url) as client,
                dyntables.connect(url, role=role) as attacker,
                psycopg.connect(make_conninfo(database_url, user=role), autocommit=True) as plain,
            ):
                plain.execute(_TRY.format(service=service, attacker=role).encode())
                plain.execute(_STABLE)
                yield Stage(client, attacker, plain, superuser, role)
        finally:
            superuser.execute(f"ALTER DATABASE {number} OWNER TO CURRENT_USER")
            for name in (role, keeper):
                superuser.execute(f"DROP OWNED BY {name} CASCADE; DROP ROLE {name}")
