"""Tables whose sources did not change: advance them all together, without a run.

Most refreshes find nothing. One transaction of a few statements checks all due tables at one snapshot. Whatever is in
doubt is left to a run. Of what has nothing to do only the instant is noted, in sequences that are not logged, which
takes no transaction id and writes no WAL: the frontier stays where it was, as no log holds anything after it. It is
written when it is old, so that logs can be dropped and standbys see it, and where a reader waits for it.

Nobody has to lead to note a look: what is noted is true, and the table's lock is held until it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dyntables.catalog import Connection, graph
from dyntables.catalog.model import DynamicTable, RefreshReason
from dyntables.catalog.parts.dependency import Dependency, DependencyKind
from dyntables.catalog.state import contents, looks
from dyntables.catalog.state.looks import Seen
from dyntables.engines.postgres.capture.owed import nothing_owed
from dyntables.engines.postgres.locking.refreshes import try_lock_captured
from dyntables.refresh.choice.choose import Choice
from dyntables.refresh.choice.decision import Nothing, decide
from dyntables.refresh.sources.fingerprint import calls_the_same, fingerprint, fits, present_code
from dyntables.refresh.standing import would_hold_back

WRITTEN_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one check found: the tables that have nothing to do, and when it began and ended.

    ``snapshot``: of the check; ``rows``: the tables to whose rows it was written, with the new ``xmin`` of each.
    """

    done: frozenset[int] = frozenset()
    began_at: datetime | None = None
    ended_at: datetime | None = None
    snapshot: str = ""
    rows: tuple[tuple[int, str], ...] = ()


def skip_unchanged(connection: Connection, tables: Mapping[int, DynamicTable], ids: Iterable[int]) -> set[int]:
    """Advance those of the tables, and of what they read, that have nothing to do; return the ones done."""
    return set(sweep(connection, tables, ids).done)


def sweep(
    connection: Connection,
    tables: Mapping[int, DynamicTable],
    ids: Iterable[int],
    guard: Callable[[Connection], None] | None = None,
) -> Sweep:
    """Advance the tables that have nothing to do, and those that they read.

    Args:
        connection: to work on.
        tables: the catalog, perhaps older than the present; what changed since is left to a run.
        ids: the tables to look at.
        guard: called last before the commit of what is written; it raises if nothing may be committed.
    """
    wanted = [i for i in graph.refreshed_with(tables, ids, scheduled=True) if _may_be_idle(tables[i])]
    if not wanted:
        return Sweep()
    with connection.transaction():
        sources = sorted({oid for i in wanted for oid in tables[i].captured})
        locked = try_lock_captured(connection, sorted(wanted), sources)
        whole = {i for i, captured in locked.items() if tables[i].captured <= captured}
        idle, snapshot = _find_idle(connection, tables, whole)
        return _note(connection, tables, idle, snapshot, guard) if idle else Sweep()


def _may_be_idle(table: DynamicTable) -> bool:
    return (
        table.incremental
        and not table.definition.options.uses_clock
        and table.contents.frontier is not None
        and table.contents.reinitialize_reason is None
        and table.view_oid is not None
        and table.health.retry_at is None
        and table.contents.code is not None
    )


