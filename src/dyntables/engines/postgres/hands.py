"""By whose hands a statement runs: the service's own, or those of a dynamic table's owner.

What a definition calls is somebody else's code. It runs inside a SECURITY DEFINER function that belongs to the owner:
there it has the owner's rights and no others, and can neither RESET ROLE nor SET SESSION AUTHORIZATION. What it leaves
behind in the session could be run by the service later: a search_path, temporary objects, prepared statements, cursors
WITH HOLD, deferred triggers. None of these survives.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg

from dyntables.compiler.names import literal, quote_qualified
from dyntables.errors import CatalogError, EngineError

SAFE_PATH = "pg_catalog, pg_temp"


class Hands(Protocol):
    """Runs the statements that read sources and write storage."""

    def run(self, sql: str) -> int:
        """Run a statement; return the number of rows that it touched."""
        ...

    def row(self, sql: str) -> tuple[Any, ...]:
        """Return the one row of a query."""
        ...

    def borrow(self, rows: str, name: str) -> str:
        """Return a FROM item of the service as these hands may read it; ``name`` is that of a copy, if one is made."""
        ...

    def lend_log(self, log: str) -> None:
        """Let these hands write a change log."""
        ...


class ServiceHands:
    """The service works for itself."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection

    def run(self, sql: str) -> int:
        """Run a statement; return the number of rows that it touched."""
        return self.connection.execute(sql).rowcount

    def row(self, sql: str) -> tuple[Any, ...]:
        """Return the one row of a query."""
        row = self.connection.execute(sql).fetchone()
        assert row is not None
        return tuple(row)

    def borrow(self, rows: str, name: str) -> str:
        """Return the rows as they are."""
        return rows

    def lend_log(self, log: str) -> None:
        """Do nothing: the log is the service's own."""


