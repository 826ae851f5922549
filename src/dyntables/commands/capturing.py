"""Install capture for what a definition reads, and repair it."""

from __future__ import annotations

from collections.abc import Iterable

from dyntables.catalog import Connection, store
from dyntables.catalog.parts.dependency import Dependency
from dyntables.catalog.past import audit
from dyntables.catalog.state import sources
from dyntables.commands.session import Session
from dyntables.compiler.program import Compiled
from dyntables.engines.postgres.capture import captured
from dyntables.engines.postgres.capture.mending import mend
from dyntables.engines.postgres.storage.change_logs import ensure_change_log
from dyntables.refresh.logs.prune import trim_all
from dyntables.refresh.logs.trim import release_unread
from dyntables.refresh.sources.definitions import table_dependencies


def capture_sources(
    connection: Connection,
    compiled: Compiled | None,
    dependencies: Iterable[Dependency],
    *,
    logs_only: bool = False,
) -> None:
    """Capture the tables of an incremental definition, and log the output of the dynamic tables that it reads."""
    if compiled is None and not logs_only:
        return
    if compiled is not None:
        for oid, schema, name, columns in table_dependencies(compiled):
            captured.ensure(connection, captured.CapturedTable(oid, schema, name, columns))
    parents = [d.upstream for d in dependencies if d.upstream is not None]
    for parent in store.load_all(connection, parents).values():
        ensure_change_log(connection, parent.change_log, parent.schema, parent.name)


def repair_capture(session: Session) -> list[str]:
    """Mend triggers and logs of all sources, drop the logs of those that nobody reads; return the names mended."""
    connection = session.connection
    names = sources.names(connection)
    release_unread(connection, names)
    mended = mend(connection, list(names))
    trim_all(connection)
    if mended:
        audit.record(connection, "REPAIR CAPTURE", ", ".join(names[oid] for oid in mended))
    return [names[oid] for oid in mended]
