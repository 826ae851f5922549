"""The tables that rules watch, by their names."""

from __future__ import annotations

from dataclasses import dataclass

from dyntables.catalog import privileges, store
from dyntables.catalog.quality import rules
from dyntables.catalog.quality.rule import Rule, Target
from dyntables.commands.session import Session
from dyntables.compiler.plan.algebra.nodes import SqlType
from dyntables.compiler.statements import QualifiedName
from dyntables.engines.postgres.definition.by_name import readable_relation
from dyntables.engines.postgres.quality import tables
from dyntables.errors import CatalogError, NotFoundError, PermissionDeniedError
from dyntables.refresh.quality.watching import target_of


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of a table with their types, in order; ``numbers``: names by number, of one that is not dynamic."""

    columns: tuple[tuple[str, SqlType], ...]
    numbers: dict[str, str]


def find_target(session: Session, name: QualifiedName) -> Target:
    """Return the table, dynamic or not, that a name leads to; a new rule on it would be the actor's.

    Raises:
        NotFoundError: there is none. CatalogError: it is temporary. PermissionDeniedError: the role may not read it.
    """
    connection = session.connection
    table = store.find(connection, *session.resolve(name.parts))
    if table is not None:
        return target_of(table)
    found = readable_relation(connection, *name.parts[-2:])
    if found is None:
        raise NotFoundError(f'table "{name}" does not exist', hint="A rule watches a dynamic table, a table or a view.")
    relation = tables.relation_of(connection, found.schema, found.name)
    if found.is_temporary or relation is None:
        raise CatalogError(f'"{name}" is a temporary table, which no rule can watch')
    if not tables.may_read(connection, session.actor, relation):
        raise PermissionDeniedError(f'role "{session.actor}" may not read "{found.schema}.{found.name}"')
    return Target(found.schema, found.name, session.actor, relation=relation)


def shape_of(session: Session, target: Target) -> Shape:
    """Return the columns that a table has now; none if it is gone."""
    connection = session.connection
    if target.relation is not None:
        columns = tables.columns_of(connection, target.relation)
        return Shape(tuple((c.name, c.type) for c in columns), {str(c.number): c.name for c in columns})
    relation = tables.relation_of(connection, target.schema, target.name)
    columns = tables.columns_of(connection, relation) if relation is not None else ()
    return Shape(tuple((c.name, c.type) for c in columns), {})


def find_rule(session: Session, target: Target, name: str) -> Rule:
    """Return a rule that the actor may alter, locked until the transaction ends.

    Raises:
        NotFoundError: there is none of that name. PermissionDeniedError: it is somebody else's.
    """
    rule = rules.find(session.connection, target, name)
    if rule is None:
        raise NotFoundError(
            f'there is no rule "{name}" on "{target.qualified}"', hint="SHOW QUALITY RULES lists those that there are."
        )
    check_owner(session, target, rule)
    return rule


def check_owner(session: Session, target: Target, rule: Rule) -> None:
    """Refuse to alter somebody else's rule; on a dynamic table the door has asked for OWNERSHIP already.

    Raises:
        PermissionDeniedError: with the owner.
    """
    owner = rule.owner
    if session.role is not None and owner is not None and not privileges.owns(session.connection, session.role, owner):
        raise PermissionDeniedError(f'the rule "{rule.name}" on "{target.qualified}" belongs to "{owner}"')