class _Looked:
    """The evidence of a look: what is owed is not counted, and what was not looked at is left to a run."""

    def __init__(self, table: DynamicTable, look: _Look) -> None:
        self._table, self._look = table, look

    @property
    def system(self) -> str:
        """The server and database at work: the row would not be as known if they were not those of the table."""
        return self._table.contents.system_identifier or ""

    @property
    def uses_clock(self) -> bool:
        """Whether contents change by themselves; no such table is looked at."""
        return False

    def fits(self) -> bool:
        """Tell whether the sources are as they were."""
        return fits(self._look.prints, self._table)

    def calls_the_same(self) -> bool:
        """Tell whether what the definition calls is as it was."""
        return calls_the_same(self._look.code, self._table)

    def event(self) -> RefreshReason | None:
        """Return that something happened to a source, perhaps before the table's frontier."""
        return RefreshReason.SOURCE_ALTERED if self._table.id in self._look.seen.altered else None

    def captured(self) -> bool:
        """Tell whether all changes are captured."""
        return not self._table.captured & self._look.seen.broken

    def readable(self) -> bool:
        """Do not ask: contents of which nothing is owed stay as they are."""
        return True

    def changes(self) -> Mapping[str, int | None]:
        """Return the sources of which something is owed, or may be."""
        return {str(d.relation): None for d in self._table.dependencies if self._owes(d)}

    def weigh(self, changes: Mapping[str, int | None]) -> Choice | None:
        """Leave it to a run."""
        return None

    def _owes(self, dependency: Dependency) -> bool:
        parent, look = dependency.upstream, self._look
        if parent is not None:
            busy = look.tables[parent].schedule.runs_by_itself and parent not in look.idle
            return busy or look.seen.versions.get(parent) != self._table.contents.consumed.get(str(parent), 0)
        frontier = self._table.contents.log_frontier
        return dependency.kind is DependencyKind.TABLE and not look.unchanged[frontier, dependency.relation]


@dataclass(slots=True)
class _Look:
    """What one look found; ``idle`` grows, those that are read first."""

    tables: Mapping[int, DynamicTable]
    seen: Seen
    unchanged: Mapping[tuple[str, int], bool]
    prints: Mapping[str, Any]
    code: Mapping[str, str]
    idle: set[int] = field(default_factory=set)


def _find_idle(connection: Connection, tables: Mapping[int, DynamicTable], locked: set[int]) -> tuple[set[int], str]:
    """Return the locked tables that have nothing to do at the snapshot returned with them."""
    order = [i for i in graph.topological(tables, locked) if i in locked]
    logs = sorted({(tables[i].contents.log_frontier, oid) for i in order for oid in tables[i].captured})
    parents = sorted({u for i in order for u in graph.upstream(tables, i)})
    conditions = [nothing_owed(oid, frontier) for frontier, oid in logs]
    seen = looks.look(connection, order, [oid for _, oid in logs], parents, conditions)
    found = _Look(
        tables,
        seen,
        dict(zip(logs, seen.holds, strict=True)),
        fingerprint(connection, tuple(d for i in order for d in tables[i].dependencies), prepare=True),
        present_code(connection, (tables[i] for i in order), prepare=True),
    )
    for table in (tables[i] for i in order):
        as_known = looks.as_known(table) in seen.present
        if as_known and isinstance(decide(table, _Looked(table, found)), Nothing):
            found.idle.add(table.id)
    return found.idle, seen.snapshot


def _note(
    connection: Connection,
    tables: Mapping[int, DynamicTable],
    idle: set[int],
    snapshot: str,
    guard: Callable[[Connection], None] | None,
) -> Sweep:
    began, ended = looks.note(connection, sorted(idle))
    waited_for = _waited_for(tables)
    written = sorted(i for i in idle if i in waited_for or _is_old(tables[i], began))
    rows: list[tuple[int, str]] = []
    if written:
        rows = contents.advance(connection, written, snapshot)
        if guard is not None:
            guard(connection)
    return Sweep(frozenset(idle), began, ended, snapshot, tuple(rows))


def _is_old(table: DynamicTable, now: datetime) -> bool:
    """Tell whether a frontier was not written for long; if the server's clock went back, nobody knows."""
    assert table.contents.data_timestamp is not None
    return not timedelta() <= now - table.contents.data_timestamp < WRITTEN_EVERY


def _has_consumed(table: DynamicTable, parent: DynamicTable) -> bool:
    return table.contents.consumed.get(str(parent.id), 0) == parent.contents.change_version


def _waited_for(tables: Mapping[int, DynamicTable]) -> set[int]:
    """Return the tables that a reader is to be refreshed over as they stand: all that it reads must stand alike."""
    return {
        parent
        for reader, table in tables.items()
        for parent in graph.upstream(tables, reader)
        if not (table.incremental and _has_consumed(table, tables[parent])) and would_hold_back(tables, reader)
    }
