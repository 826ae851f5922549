"""ALTER DYNAMIC TABLE … UNSET option …."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dyntables.catalog import audit, store
from dyntables.commands.command import Command
from dyntables.commands.definition.freezing import changed_region
from dyntables.commands.definition.options import UNSET_SCHEDULING
from dyntables.commands.naming import find
from dyntables.commands.rights import Privilege, require_named
from dyntables.commands.session import Result, Session, executed
from dyntables.commands.statements.altering.redefine import redefine
from dyntables.compiler.statements import Options, UnsetOptions
from dyntables.errors import InvalidOptionError

_TRUST = "TRUST_STABLE_FUNCTIONS"
# What the owner alone may unset.
_OWNERS = {"FROZEN WHERE", "IMMUTABLE WHERE", _TRUST}


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
    """Return options to their defaults."""
    connection = session.connection
    table = find(session, statement.name)
    kept, limits = dict(table.options.get("ignored", {})), dict(table.options.get("limits", {}))
    own = dict(table.options)
    values: dict[str, Any] = {}
    with connection.transaction():
        for option in statement.names:
            if option in ("FROZEN WHERE", "IMMUTABLE WHERE"):
                values, _ = changed_region(session, table, None)
                own.pop("frozen", None)
                own["uses_clock"] = values.get("options", own).get("uses_clock")
            elif option == "COMMENT":
                store.update(connection, table.id, comment=None)
            elif option in ("TARGET_LAG", "REFRESH_MODE", "INITIALIZE", "DIALECT"):
                raise InvalidOptionError(f"{option} cannot be unset")
            elif option == "CLUSTER_BY":
                own["cluster_by"] = []
            elif option in UNSET_SCHEDULING:
                own.pop(UNSET_SCHEDULING[option], None)
            else:
                kept.pop(option, None)
                limits.pop(option, None)
        store.update(connection, table.id, **{**values, "options": {**own, "ignored": kept, "limits": limits}})
        audit.record(connection, "UNSET", table.qualified, {"options": list(statement.names)})
    return executed()


def _needs(session: Session, statement: UnsetOptions) -> None:
    owners = bool(_OWNERS & set(statement.names))
    require_named(session, statement, Privilege.OWNERSHIP if owners else Privilege.OPERATE)


COMMAND = Command(UnsetOptions, unset_options, needs=_needs, alone=_redefines)
