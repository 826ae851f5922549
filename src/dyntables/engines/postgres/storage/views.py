"""The users' views: changed under short locks, so that readers wait for an instant or not at all."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from dyntables.compiler.names import literal, quote_qualified
from dyntables.engines.postgres.rights.hands import Hands
from dyntables.errors import EngineError

_LOCK_MS, _TRIES, _PAUSE = 150, 40, 0.05


@dataclass(frozen=True, slots=True)
class NamedView:
    """A user's view: its name, an id to make another name of, and the hands that may alter it."""

    id: int
    schema: str
    name: str
    hands: Hands


def protect(relation: str) -> str:
    """Return the statement that lets nothing but refreshes write a relation of a dynamic table, a view or storage."""
    return f"SELECT dyntables.protect({literal(relation)}::regclass)"


def protect_view(connection: psycopg.Connection, hands: Hands, view: str) -> None:
    """Protect a user's view, unless it is; readers do not wait."""
    row = connection.execute(
        "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname ^@ 'dyntables_refuse'", (view,)
    ).fetchone()
    if row is None or row[0] < 2:
        hands.run(protect(view))


def briefly(connection: psycopg.Connection, names: str, work: Callable[[], None]) -> None:
    """Do work that locks views, and give up after some tries; ``names`` says whose, for people.

    Raises:
        EngineError: readers held them all the time; nothing was changed.
    """
    hint = "A long transaction reads it; try again when that has ended."
    _under_short_locks(connection, work, _TRIES, f"could not change {names}: readers hold it", hint)


def _under_short_locks(
    connection: psycopg.Connection, work: Callable[[], None], tries: int, message: str, hint: str
) -> None:
    row = connection.execute(
        "SELECT current_setting('lock_timeout'), set_config('lock_timeout', %s, true)", (f"{_LOCK_MS}ms",)
    ).fetchone()
    assert row is not None
    refused: psycopg.errors.LockNotAvailable | None = None
    for attempt in range(tries):
        if attempt:
            time.sleep(_PAUSE)
        try:
            with connection.transaction():
                work()
            refused = None
            break
        except psycopg.errors.LockNotAvailable as error:
            refused = error
    connection.execute("SELECT set_config('lock_timeout', %s, true)", (row[0],))
    if refused is not None:
        raise EngineError(message, hint=hint, sqlstate=refused.sqlstate, retryable=True) from refused


def exchange_names(first: NamedView, second: NamedView) -> None:
    """Let two views have each other's name; the caller owns the transaction."""
    for view, other in ((first, second), (second, first)):
        view.hands.run(f"ALTER VIEW {quote_qualified(view.schema, view.name)} RENAME TO {_between(view)}")
        if view.schema != other.schema:
            between = quote_qualified(view.schema, _between(view))
            view.hands.run(f"ALTER VIEW {between} SET SCHEMA {quote_qualified(other.schema)}")
    for view, other in ((first, second), (second, first)):
        between = quote_qualified(other.schema, _between(view))
        view.hands.run(f"ALTER VIEW {between} RENAME TO {quote_qualified(other.name)}")


def _between(view: NamedView) -> str:
    return f"dyntables_swap_{view.id}"


@dataclass(frozen=True, slots=True)
class Reshaping:
    """What becomes of a view's columns; ``kept`` in order, ``added`` as (name, type), ``renamed`` as (old, new)."""

    kept: tuple[str, ...]
    added: tuple[tuple[str, str], ...]
    renamed: tuple[tuple[str, str], ...]
    drops: bool


def reshape(connection: psycopg.Connection, hands: Hands, schema: str, name: str, new: Reshaping) -> None:
    """Give a view other columns over the same rows; what is added is NULL. The caller owns the transaction.

    A view that loses a column is made again, with the grants and the comments that it had.
    """
    view = quote_qualified(schema, name)
    for old, fresh in new.renamed:
        hands.run(f"ALTER VIEW {view} RENAME COLUMN {quote_qualified(old)} TO {quote_qualified(fresh)}")
    if not new.drops and not new.added:
        return
    with connection.transaction(force_rollback=True):
        # Under this path the server qualifies every name.
        connection.execute("SELECT set_config('search_path', 'pg_catalog, pg_temp', true)")
        row = connection.execute("SELECT pg_get_viewdef(%s::regclass)", (view,)).fetchone()
    assert row is not None
    # Of a domain that takes no NULL, the server checks a NULL that is cast, and none that a query without a row gives.
    added = (f"(SELECT NULL::{t} WHERE false) AS {quote_qualified(c)}" for c, t in new.added)
    items = [*(quote_qualified(c) for c in new.kept), *added]
    select = f"SELECT {', '.join(items)} FROM ({str(row[0]).strip().rstrip(';')}) o"
    if not new.drops:
        hands.run(f"CREATE OR REPLACE VIEW {view} AS {select}")
        return
    kept = belongings(connection, view)
    hands.run(f"DROP VIEW {view}")
    hands.run(f"CREATE VIEW {view} AS {select}")
    protect_view(connection, hands, view)
    for column, statement in kept:
        if column is None or column in new.kept:
            hands.run(statement)


