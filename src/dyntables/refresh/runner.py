"""One run: refresh a set of tables and what they read, at one snapshot, in one transaction.

The locks are taken before the snapshot, as the first statement of a REPEATABLE READ transaction fixes its snapshot
even while it waits. Each table has a savepoint: one that fails keeps its contents, those above it are UPSTREAM_FAILED,
the others commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from dyntables import clock
from dyntables.catalog import Connection, graph, store
from dyntables.catalog.model import DynamicTable, RefreshState, Trigger
from dyntables.engines.port import Engine
from dyntables.errors import CancelledError, ConflictError, DeadlockError, EngineError, RefreshError
from dyntables.refresh.limits import let_load_pass, pinned
from dyntables.refresh.logs.trim import trim_logs
from dyntables.refresh.one import Check, Refreshing
from dyntables.refresh.prepare import prepare
from dyntables.refresh.record.history import write_history
from dyntables.refresh.record.outlook import record_cancel, record_failure, record_success
from dyntables.refresh.result import RefreshResult, Verification
from dyntables.refresh.run import Run, cancelled, undone
from dyntables.refresh.sources.definitions import ReadsOthersError
from dyntables.refresh.sources.owning import follow_tables
from dyntables.refresh.sources.plans import PlanCache
from dyntables.refresh.standing import common_frontier
from dyntables.refresh.verify import compare

_TRIES = 3


class Refresher:
    """Runs refreshes over one connection; compiled plans are kept between runs."""

    def __init__(
        self,
        connection: Connection,
        engine: Engine,
        guard: Callable[[Connection], None] | None = None,
        blocked: Callable[[], float] | None = None,
        checks: Sequence[Check] = (),
    ) -> None:
        """Refresh over a connection and an engine.

        Args:
            connection: to the catalog.
            engine: that has the rows; it works in the transaction of the connection.
            guard: called last before each commit; it raises if nothing may be committed.
            blocked: how many seconds the connection has waited for locks until now, as somebody else saw it.
            checks: of the new contents of each table, before they are recorded.
        """
        self.connection = connection
        self.engine = engine
        self.guard = guard or (lambda _: None)
        self._blocked = blocked or (lambda: 0.0)
        self._checks = checks
        self.plans = PlanCache()
        self._at_work: Run | None = None

    def refresh(
        self,
        targets: Iterable[int],
        trigger: Trigger,
        seen: Mapping[int, datetime | None] | None = None,
        anyway: Iterable[int] = (),
    ) -> list[RefreshResult]:
        """Refresh the targets and what they read; return a result for each table, in the order of work.

        ``seen``: the data timestamps for which the targets were found due. What somebody else refreshed since then,
        perhaps while this run waited for it, is not refreshed again. ``anyway``: tables that are published though they
        break rules that block.
        """
        return self._attempt(list(targets), trigger, seen or {}, anyway=frozenset(anyway))

    def refresh_standing(self, table_id: int) -> list[RefreshResult] | None:
        """Refresh a scheduled table over what it reads as that stands; None, with nothing done, if it does not.

        The list is empty if what it reads is not newer than the table itself.
        """
        connection = self.connection
        tables = store.load_pipeline(connection, [table_id])
        if follow_tables(connection, tables):
            return None
        parents = sorted(set(graph.upstream(tables, table_id))) if table_id in tables else []
        try:
            with self.engine.session.translated():
                return self._over_standing(table_id, parents, [t.owner for t in tables.values()])
        except (ConflictError, ReadsOthersError):
            return None
        finally:
            if not connection.closed:
                self.engine.locks.release_storage(parents)
            self._unlock([table_id])

    def _over_standing(self, table_id: int, parents: list[int], owners: list[str]) -> list[RefreshResult] | None:
        connection, came = self.connection, clock.monotonic()
        self.engine.locks.hold([table_id])
        self.engine.locks.share_storage(parents)
        with self.engine.session.guarded(owners):
            run = self._begin(Trigger.SCHEDULED, [table_id], [table_id, *parents])
            stand = common_frontier(run.tables, table_id) if table_id in run.tables else None
            if stand is None or set(graph.upstream(run.tables, table_id)) != set(parents):
                return None
            if stand[1] == run.tables[table_id].contents.data_timestamp:
                return []
            run.snapshot = replace(run.snapshot, frontier=stand[0], instant=stand[1])
            run.waited_ms = (clock.monotonic() - came) * 1000
            run.results[table_id] = self._refreshing(run).table(run.tables[table_id])
            self._record(run)
            self.guard(connection)
        self._after(run)
        return list(run.results.values())

    def verify(self, targets: Iterable[int]) -> list[Verification]:
        """Refresh the targets, and compare them with their definitions in the same snapshot."""
        wanted, found = list(targets), list[Verification]()

        def compare_all(run: Run) -> None:
            found[:] = [self._compare(run, t) for t in wanted if t in run.results]

        self._attempt(wanted, Trigger.MANUAL, {}, compare_all)
        return found

    def _attempt(
        self,
        targets: list[int],
        trigger: Trigger,
        seen: Mapping[int, datetime | None],
        look: Callable[[Run], None] | None = None,
        anyway: frozenset[int] = frozenset(),
    ) -> list[RefreshResult]:
        """Run until nobody has come in between; ``look``: called at the run's snapshot, when all is refreshed."""
        for attempt in range(_TRIES):
            last = attempt == _TRIES - 1
            try:
                with self.engine.session.translated():
                    return self._run(targets, trigger, seen, look, anyway)
            except (ConflictError, DeadlockError):
                if last:
                    raise
            except ReadsOthersError:
                if last:
                    raise EngineError(
                        "the names of what is read lead to other dynamic tables again and again",
                        hint="Try again when nobody renames them.",
                        retryable=True,
                    ) from None
            except (KeyboardInterrupt, CancelledError):
                self._interrupted()
                raise
            self.guard(self.connection)
        raise AssertionError

    def _run(
        self,
        targets: list[int],
        trigger: Trigger,
        seen: Mapping[int, datetime | None],
        look: Callable[[Run], None] | None,
        anyway: frozenset[int],
    ) -> list[RefreshResult]:
        connection = self.connection
        self._at_work = None
        came = clock.monotonic()
        if trigger is Trigger.SCHEDULED:
            tables = store.load_pipeline(connection, targets)
            let_load_pass(connection, tables, [t for t in targets if t in tables])
        with self._holding(targets) as (everything, held):
            present = [t for t in targets if t in everything]
            ids = graph.refreshed_with(everything, present, scheduled=trigger is Trigger.SCHEDULED)
            if prepare(connection, [everything[i] for i in ids]):
                tables = store.load_pipeline(connection, targets)
                if _ancestors(tables, targets) != _ancestors(everything, targets):
                    raise ReadsOthersError
            with self.engine.session.guarded([everything[i].owner for i in held]):
                run = self._begin(trigger, targets, held)
                run.waited_ms = (clock.monotonic() - came) * 1000
                if seen:  # of the state that this run really found
                    due = [i for i in targets if i in run.tables and run.tables[i].contents.data_timestamp == seen[i]]
                    ids = ids & graph.refreshed_with(run.tables, due, scheduled=True)
                refreshing = self._refreshing(run, anyway)
                for table_id in graph.topological(run.tables, ids):
                    run.results[table_id] = refreshing.table(run.tables[table_id])
                if look is not None:
                    look(run)
                self._record(run)
                self.guard(connection)
            self._after(run)
            return list(run.results.values())

    @contextmanager
    def _holding(self, targets: list[int]) -> Iterator[tuple[dict[int, DynamicTable], list[int]]]:
        """Lock the targets and what they read; give them as they are then, and the ids of those locked that exist.

        What is only read is locked as well: nobody may swap it while it is read. Whoever was waited for may have
        dropped them, or changed what they read.
        """
        connection = self.connection
        tables = store.load_pipeline(connection, targets)
        if follow_tables(connection, tables):
            tables = store.load_pipeline(connection, targets)
        while True:
            held = _ancestors(tables, targets)
            try:
                self.engine.locks.hold(held)
                tables = store.load_pipeline(connection, targets)
                if set(_ancestors(tables, targets)) <= set(held):
                    yield tables, [i for i in held if i in tables]
                    return
            finally:
                self._unlock(held)

    def _interrupted(self) -> None:
        """Record that a run was stopped as a whole: nothing of it was committed."""
        run = self._at_work
        if run is None or self.connection.closed:
            return
        run.results = {i: undone(run, result) for i, result in run.results.items()}
        if run.attempt is not None:
            run.results[run.attempt.table.id] = cancelled(run, run.attempt)
        with self.engine.session.savepoint():
            write_history(run)

    def _begin(self, trigger: Trigger, targets: Iterable[int], held: Iterable[int]) -> Run:
        connection = self.connection
        snapshot = self.engine.session.begin()
        tables = store.load_pipeline(connection, targets)
        self._at_work = Run(connection, self.engine, trigger, snapshot, tables, frozenset(held))
        return self._at_work

    def _refreshing(self, run: Run, anyway: frozenset[int] = frozenset()) -> Refreshing:
        return Refreshing(run, self.plans, self._blocked, self._checks, anyway)

    def _compare(self, run: Run, table_id: int) -> Verification:
        result = run.results[table_id]
        if result.state is not RefreshState.SUCCEEDED:
            raise result.error or RefreshError(f'"{result.qualified}" could not be refreshed')
        self.engine.session.pin(pinned(run.tables[table_id]))
        table = store.load_all(run.connection, [table_id])[table_id]
        return compare(run, table, self.plans.determined(run.connection, table, run.present.facts))

    def _record(self, run: Run) -> None:
        for result in run.results.values():
            table = run.tables[result.table_id]
            if result.state is RefreshState.SUCCEEDED and result.work is not None:
                record_success(run, table, result, result.work)
            elif result.state is RefreshState.FAILED and run.trigger is Trigger.SCHEDULED:
                record_failure(run, table)
            elif result.state is RefreshState.CANCELLED:
                record_cancel(run, table)
        write_history(run)

    def _after(self, run: Run) -> None:
        """Drop what the run replaced; what readers hold is dropped after a later run."""
        for table_id in (i for i, result in run.results.items() if result.swapped):
            generation = run.tables[table_id].contents.generation
            self.engine.drop_replaced(table_id, generation + 1)
        trim_logs(self.connection, run.tables, run.results)

    def _unlock(self, held: list[int]) -> None:
        if not self.connection.closed:
            self.engine.locks.release(held)


def _ancestors(tables: Mapping[int, DynamicTable], targets: list[int]) -> list[int]:
    """Return those of the targets that exist, and what they read, in the order to lock them."""
    return sorted(graph.ancestors(tables, [t for t in targets if t in tables]))
