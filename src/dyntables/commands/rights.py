"""Who may run which statement on which dynamic table."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from dyntables.catalog import graph, store
from dyntables.commands.session import Session
from dyntables.compiler.statements import (
    Cancel,
    DescribeDynamicTable,
    ExplainChanges,
    ExplainDynamicTable,
    Passthrough,
    QualifiedName,
    Refresh,
    RenameTo,
    Resume,
    SetOptions,
    ShowColumnLineage,
    Suspend,
    UnsetOptions,
    Verify,
)
from dyntables.errors import PermissionDeniedError

OPERATE, MONITOR, OWNERSHIP = "OPERATE", "MONITOR", "OWNERSHIP"

# A statement that is not listed needs ownership of every dynamic table that it names.
_NEEDED: dict[type[Any], str] = {
    Suspend: OPERATE,
    Cancel: OPERATE,
    Resume: OPERATE,
    Refresh: OPERATE,
    Verify: OPERATE,
    SetOptions: OPERATE,
    UnsetOptions: OPERATE,
    ExplainDynamicTable: MONITOR,
    ExplainChanges: MONITOR,
    DescribeDynamicTable: MONITOR,
    ShowColumnLineage: MONITOR,
}


def require(session: Session, statement: object) -> None:
    """Check the rights of the role for which the session acts.

    Raises:
        PermissionDeniedError: with the right that is missing, and the table.
    """
    if session.role is None:
        return
    if isinstance(statement, Passthrough):
        raise PermissionDeniedError(
            f'a session that acts for the role "{session.role}" runs statements on dynamic tables only',
            hint="Run other statements over a connection of that role.",
        )
    needed = _NEEDED.get(type(statement), OWNERSHIP)
    if isinstance(statement, SetOptions) and (statement.options.comment, statement.options.frozen) != (None, None):
        needed = OWNERSHIP
    if isinstance(statement, UnsetOptions) and {"FROZEN WHERE", "IMMUTABLE WHERE"} & set(statement.names):
        needed = OWNERSHIP
    tables = {t.id for name in _names(statement) if (t := store.find(session.connection, *session.resolve(name.parts)))}
    if isinstance(statement, (Refresh, Verify)):
        # It also refreshes what they read.
        tables = graph.ancestors(store.load_all(session.connection), tables)
    for table_id in sorted(tables):
        _require_on(session, table_id, needed)
    if isinstance(statement, RenameTo):
        _require_create(session, session.resolve(statement.new_name.parts)[0])


def _require_on(session: Session, table_id: int, privilege: str) -> None:
    row = session.connection.execute(
        "SELECT dyntables.allowed(%s, id, %s), schema_name || '.' || table_name FROM dyntables.dynamic_table "
        "WHERE id = %s",
        (session.role, privilege, table_id),
    ).fetchone()
    if row is not None and not row[0]:
        raise PermissionDeniedError(
            f'role "{session.role}" does not have {privilege} on the dynamic table "{row[1]}"',
            hint="Only the owner can do this."
            if privilege == OWNERSHIP
            else f"Its owner can run GRANT {privilege} ON DYNAMIC TABLE {row[1]} TO {session.role}.",
        )


def _require_create(session: Session, schema: str) -> None:
    row = session.connection.execute(
        "SELECT has_schema_privilege(%s, oid, 'CREATE') FROM pg_namespace WHERE nspname = %s", (session.role, schema)
    ).fetchone()
    if row is not None and not row[0]:
        raise PermissionDeniedError(f'role "{session.role}" may not create anything in the schema "{schema}"')


def _names(value: object) -> Iterator[QualifiedName]:
    """Yield every name in a statement."""
    if isinstance(value, QualifiedName):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _names(item)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _names(getattr(value, field.name))