class OwnerHands:
    """The service works for another role, whose code it does not trust."""

    def __init__(self, connection: psycopg.Connection, owner: str) -> None:
        self.connection = connection
        self.owner = owner
        row = connection.execute("SELECT oid::bigint FROM pg_roles WHERE rolname = %s", (owner,)).fetchone()
        if row is None:
            raise CatalogError(f'role "{owner}", the owner of the dynamic table, does not exist')
        self.function = f"dyntables_data.by_{row[0]}"
        exists = connection.execute("SELECT to_regproc(%s) IS NOT NULL", (self.function,)).fetchone()
        if not exists or not exists[0]:
            _create_function(connection, self.function, owner)

    def run(self, sql: str) -> int:
        """Run a statement; return the number of rows that it touched."""
        return int(self._call(sql, "false"))

    def row(self, sql: str) -> tuple[Any, ...]:
        """Return the one row of a query."""
        # Columns may have the same name.
        pairs = json.loads(self._call(sql, "true"), parse_float=str, object_pairs_hook=list)
        return tuple(value for _, value in pairs)

    def borrow(self, rows: str, name: str) -> str:
        """Copy rows of a log, which the owner may not read, for this transaction."""
        self.connection.execute(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS SELECT * FROM {rows} o")
        self.connection.execute(f"GRANT SELECT ON pg_temp.{name} TO {quote_qualified(self.owner)}")
        return f"pg_temp.{name}"

    def lend_log(self, log: str) -> None:
        """Let the owner write the change log of the owner's own table."""
        self.connection.execute(f"GRANT INSERT, SELECT ON {log} TO {quote_qualified(self.owner)}")

    def _call(self, sql: str, query: str) -> str:
        call = f"SELECT {self.function}({literal(sql)}, {query})"
        cursor = self.connection.execute(f"{call}; SET search_path TO {SAFE_PATH}; CLOSE ALL; DEALLOCATE ALL")
        row = cursor.fetchone()
        assert row is not None
        return str(row[0])


def _create_function(connection: psycopg.Connection, function: str, owner: str) -> None:
    role = quote_qualified(owner)
    body = """
DECLARE
    item record;
    result text;
    rows bigint;
BEGIN
    IF query THEN
        FOR item IN EXECUTE statement LOOP
            result := pg_catalog.row_to_json(item);
        END LOOP;
    ELSE
        EXECUTE statement;
        GET DIAGNOSTICS rows = ROW_COUNT;
        result := rows;
    END IF;
    -- Deferred triggers would otherwise run at COMMIT, by the hands of the service.
    SET CONSTRAINTS ALL IMMEDIATE;
    RETURN result;
END
"""
    # The schema holds nothing but storage, and a table in it is of use to its own owner only.
    connection.execute(f"GRANT USAGE, CREATE ON SCHEMA dyntables_data TO {role}")
    connection.execute(f"GRANT USAGE ON SCHEMA dyntables_log TO {role}")
    connection.execute(
        f"CREATE FUNCTION {function}(statement text, query boolean) RETURNS text LANGUAGE plpgsql SECURITY DEFINER "
        f"SET search_path = {SAFE_PATH} AS $dyntables${body}$dyntables$"
    )
    connection.execute(f"REVOKE ALL ON FUNCTION {function}(text, boolean) FROM PUBLIC")
    connection.execute(f"ALTER FUNCTION {function}(text, boolean) OWNER TO {role}")
    take_over(connection, owner)


def take_over(connection: psycopg.Connection, owner: str) -> None:
    """Give a role the storage and the views of its tables that were made by other hands."""
    for (statement,) in connection.execute(_NOT_OWNED, (owner,)).fetchall():
        connection.execute(statement)


# Storage and views that were made by other hands, when the owner was the service user.
_NOT_OWNED = """
SELECT format('ALTER %%s %%s OWNER TO %%I', CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, c.oid::regclass,
    t.owner_name)
FROM dyntables.dynamic_table t JOIN pg_class c ON c.oid = t.view_oid
    OR c.relnamespace = 'dyntables_data'::regnamespace AND c.relkind = 'r' AND c.relname ~ ('^t' || t.id || '_g')
WHERE t.owner_name = %s AND pg_get_userbyid(c.relowner) <> t.owner_name
"""


_DEFERRED = """
SELECT g.tgrelid::regclass::text FROM pg_trigger g WHERE g.tgdeferrable AND pg_stat_get_xact_tuples_inserted(g.tgrelid)
    + pg_stat_get_xact_tuples_updated(g.tgrelid) + pg_stat_get_xact_tuples_deleted(g.tgrelid) > 0 LIMIT 1
"""


def hands_of(connection: psycopg.Connection, owner: str) -> Hands:
    """Return the hands by which to work for the owner of a dynamic table."""
    return ServiceHands(connection) if owner == connection.info.user else OwnerHands(connection, owner)


def check_nothing_deferred(connection: psycopg.Connection) -> None:
    """Refuse to commit what the code of owners may have left for the commit.

    A trigger can defer its successors for ever, so that running them early is not enough.

    Raises:
        EngineError: a table with deferrable triggers was written.
    """
    row = connection.execute(_DEFERRED).fetchone()
    if row is not None:
        raise EngineError(
            f'a function in a definition wrote to "{row[0]}", which has deferrable triggers',
            hint="Let the functions that a definition calls only read.",
        )


class SessionState:
    """The settings of a session before the code of owners ran in it, to be brought back after."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        self.settings = connection.execute(
            "SELECT name, current_setting(name) FROM pg_settings WHERE source = 'session' "
            "AND name NOT IN ('role', 'session_authorization', 'search_path') UNION ALL "
            # Settings that no module has declared are not in that view.
            "SELECT name, coalesce(current_setting(name, true), '') FROM unnest(%s::text[]) name",
            (["dyntables.statement", "dyntables.role", "dyntables.user"],),
        ).fetchall()
        row = connection.execute("SHOW search_path").fetchone()
        assert row is not None
        self.path = str(row[0])

    def restore(self) -> None:
        """Bring the settings back, and discard what owners may have left; call outside a transaction."""
        connection = self.connection
        if connection.closed:
            return
        for statement in (
            "CLOSE ALL",
            "DISCARD TEMP",
            "DEALLOCATE ALL",
            "RESET ALL",
            f"SET search_path TO {SAFE_PATH}",
        ):
            connection.execute(statement)
        for name, value in self.settings:
            connection.execute("SELECT set_config(%s, %s, false)", (name, value))
        connection.execute("SELECT set_config('search_path', %s, false)", (self.path,))


@contextmanager
def guarded(connection: psycopg.Connection, owners: Iterable[str]) -> Iterator[None]:
    """Open a transaction in which the code of owners may run; nothing of what that did is left in the session."""
    if all(owner == connection.info.user for owner in owners):
        with connection.transaction():
            yield
        return
    session = SessionState(connection)
    try:
        with connection.transaction():
            yield
            check_nothing_deferred(connection)
    finally:
        session.restore()


@contextmanager
def working_for(connection: psycopg.Connection, owner: str) -> Iterator[Hands]:
    """Give the hands of a role for one transaction."""
    with guarded(connection, [owner]):
        yield hands_of(connection, owner)
