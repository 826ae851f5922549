"""Dynamic tables by their names: those that are there, and those to be made."""

from __future__ import annotations

from dyntables.catalog import store
from dyntables.catalog.model import DynamicTable
from dyntables.commands.session import Session
from dyntables.compiler.statements import CreateDynamicTable, QualifiedName
from dyntables.engines.postgres.definition.by_name import current_schema, kind_of, relation_exists, schema_exists
from dyntables.engines.postgres.rights.roles import role_oid
from dyntables.errors import CatalogError, NotFoundError

_LONGEST_NAME = 63


def find(session: Session, name: QualifiedName) -> DynamicTable:
    """Return the dynamic table of that name.

    Raises:
        CatalogError: there is none; the hint names similar ones.
    """
    schema, plain = session.resolve(name.parts)
    table = store.find(session.connection, schema, plain)
    if table is not None:
        return table
    if relation_exists(session.connection, schema, plain):
        raise CatalogError(f'"{schema}.{plain}" is not a dynamic table')
    raise NotFoundError(
        f'dynamic table "{schema}.{plain}" does not exist', hint="SHOW DYNAMIC TABLES lists those that do."
    )


def exists(session: Session, name: QualifiedName) -> bool:
    """Tell whether there is a dynamic table of that name."""
    return store.find(session.connection, *session.resolve(name.parts)) is not None


def missing_notice(session: Session, name: QualifiedName) -> str:
    """Return what IF EXISTS says of a table that is not there."""
    return f'dynamic table "{".".join(session.resolve(name.parts))}" does not exist, skipped'


def target(session: Session, statement: CreateDynamicTable) -> tuple[str, str]:
    """Return schema and name of the table that a statement would create."""
    return named(session, statement.name)


def named(session: Session, name: QualifiedName) -> tuple[str, str]:
    """Return schema and name of a table to be made; without schema the current one is meant."""
    parts = name.parts
    if len(parts) >= 2:
        return parts[-2], parts[-1]
    return current_schema(session.connection), parts[-1]


def check_name(session: Session, schema: str, name: str, existing: DynamicTable | None) -> None:
    """Refuse a schema that does not exist, a name that something else has, and one that the server would cut.

    Raises:
        CatalogError: with what it is.
    """
    if len(name.encode()) > _LONGEST_NAME:
        raise CatalogError(
            f'the name "{name}" is longer than {_LONGEST_NAME} bytes', hint="The server would cut it. Shorten it."
        )
    if not schema_exists(session.connection, schema):
        raise CatalogError(f'schema "{schema}" does not exist', hint=f'Run CREATE SCHEMA "{schema}" first.')
    kind = kind_of(session.connection, schema, name)
    if kind is not None and existing is None:
        raise CatalogError(
            f'"{schema}.{name}" is a {kind} and not a dynamic table; nothing was changed',
            hint="Choose another name, or drop it yourself.",
        )


def role_named(session: Session, name: str) -> int:
    """Return the OID of a role; 0 is everybody.

    Raises:
        CatalogError: there is none.
    """
    oid = role_oid(session.connection, name)
    if oid is None:
        raise CatalogError(f'role "{name}" does not exist')
    return oid
