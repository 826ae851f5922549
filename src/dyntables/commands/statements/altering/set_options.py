"""ALTER DYNAMIC TABLE … SET option = value …."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dyntables.catalog import audit, store
from dyntables.commands.command import Command
from dyntables.commands.definition.freezing import changed_region, refuse_backfill
from dyntables.commands.definition.lags import check_new_lag
from dyntables.commands.definition.options import scheduling_options
from dyntables.commands.naming import find
from dyntables.commands.rights import Privilege, require_named
from dyntables.commands.session import Result, Session, executed
from dyntables.commands.statements.altering.redefine import redefine
from dyntables.compiler.statements import Options, SetOptions
from dyntables.errors import InvalidOptionError


def set_options(session: Session, statement: SetOptions) -> Result:
    """Change options; if the meaning of the definition depends on one, it is read anew, as by CREATE OR ALTER."""
    if not _redefines(statement):
        return _set(session, statement)
    rest = replace(statement.options, trust_stable=None, settings=())
    done = _set(session, replace(statement, options=rest))
    done.notices += redefine(session, statement.name, statement.options)
    return done


def _redefines(statement: SetOptions) -> bool:
    return statement.options.trust_stable is not None or bool(statement.options.settings)


def _set(session: Session, statement: SetOptions) -> Result:
    """Change the target lag, the comment or the scheduler."""
    connection, options = session.connection, statement.options
    table = find(session, statement.name)
    values: dict[str, Any] = {}
    if options.target_lag is not None:
        check_new_lag(store.load_all(connection), table, options.target_lag.seconds)
        values["target_lag_seconds"] = options.target_lag.seconds
        values["scheduled"] = True
    scheduling = scheduling_options(options, table.time_zone)
    if options.schedule is not None:
        values["scheduled"] = True
    if options.scheduler is not None:
        values["scheduled"] = options.scheduler != "DISABLE"
    if options.comment is not None:
        values["comment"] = options.comment
    refuse_backfill(options.backfill, altered=True)
    if (options.refresh_mode, options.initialize, options.dialect) != (None, None, None):
        raise InvalidOptionError(
            "REFRESH_MODE, INITIALIZE and DIALECT cannot be altered", hint="Use CREATE OR REPLACE DYNAMIC TABLE."
        )
    notices = [f"option {option} has no effect on PostgreSQL; it is kept as metadata" for option, _ in options.ignored]
    if options.ignored or scheduling:
        kept = {**table.options.get("ignored", {}), **dict(options.ignored)}
        values["options"] = {**table.options, "ignored": kept, **scheduling}
    if options.limits:
        kept = {**table.options.get("limits", {}), **dict(options.limits)}
        values["options"] = {**values.get("options", table.options), "limits": kept}
    if options.cluster_by:
        values["options"] = {**values.get("options", table.options), "cluster_by": list(options.cluster_by)}
        notices.append("the index is made when the storage of a table that is refreshed in full is built anew")
    if options.frozen is not None:
        changed, more = changed_region(session, replace(table, **values), options.frozen)
        values.update(changed)
        notices += more
    if values:
        with connection.transaction():
            store.update(connection, table.id, **values)
            audit.record(connection, "SET", table.qualified, {k: str(v) for k, v in values.items()})
    return executed(*notices)


def _needs(session: Session, statement: SetOptions) -> None:
    owners = _owners_choice(statement.options)
    require_named(session, statement, Privilege.OWNERSHIP if owners else Privilege.OPERATE)


def _owners_choice(options: Options) -> bool:
    given = (options.comment, options.retention_days, options.frozen, options.trust_stable)
    return bool(options.settings) or any(option is not None for option in given)


COMMAND = Command(SetOptions, set_options, needs=_needs, alone=_redefines)
