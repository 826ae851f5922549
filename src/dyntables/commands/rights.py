"""Who may run which statement on which dynamic table."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from dyntables.catalog import graph, store
from dyntables.catalog.dropped import find_dropped
from dyntables.commands.session import Session
from dyntables.compiler.statements import (
    Cancel,
    Clone,
    DescribeDynamicTable,
    ExplainChanges,
    ExplainCreateOrAlter,
    ExplainDynamicTable,
    Options,
    Passthrough,
    QualifiedName,
    Refresh,
    RenameTo,
    Resume,
    SetOptions,
    ShowColumnLineage,
    ShowCreate,
    Suspend,
    SwapWith,
    Undrop,
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
    ExplainCreateOrAlter: MONITOR,
    ExplainChanges: MONITOR,
    DescribeDynamicTable: MONITOR,
    ShowColumnLineage: MONITOR,
    ShowCreate: MONITOR,
}

# What the owner alone may unset.
_OWNERS = {"FROZEN WHERE", "IMMUTABLE WHERE", "TRUST_STABLE_FUNCTIONS"}


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
    if isinstance(statement, SetOptions) and _owners_choice(statement.options):
        needed = OWNERSHIP
    if isinstance(statement, UnsetOptions) and _OWNERS & set(statement.names):
        needed = OWNERSHIP
    if isinstance(statement, Clone):
        _require_clone(session, statement)
        return
    tables = {t.id for name in _names(statement) if (t := store.find(session.connection, *session.resolve(name.parts)))}
    if isinstance(statement, (Refresh, Verify)):
        # It also refreshes what they read.
        tables = graph.ancestors(store.load_all(session.connection), tables)
    for table_id in sorted(tables):
        _require_on(session, table_id, needed)
    if isinstance(statement, RenameTo):
        _require_create(session, session.resolve(statement.new_name.parts)[0])
    if isinstance(statement, SwapWith):
        for name in (statement.name, statement.other):
            _require_create(session, session.resolve(name.parts)[0])
    if isinstance(statement, Undrop):
        _require_dropped(session, statement)


def _owners_choice(options: Options) -> bool:
    given = (options.comment, options.retention_days, options.frozen, options.trust_stable)
    return bool(options.settings) or any(option is not None for option in given)


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


def _require_clone(session: Session, statement: Clone) -> None:
    """The source's definition is shown, and its contents are read by the new owner; a table replaced must be owned."""
    for name, privilege in ((statement.source, MONITOR), (statement.name, OWNERSHIP)):
        table = store.find(session.connection, *session.resolve(name.parts))
        if table is not None:
            _require_on(session, table.id, privilege)


def _require_dropped(session: Session, statement: Undrop) -> None:
    schema, name = session.resolve(statement.name.parts)
    with session.connection.transaction():
        dropped = find_dropped(session.connection, schema, name)
        if dropped is None:
            return
        row = session.connection.execute(
            "SELECT dyntables.is_member(%s, %s) OR dyntables.is_member(%s, current_user)",
            (session.role, dropped.owner, session.role),
        ).fetchone()
    if row is not None and not row[0]:
        raise PermissionDeniedError(
            f'role "{session.role}" does not have OWNERSHIP on the dropped dynamic table "{dropped.qualified}"',
            hint="Only the owner can do this.",
        )
    _require_create(session, schema)


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