def belongings(connection: psycopg.Connection, view: str, kind: str = "VIEW") -> list[tuple[str | None, str]]:
    """Return (column or None, statement) of what gives the grants and comments of a view to what replaces it."""
    return connection.execute(_BELONGINGS, {"view": view, "kind": kind}).fetchall()


def readers_of_view(connection: psycopg.Connection, view: int) -> list[str]:
    """Return the names of the views, and of other objects with a rule, that read a view."""
    rows = connection.execute(
        "SELECT DISTINCT r.ev_class::regclass::text FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid "
        "WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = %s "
        "AND r.ev_class <> %s ORDER BY 1",
        (view, view),
    )
    return [name for (name,) in rows]


_BELONGINGS = """
WITH v AS (SELECT oid, relowner, relacl FROM pg_class WHERE oid = %(view)s::text::regclass),
c AS (SELECT a.attname, a.attnum, a.attacl FROM pg_attribute a, v WHERE a.attrelid = v.oid AND a.attnum > 0),
acl AS (
    SELECT NULL::name AS attname, (aclexplode(relacl)).* FROM v UNION ALL SELECT attname, (aclexplode(attacl)).* FROM c
)
SELECT a.attname, format('GRANT %%s %%s ON %%s TO %%s %%s', a.privilege_type, '(' || quote_ident(a.attname) || ')',
    %(view)s::text, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
    CASE WHEN a.is_grantable THEN 'WITH GRANT OPTION' END) FROM acl a, v WHERE a.grantee <> v.relowner
UNION ALL
SELECT NULL, format('COMMENT ON %%s %%s IS %%L', %(kind)s::text, %(view)s::text, obj_description(oid, 'pg_class'))
    FROM v WHERE obj_description(oid, 'pg_class') IS NOT NULL
UNION ALL
SELECT c.attname, format('COMMENT ON COLUMN %%s.%%I IS %%L', %(view)s::text, c.attname,
    col_description(v.oid, c.attnum)) FROM c, v WHERE col_description(v.oid, c.attnum) IS NOT NULL
"""


def view_of(connection: psycopg.Connection, view: str) -> tuple[int, str]:
    """Return the OID and the owner of a view, given by its quoted name."""
    row = connection.execute(
        "SELECT oid, pg_get_userbyid(relowner) FROM pg_class WHERE oid = %s::regclass", (view,)
    ).fetchone()
    assert row is not None
    return row[0], row[1]


def swap_view(connection: psycopg.Connection, hands: Hands, schema: str, name: str, select: str, *, tries: int) -> None:
    """Point the user's view at new storage; readers wait at most for one short lock attempt.

    Raises:
        EngineError: readers held the view through all attempts; nothing was changed.
    """
    view = quote_qualified(schema, name)
    message = f'could not swap the contents of "{schema}.{name}": readers hold it'
    hint = "A long transaction reads the dynamic table; the swap is tried again at the next refresh."
    _under_short_locks(connection, lambda: _replace_view(connection, hands, view, select), tries, message, hint)
    protect_view(connection, hands, view)


def _replace_view(connection: psycopg.Connection, hands: Hands, view: str, select: str) -> None:
    try:
        with connection.transaction():
            hands.run(f"CREATE OR REPLACE VIEW {view} AS {select}")
    except psycopg.errors.InvalidTableDefinition:
        # The columns changed: CREATE OR REPLACE cannot rename, retype or drop them.
        hands.run(f"DROP VIEW {view}")
        hands.run(f"CREATE VIEW {view} AS {select}")
