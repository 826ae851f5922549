"""What the server is told when dyntables goes: what depends on it, and what of it stands outside of its schemas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg import sql

from dyntables import locks
from dyntables.compiler.names import quote_qualified
from dyntables.engines.postgres.connection.errors import translate
from dyntables.engines.postgres.connection.session import set_local
from dyntables.errors import EngineError, PermissionDeniedError


@contextmanager
def removing(connection: psycopg.Connection) -> Iterator[None]:
    """Open the transaction in which dyntables goes; say what people can do about the server's refusals.

    Raises:
        PermissionDeniedError, EngineError: the server refused; nothing was changed.
    """
    try:
        with connection.transaction():
            set_local(connection, {"lock_timeout": f"{locks.PATIENCE_MS}ms"})
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


def dependents(connection: psycopg.Connection, schemas: Sequence[str], views: Sequence[int]) -> list[tuple[str, str]]:
    """Return (what, on what) of everything that depends on what is in schemas, or on views of ours."""
    return connection.execute(_DEPENDENTS, {"schemas": list(schemas), "views": list(views)}).fetchall()


def drop_event_triggers(connection: psycopg.Connection) -> None:
    """Drop the event triggers that call functions of ours."""
    rows = connection.execute(
        "SELECT e.evtname FROM pg_event_trigger e JOIN pg_proc p ON p.oid = e.evtfoid "
        "JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'dyntables' ORDER BY 1"
    )
    for (name,) in rows.fetchall():
        connection.execute(sql.SQL("DROP EVENT TRIGGER {}").format(sql.Identifier(name)))


def drop_schemas(connection: psycopg.Connection, schemas: Sequence[str]) -> None:
    """Drop schemas with everything in them."""
    connection.execute(f"DROP SCHEMA {', '.join(map(quote_qualified, schemas))} CASCADE")


def drop_keeper(connection: psycopg.Connection) -> str | None:
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
