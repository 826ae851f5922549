"""Take dyntables out of a database, all of it, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from dyntables import locks
from dyntables.catalog.removal import remove_capture
from dyntables.compiler.names import literal, quote_qualified
from dyntables.engines.postgres.connection.errors import translate
from dyntables.engines.postgres.people.reader import revoke_reading
from dyntables.engines.postgres.rights.hands import guarded, hands_of
from dyntables.engines.postgres.storage.views import belongings
from dyntables.errors import CatalogError, DependentObjectsError, EngineError, PermissionDeniedError

SCHEMAS = ["dyntables", "dyntables_data", "dyntables_log", "dyntables_snowflake"]


@dataclass(frozen=True, slots=True)
class Installed:
    """A dynamic table as the server knows it; the name is that of its view at present."""

    id: int
    view_oid: int
    schema: str
    name: str
    owner: str
    filled: bool
    comment: str | None

    @property
    def view(self) -> str:
        """The quoted name of the view."""
        return quote_qualified(self.schema, self.name)


def installed_tables(connection: psycopg.Connection) -> list[Installed]:
    """Return the dynamic tables of a database whose views are there, of any version of the catalog."""
    if not _exists(connection, "dyntables.dynamic_table"):
        return []
    rows = connection.execute(
        "SELECT t.id, c.oid::bigint, n.nspname, c.relname, pg_get_userbyid(c.relowner)::text, "
        "t.data_timestamp IS NOT NULL, t.comment FROM dyntables.dynamic_table t JOIN pg_class c ON c.oid = t.view_oid "
        "AND c.relkind = 'v' JOIN pg_namespace n ON n.oid = c.relnamespace ORDER BY t.id"
    )
    return [Installed(*row) for row in rows]


def uninstall(connection: psycopg.Connection, *, keep_tables: bool, reader: str) -> list[str]:
    """Remove everything that dyntables has made in a database; return what was done, for people.

    Args:
        connection: in autocommit mode, of who installed it or of a superuser.
        keep_tables: whether dynamic tables stay, as tables that nothing refreshes.
        reader: the role of the console, which loses what it may read.

    Raises:
        CatalogError: it is not installed, or a scheduler leads; others depend on what is removed; rights are missing.
        EngineError: somebody used it for too long. In all of these cases nothing was changed.
    """
    with _told(), connection.transaction():
        connection.execute("SELECT set_config('lock_timeout', %s, true)", (f"{locks.PATIENCE_MS}ms",))
        schemas = _schemas(connection)
        tables = _held(connection)
        _check_dependents(connection, [t.view_oid for t in tables])
        has_reader = revoke_reading(connection, reader)
        if keep_tables:
            _copy(connection, tables)
        _drop_event_triggers(connection)
        remove_capture(connection)
        for table in tables:
            if keep_tables:
                _replace(connection, table)
            else:
                connection.execute(f"DROP VIEW {table.view}")
        connection.execute(f"DROP SCHEMA {', '.join(schemas)} CASCADE")
        left = _drop_keeper(connection)
    done = [f"{table.schema}.{table.name} {'is a plain table now' if keep_tables else 'dropped'}" for table in tables]
    if has_reader:
        done.append(
            f'role "{reader}" may read nothing here any more; DROP ROLE removes it if no other database needs it'
        )
    if left:
        done.append(f'role "{left}", which kept the change logs, has nothing any more; a superuser can DROP ROLE it')
    return [*done, "dyntables is removed from this database"]


def _schemas(connection: psycopg.Connection) -> list[str]:
    """Return the schemas that are there: somebody may have dropped some by hand."""
    found = connection.execute("SELECT nspname::text FROM pg_namespace WHERE nspname = ANY(%s) ORDER BY 1", (SCHEMAS,))
    schemas = [name for (name,) in found]
    if not schemas:
        raise CatalogError("dyntables is not installed in this database")
    return schemas


def _held(connection: psycopg.Connection) -> list[Installed]:
    """Keep schedulers, installations, refreshes and statements off; return the tables that there are from now on."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (locks.MIGRATION,))
    row = connection.execute("SELECT pg_try_advisory_xact_lock(%s)", (locks.LEADER,)).fetchone()
    if row is None or not row[0]:
        raise CatalogError(
            "a scheduler is at work in this database, so nothing was removed",
            hint='Stop "dyntables serve" or "dyntables run" first; "dyntables doctor" says where it runs.',
        )
    if not _exists(connection, "dyntables.dynamic_table"):
        return []
    # As all do who change tables: these locks first. What is made meanwhile is locked out by the second.
    connection.execute(
        "SELECT pg_advisory_xact_lock(%s, id::integer) FROM (SELECT id FROM dyntables.dynamic_table ORDER BY id) t",
        (locks.REFRESH,),
    )
    connection.execute("LOCK TABLE dyntables.dynamic_table IN EXCLUSIVE MODE")
    return installed_tables(connection)


