"""ALTER DYNAMIC TABLE … UNSET option …."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dyntables.catalog import tables
from dyntables.catalog.definitions import following
from dyntables.catalog.model import DynamicTable
from dyntables.catalog.options import TableOptions
from dyntables.catalog.past import audit
from dyntables.commands.command import Command
from dyntables.commands.definition.freezing import RegionChange, changed_region
from dyntables.commands.definition.options import UNSET_SCHEDULING
from dyntables.commands.naming import find
from dyntables.commands.rights import Privilege, require_named
from dyntables.commands.session import Result, Session, executed
from dyntables.commands.statements.altering.redefine import redefine
from dyntables.compiler.statements import Options, UnsetOptions
from dyntables.errors import InvalidOptionError

_TRUST = "TRUST_STABLE_FUNCTIONS"
_FROZEN = {"FROZEN WHERE", "IMMUTABLE WHERE"}
_FIXED = {"TARGET_LAG", "REFRESH_MODE", "INITIALIZE", "DIALECT"}
# What the owner alone may unset.
_OWNERS = {*_FROZEN, _TRUST}


def unset_options(session: Session, statement: UnsetOptions) -> Result:
    """Return options to their defaults."""
    notices = redefine(session, statement.name, Options(trust_stable=False)) if _redefines(statement) else []
    rest = tuple(name for name in statement.names if name != _TRUST)
    done = _unset(session, replace(statement, names=rest))
    done.notices += notices
    return done


def _redefines(statement: UnsetOptions) -> bool:
    return _TRUST in statement.names


def _unset(session: Session, statement: UnsetOptions) -> Result:
    connection = session.connection
    table = find(session, statement.name)
    for option in statement.names:
        if option in _FIXED:
            raise InvalidOptionError(f"{option} cannot be unset")
    unfrozen = changed_region(session, table, None) if _FROZEN & set(statement.names) else None
    with connection.transaction():
        if "COMMENT" in statement.names:
            tables.set_comment(connection, table.id, None)
        tables.set_options(connection, table.id, _left(table, statement.names, unfrozen))
        if unfrozen is not None and unfrozen.reason is not None:
            following.reinitialize(connection, table.id, unfrozen.reason)
        audit.record(connection, "UNSET", table.qualified, {"options": list(statement.names)})
    return executed()


def _left(table: DynamicTable, names: tuple[str, ...], unfrozen: RegionChange | None) -> TableOptions:
    """Return the options without those of some names."""
    left = table.definition.options if unfrozen is None else unfrozen.options
    gone: dict[str, Any] = {UNSET_SCHEDULING[name]: None for name in names if name in UNSET_SCHEDULING}
    if "CLUSTER_BY" in names:
        gone["cluster_by"] = ()
    ignored = {name: text for name, text in left.ignored.items() if name not in names}
    limits = {name: value for name, value in left.limits.items() if name not in names}
    return replace(left, ignored=ignored, limits=limits, **gone)


def _needs(session: Session, statement: UnsetOptions) -> None:
    owners = bool(_OWNERS & set(statement.names))
    require_named(session, statement, Privilege.OWNERSHIP if owners else Privilege.OPERATE)


COMMAND = Command(UnsetOptions, unset_options, needs=_needs, alone=_redefines)
