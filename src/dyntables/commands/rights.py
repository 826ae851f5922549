"""Who may run which statement on which dynamic table; a statement's own file says what it needs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from enum import StrEnum

from dyntables.catalog import graph, privileges, store
from dyntables.commands.session import Session
from dyntables.compiler.statements import QualifiedName
from dyntables.engines.postgres.rights.roles import may_create
from dyntables.errors import PermissionDeniedError


class Privilege(StrEnum):
    """What a role may have on a dynamic table; the owner has all."""

    OPERATE = "OPERATE"
    MONITOR = "MONITOR"
    OWNERSHIP = "OWNERSHIP"


def require_named(session: Session, statement: object, privilege: Privilege) -> None:
    """Check a privilege on every dynamic table that a statement names.

    Raises:
        PermissionDeniedError: with the table.
    """
    for table_id in sorted(_named(session, statement)):
        require_on(session, table_id, privilege)


def may_refresh(session: Session, statement: object) -> None:
    """Check that the role may refresh what a statement names, and what that reads, which is refreshed with it.

    Raises:
        PermissionDeniedError: with the table.
    """
    for table_id in sorted(graph.ancestors(store.load_all(session.connection), _named(session, statement))):
        require_on(session, table_id, Privilege.OPERATE)


def require_on(session: Session, table_id: int, privilege: Privilege) -> None:
    """Check a privilege on a dynamic table.

    Raises:
        PermissionDeniedError: with the table.
    """
    assert session.role is not None
    name = privileges.lacking(session.connection, session.role, table_id, privilege)
    if name is not None:
        raise PermissionDeniedError(
            f'role "{session.role}" does not have {privilege} on the dynamic table "{name}"',
            hint="Only the owner can do this."
            if privilege is Privilege.OWNERSHIP
            else f"Its owner can run GRANT {privilege} ON DYNAMIC TABLE {name} TO {session.role}.",
        )


def require_create(session: Session, schema: str) -> None:
    """Check that the role may create something in a schema.

    Raises:
        PermissionDeniedError: it may not.
    """
    assert session.role is not None
    if not may_create(session.connection, session.role, schema):
        raise PermissionDeniedError(f'role "{session.role}" may not create anything in the schema "{schema}"')


def _named(session: Session, statement: object) -> set[int]:
    """Return the dynamic tables that a statement names."""
    found = (store.find(session.connection, *session.resolve(name.parts)) for name in _names(statement))
    return {table.id for table in found if table is not None}


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