def _check_dependents(connection: psycopg.Connection, views: list[int]) -> None:
    rows = connection.execute(_DEPENDENTS, {"schemas": SCHEMAS, "views": views}).fetchall()
    if rows:
        raise DependentObjectsError(
            "cannot remove dyntables: other objects depend on it, so nothing was removed",
            detail="\n".join(f"{dependent} depends on {on}" for dependent, on in rows),
            hint="Drop these first.",
        )


def _copy(connection: psycopg.Connection, tables: list[Installed]) -> None:
    """Copy the contents of tables, each by the hands of its owner, who may have written another view over them."""
    with guarded(connection, [table.owner for table in tables]):
        for table in tables:
            hands, rows = hands_of(connection, table.owner), "" if table.filled else " WITH NO DATA"
            hands.run(f"CREATE TABLE {hands.site(_copy_of(table))} AS SELECT * FROM {table.view}{rows}")
            hands.settle(_copy_of(table))


def _replace(connection: psycopg.Connection, table: Installed) -> None:
    """Put the copy in the place of the view, with what belongs to that."""
    copy = _copy_of(table)
    statements = [*_comments(connection, table), *(s for _, s in belongings(connection, table.view, "TABLE"))]
    connection.execute(f"DROP VIEW {table.view}")
    connection.execute(f"ALTER TABLE {copy} SET SCHEMA {quote_qualified(table.schema)}")
    moved = quote_qualified(table.schema, copy.rpartition(".")[2])
    connection.execute(f"ALTER TABLE {moved} RENAME TO {quote_qualified(table.name)}")
    # Default privileges have given it more than the view may have now.
    for (grantee,) in connection.execute(_GRANTEES, (table.view,)).fetchall():
        connection.execute(f"REVOKE ALL ON {table.view} FROM {grantee}")
    for statement in statements:
        connection.execute(statement)


def _comments(connection: psycopg.Connection, table: Installed) -> list[str]:
    """Return what says of the table what was said of the dynamic table; a comment on the view itself comes later."""
    named = [(f"TABLE {table.view}", table.comment)] if table.comment else []
    for column, text in connection.execute(_COLUMN_COMMENTS, (table.id,)):
        named.append((f"COLUMN {table.view}.{quote_qualified(column)}", text))
    return [f"COMMENT ON {what} IS {literal(text)}" for what, text in named]


def _copy_of(table: Installed) -> str:
    return f"dyntables_data.dyntables_kept_{table.id}"


def _drop_event_triggers(connection: psycopg.Connection) -> None:
    rows = connection.execute(
        "SELECT e.evtname FROM pg_event_trigger e JOIN pg_proc p ON p.oid = e.evtfoid "
        "JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'dyntables' ORDER BY 1"
    )
    for (name,) in rows.fetchall():
        connection.execute(sql.SQL("DROP EVENT TRIGGER {}").format(sql.Identifier(name)))


