"""``dyntables doctor``: check the server, the catalog, capture and the indexes that refreshes want."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

import typer
from rich.text import Text

from dyntables import Client
from dyntables.catalog import Connection, store
from dyntables.catalog.leader import epoch_and_time, present_leader
from dyntables.catalog.model import DynamicTable
from dyntables.catalog.parts.schedule import SuspendReason
from dyntables.catalog.reports import checkup
from dyntables.cli.common import Database, DataDir, opened_with_connection, out
from dyntables.compiler.names import quote_qualified
from dyntables.engines.postgres.connection import checkup as server
from dyntables.errors import DyntablesError
from dyntables.health.lag import is_late, lag_at

# Whether it is well, and what to say of it.
Finding = tuple[bool, str]


def doctor(database: Database = None, data_dir: DataDir = None) -> None:
    """Check the server and the dynamic tables; exit 1 if something needs attention."""
    failed = 0
    with opened_with_connection(database, data_dir) as (opened, connection):
        for label, check in CHECKS:
            good, detail = check(connection)
            failed += not good
            out.print(f"[green]ok  [/green] {label}: {detail}" if good else f"[red]look[/red] {label}: {detail}")
        wanted = _missing_indexes(opened, connection)
        out.print("[red]look[/red] indexes:" if wanted else "[green]ok  [/green] indexes: none is missing")
        for statement, tables in wanted.items():
            out.print(Text(f"       {statement};  -- for {', '.join(tables)}"))
        failed += bool(wanted)
    if failed:
        raise typer.Exit(1)


def _version(connection: Connection) -> Finding:
    return True, server.setting(connection, "server_version")


def _durability(connection: Connection) -> Finding:
    fsync = server.setting(connection, "fsync")
    return fsync == "on", f"fsync = {fsync}"


def _statistics(connection: Connection) -> Finding:
    return True, f"statistics are {server.setting(connection, 'track_counts')}"


def _capture(connection: Connection) -> Finding:
    broken = checkup.broken_sources(connection)
    if broken:
        return False, f"not as installed: {', '.join(broken)}; run dyntables capture --repair"
    return True, "in place"


def _partitions(connection: Connection) -> Finding:
    if server.new_partitions_captured(connection):
        return True, "captured when they are created"
    return False, "their table is computed anew: the event trigger needs a superuser"


def _alterations(connection: Connection) -> Finding:
    if checkup.alterations_noted(connection):
        return True, "noted"
    return True, (
        "noticed, by computing anew after whatever is done to a used column: the event trigger that would tell needs "
        "a superuser"
    )


def _log_keeper(connection: Connection) -> Finding:
    advice = checkup.log_keeper_advice(connection)
    return advice is None, advice or "a role without rights"


def _slow_readers(connection: Connection) -> Finding:
    return _none(
        f"{r.name} keeps {r.owed} of at most {r.limit} in the log of {r.source}"
        for r in checkup.slow_readers(connection)
    )


def _failing(connection: Connection) -> Finding:
    return _none(t.qualified for t in _tables(connection) if t.health.consecutive_failures)


def _unread(connection: Connection) -> Finding:
    names = checkup.unread_downstream(connection)
    return not names, f"{', '.join(names)} never refresh" if names else "none"


def _log_size(connection: Connection) -> Finding:
    return True, server.size_of_logs(connection)


def _publications(connection: Connection) -> Finding:
    found = [
        f"{name} publishes {schemas} as well: name the schemas to publish by FOR TABLES IN SCHEMA"
        for name, schemas in server.publications_of_ours(connection)
    ]
    return not found, "; ".join(found) or "none has our logs and storage"


def _scheduler(connection: Connection) -> Finding:
    leader = present_leader(connection)
    if leader is None:
        return False, "none: start dyntables run"
    return True, f"{leader.process} leads since {leader.since} (epoch {leader.epoch})"


def _suspended(connection: Connection) -> Finding:
    return _none(
        f"{t.qualified} ({t.schedule.suspend_reason})"
        for t in _tables(connection)
        if t.schedule.suspend_reason in (SuspendReason.ERRORS, SuspendReason.UPSTREAM_ERRORS)
    )


def _lag(connection: Connection) -> Finding:
    _, now = epoch_and_time(connection)
    found = []
    for table in _tables(connection):
        if table.schedule.runs_by_itself and is_late(lag_at(table.fresh_at, now), table.schedule.target_lag_seconds):
            why = "; ".join(f"{finding}: {detail}" for finding, detail in checkup.why_late(connection, table.id))
            found.append(f"{table.qualified} is late, see dyntables why: {why}")
    return not found, "\n       ".join(found) or "every table is within its target"


def _tables(connection: Connection) -> list[DynamicTable]:
    return sorted(store.load_all(connection).values(), key=lambda t: t.qualified)


def _none(names: Iterable[str]) -> Finding:
    listed = ", ".join(names)
    return not listed, listed or "none"


CHECKS: list[tuple[str, Callable[[Connection], Finding]]] = [
    ("server version", _version),
    ("durability (fsync)", _durability),
    ("track_commit and statistics", _statistics),
    ("capture triggers", _capture),
    ("new partitions", _partitions),
    ("alterations that are undone", _alterations),
    ("owner of change logs", _log_keeper),
    ("readers that hold up change logs", _slow_readers),
    ("failing dynamic tables", _failing),
    ("DOWNSTREAM tables without reader", _unread),
    ("change logs", _log_size),
    ("publications", _publications),
    ("scheduler", _scheduler),
    ("suspended dynamic tables", _suspended),
    ("lag", _lag),
]


def _missing_indexes(opened: Client, connection: Connection) -> dict[str, list[str]]:
    """Return the indexes that refreshes want, with the dynamic tables that do."""
    wanted: dict[str, list[str]] = {}
    for table in _tables(connection):
        if not table.incremental:
            continue
        statement = f"EXPLAIN (FORMAT JSON) DYNAMIC TABLE {quote_qualified(table.schema, table.name)}"
        try:
            document = json.loads(opened.execute(statement).rows[0][0])
        except DyntablesError:
            continue  # its source is gone: the check of failing tables tells
        for lookup in document["missing_indexes"]:
            wanted.setdefault(lookup["statement"], []).append(table.qualified)
    return wanted
