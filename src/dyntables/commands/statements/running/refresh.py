"""ALTER DYNAMIC TABLE … REFRESH."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dyntables.catalog.model import Trigger
from dyntables.catalog.past import audit
from dyntables.commands.command import Command
from dyntables.commands.naming import exists, find, missing_notice
from dyntables.commands.rights import may_refresh
from dyntables.commands.session import ALTERED, Result, Session
from dyntables.compiler.statements import QualifiedName, Refresh
from dyntables.errors import NotFoundError
from dyntables.refresh.result import RefreshResult

COLUMNS = [
    "name", "state", "action", "reason", "rows_inserted", "rows_deleted", "duration_ms", "data_timestamp", "error",
]  # fmt: skip


def refresh(session: Session, statement: Refresh) -> Result:
    """Refresh tables and what they read, now; a row for each table refreshed."""
    notices: list[str] = []
    if statement.if_exists:
        present = tuple(n for n in statement.names if exists(session, n))
        notices = [missing_notice(session, n) for n in statement.names if n not in present]
        statement = replace(statement, names=present)
    if not statement.names:
        return Result(status=ALTERED, notices=notices)
    results = _refreshed(session, statement)
    if statement.copy_session:
        notices.insert(0, "COPY SESSION has no effect: a refresh has the rights of the owner")
    return Result(COLUMNS, [_row(r) for r in results], ALTERED, notices, refreshes=tuple(results))


def _refreshed(session: Session, statement: Refresh) -> list[RefreshResult]:
    tables = [find(session, name) for name in statement.names]
    targets = [table.id for table in tables]
    if statement.anyway:
        with session.connection.transaction():
            for table in tables:
                audit.record(session.connection, "PUBLISH ANYWAY", table.qualified)
    results = session.refresher.refresh(targets, Trigger.MANUAL, anyway=targets if statement.anyway else ())
    _check_there(results, statement.names, targets)
    failed = [r for r in results if r.table_id in targets and r.error is not None]
    if failed and len(targets) == 1:
        assert failed[0].error is not None
        raise failed[0].error
    return results


def _check_there(results: list[RefreshResult], names: tuple[QualifiedName, ...], targets: list[int]) -> None:
    """Say if a table was dropped while its refresh waited."""
    refreshed = {r.table_id for r in results}
    for name, table_id in zip(names, targets, strict=True):
        if table_id not in refreshed:
            raise NotFoundError(f'dynamic table "{".".join(name.parts)}" was dropped by somebody else')


def _row(result: RefreshResult) -> tuple[Any, ...]:
    """Return a refresh as a row of COLUMNS."""
    return (
        result.qualified,
        str(result.state),
        str(result.action) if result.action else None,
        str(result.reason) if result.reason else None,
        result.rows_inserted,
        result.rows_deleted,
        round(result.duration_ms, 3),
        result.data_timestamp,
        result.error.message if result.error else None,
    )


COMMAND = Command(Refresh, refresh, needs=may_refresh, alone=True, skips_missing=False)