def _drop_keeper(connection: psycopg.Connection) -> str | None:
    """Drop the role of the change logs; return its name if this user may not, or a copy of the database needs it."""
    row = connection.execute(
        "SELECT r.rolname FROM pg_roles r JOIN pg_database d ON r.rolname = concat('dyntables_log_', d.oid) "
        "WHERE d.datname = current_database()"
    ).fetchone()
    if row is None:
        return None
    try:
        with connection.transaction():
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(row[0])))
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.DependentObjectsStillExist):
        return str(row[0])
    return None


def _exists(connection: psycopg.Connection, relation: str) -> bool:
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (relation,)).fetchone()
    return bool(row and row[0])


@contextmanager
def _told() -> Iterator[None]:
    """Say what people can do about the server's refusals."""
    try:
        yield
    except psycopg.errors.InsufficientPrivilege as error:
        raise PermissionDeniedError(
            f"dyntables cannot be removed by this user, so nothing was: {error.diag.message_primary}",
            hint="Run it with --database of who installed it, or of a superuser.",
        ) from error
    except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected) as error:
        raise EngineError(
            "somebody uses a dynamic table, or a table that one reads, so nothing was removed",
            detail=error.diag.context or error.diag.message_primary,
            hint="Try again when the transactions that use them have ended; pg_stat_activity shows them.",
            sqlstate=error.sqlstate,
            retryable=True,
        ) from error
    except psycopg.Error as error:
        raise translate(error) from error


_COLUMN_COMMENTS = """
SELECT column_name, to_jsonb(c) ->> 'comment' FROM dyntables.dynamic_table_column c
WHERE dynamic_table_id = %s AND to_jsonb(c) ->> 'comment' IS NOT NULL ORDER BY position
"""
_GRANTEES = """
SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = %s::text::regclass AND a.grantee <> c.relowner
"""
# A rule, a default, a constraint and a trigger stand for their table; our triggers go with their functions.
_DEPENDENTS = """
WITH space AS MATERIALIZED (SELECT oid FROM pg_namespace WHERE nspname = ANY(%(schemas)s)),
class AS MATERIALIZED (
    SELECT oid FROM pg_class WHERE relnamespace IN (TABLE space) OR oid = ANY(%(views)s::oid[])
),
own AS MATERIALIZED (
    SELECT 'pg_class'::regclass AS classid, oid FROM class
    UNION SELECT 'pg_proc'::regclass, oid FROM pg_proc WHERE pronamespace IN (TABLE space)
    UNION SELECT 'pg_type'::regclass, oid FROM pg_type WHERE typnamespace IN (TABLE space) OR typrelid IN (TABLE class)
    UNION SELECT 'pg_type'::regclass, t.typarray FROM pg_type t WHERE t.typrelid IN (TABLE class)
),
user_of AS (
    SELECT d.*, coalesce(r.ev_class, f.adrelid, nullif(k.conrelid, 0), t.tgrelid) AS relation
    FROM pg_depend d JOIN own o ON o.classid = d.refclassid AND o.oid = d.refobjid
    LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
    LEFT JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid
    LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
    LEFT JOIN pg_trigger t ON d.classid = 'pg_trigger'::regclass AND t.oid = d.objid
    LEFT JOIN pg_event_trigger e ON d.classid = 'pg_event_trigger'::regclass AND e.oid = d.objid
    WHERE d.deptype = 'n' AND e.oid IS NULL AND (t.tgname ~ '^~?dyntables_capture_') IS NOT TRUE
)
SELECT DISTINCT CASE u.classid WHEN 'pg_rewrite'::regclass
    THEN pg_describe_object('pg_class'::regclass, u.relation, 0)
    ELSE pg_describe_object(u.classid, u.objid, u.objsubid) END, pg_describe_object(u.refclassid, u.refobjid, 0)
FROM user_of u WHERE NOT EXISTS (
    SELECT FROM own o WHERE (o.classid, o.oid) IN ((u.classid, u.objid), ('pg_class'::regclass, u.relation))
) ORDER BY 1, 2
"""
