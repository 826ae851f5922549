"""ALTER DYNAMIC TABLE … SET option = value …."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dyntables.catalog import store, tables
from dyntables.catalog.definitions import following
from dyntables.catalog.model import DynamicTable
from dyntables.catalog.past import audit
from dyntables.commands.command import Command
from dyntables.commands.definition.freezing import RegionChange, changed_region, refuse_backfill
from dyntables.commands.definition.lags import check_new_lag
from dyntables.commands.definition.options import scheduling_options
from dyntables.commands.naming import find
from dyntables.commands.rights import Privilege, require_named
from dyntables.commands.session import Result, Session, executed
from dyntables.commands.statements.altering.redefine import redefine
from dyntables.compiler.statements import Options, Scheduling, SetOptions
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
    """Change what the definition does not depend on."""
    given, table = statement.options, find(session, statement.name)
    if given.timing.target_lag is not None:
        check_new_lag(store.load_all(session.connection), table, given.timing.target_lag.seconds)
    scheduling = scheduling_options(given, table.definition.time_zone)
    refuse_backfill(given.backfill, altered=True)
    if (given.refresh_mode, given.timing.initialize, given.dialect) != (None, None, None):
        raise InvalidOptionError(
            "REFRESH_MODE, INITIALIZE and DIALECT cannot be altered", hint="Use CREATE OR REPLACE DYNAMIC TABLE."
        )
    notices = [f"option {option} has no effect on PostgreSQL; it is kept as metadata" for option, _ in given.ignored]
    if given.cluster_by:
        notices.append("the index is made when the storage of a table that is refreshed in full is built anew")
    change = RegionChange(replace(table.definition.options, **scheduling, **_kept(table, given)))
    if given.frozen is not None:
        change = changed_region(session, table.with_options(change.options), given.frozen)
    _store(session, table, given, change)
    return executed(*notices, *change.notices)


def _kept(table: DynamicTable, given: Options) -> dict[str, Any]:
    """Return the options that are added to those of the table, or take their place."""
    kept: dict[str, Any] = {"cluster_by": tuple(given.cluster_by)} if given.cluster_by else {}
    if given.ignored:
        kept["ignored"] = {**table.definition.options.ignored, **dict(given.ignored)}
    if given.limits:
        kept["limits"] = {**table.definition.options.limits, **dict(given.limits)}
    return kept


def _store(session: Session, table: DynamicTable, given: Options, change: RegionChange) -> None:
    """Record what is given, and nothing else: others may change the rest meanwhile."""
    connection, scheduled = session.connection, _scheduled(given)
    done: dict[str, str] = {}
    with connection.transaction():
        if given.timing.target_lag is not None:
            tables.set_target_lag(connection, table.id, given.timing.target_lag.seconds)
            done["target_lag_seconds"] = str(given.timing.target_lag.seconds)
        if scheduled is not None:
            tables.set_scheduled(connection, table.id, scheduled=scheduled)
            done["scheduled"] = str(scheduled)
        if given.comment is not None:
            tables.set_comment(connection, table.id, given.comment)
            done["comment"] = given.comment
        if change.options != table.definition.options:
            tables.set_options(connection, table.id, change.options)
            done["options"] = str(change.options.document())
        if change.reason is not None:
            following.reinitialize(connection, table.id, change.reason)
            done["reinitialize_reason"] = table.contents.reinitialize_reason or change.reason
        if done:
            audit.record(connection, "SET", table.qualified, done)


def _scheduled(given: Options) -> bool | None:
    """Return whether the scheduler is to refresh the table, if anything was said of that."""
    timing = given.timing
    if timing.scheduler is not None:
        return timing.scheduler is not Scheduling.DISABLE
    return True if timing.target_lag is not None or timing.schedule is not None else None


def _needs(session: Session, statement: SetOptions) -> None:
    owners = _owners_choice(statement.options)
    require_named(session, statement, Privilege.OWNERSHIP if owners else Privilege.OPERATE)


def _owners_choice(options: Options) -> bool:
    given = (options.comment, options.retention_days, options.frozen, options.trust_stable)
    return bool(options.settings) or any(option is not None for option in given)


COMMAND = Command(SetOptions, set_options, needs=_needs, alone=_redefines)
