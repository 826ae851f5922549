"""One run: refresh a set of tables and what they read, at one snapshot, in one transaction.

The locks are taken before the snapshot, as the first statement of a REPEATABLE READ transaction fixes its snapshot
even while it waits. Each table has a savepoint: one that fails keeps its contents, those above it are UPSTREAM_FAILED,
the others commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

import psycopg

from dyntables import clock, locks
from dyntables.catalog import graph, store
from dyntables.catalog.fingerprints import rewritten
from dyntables.catalog.model import Action, DynamicTable, RefreshReason, RefreshState, Trigger
from dyntables.compiler.names import SYSTEM
from dyntables.engines.postgres.connection.errors import of_an_expression, translate, without_values
from dyntables.engines.postgres.connection.session import pin_settings
from dyntables.engines.postgres.rights.hands import guarded
from dyntables.engines.postgres.storage.sharing import own_storage, release_storage, share_storage
from dyntables.engines.postgres.storage.staging import drop_staging, staging_of
from dyntables.engines.postgres.storage.tables import drop_generations
from dyntables.errors import DyntablesError, EngineError, InvariantError, RebuildNeededError, RefreshError
from dyntables.refresh.choice.adaptive import gave_up
from dyntables.refresh.full.frozen import freeze
from dyntables.refresh.full.rebuild import rebuild
from dyntables.refresh.incremental import refresh_incrementally
from dyntables.refresh.limits import let_load_pass, pinned
from dyntables.refresh.logs.trim import trim_logs
from dyntables.refresh.prepare import prepare
from dyntables.refresh.record.history import write_history
from dyntables.refresh.record.outlook import record_cancel, record_failure, record_success
from dyntables.refresh.result import RefreshResult, Verification
from dyntables.refresh.run import Run, cancel, fail, instead, timed_out
from dyntables.refresh.sources.definitions import ReadsOthersError
from dyntables.refresh.sources.naming import renamed
from dyntables.refresh.sources.owning import follow_tables
from dyntables.refresh.sources.plans import PlanCache
from dyntables.refresh.sources.rights import check_rights
from dyntables.refresh.standing import common_frontier
from dyntables.refresh.verify import compare

_TRIES = 3


class Refresher:
    """Runs refreshes over one connection; compiled plans are kept between runs."""

    def __init__(
        self,
        connection: psycopg.Connection,
        guard: Callable[[psycopg.Connection], None] | None = None,
        blocked: Callable[[], float] | None = None,
    ) -> None:
        """Refresh over a connection.

        Args:
            connection: to work on.
            guard: called last before each commit; it raises if nothing may be committed.
            blocked: how many seconds the connection has waited for locks until now, as somebody else saw it.
        """
        self.connection = connection
        self.guard = guard or (lambda _: None)
        self._blocked = blocked or (lambda: 0.0)
        self.plans = PlanCache()
        self._at_work: Run | None = None

    def refresh(
        self, targets: Iterable[int], trigger: Trigger, seen: Mapping[int, datetime | None] | None = None
    ) -> list[RefreshResult]:
        """Refresh the targets and what they read; return a result for each table, in the order of work.

        ``seen``: the data timestamps for which the targets were found due. What somebody else refreshed since then,
        perhaps while this run waited for it, is not refreshed again.
        """
        results, _ = self._attempt(list(targets), trigger, verify=False, seen=seen or {})
        return results

    def refresh_standing(self, table_id: int) -> list[RefreshResult] | None:
        """Refresh a scheduled table over what it reads as that stands; None, with nothing done, if it does not.

        The list is empty if what it reads is not newer than the table itself.
        """
        connection = self.connection
        tables = store.load_pipeline(connection, [table_id])
        if follow_tables(connection, tables):
            return None
        parents = sorted(set(graph.upstream(tables, table_id))) if table_id in tables else []
        came = clock.monotonic()
        try:
            connection.execute("SELECT pg_advisory_lock(%s, %s)", (locks.REFRESH, table_id))
            share_storage(connection, parents)
            with guarded(connection, [t.owner for t in tables.values()]):
                run = self._begin(Trigger.SCHEDULED, [table_id], [table_id, *parents])
                stand = common_frontier(run.tables, table_id) if table_id in run.tables else None
                if stand is None or set(graph.upstream(run.tables, table_id)) != set(parents):
                    return None
                if stand[1] == run.tables[table_id].data_timestamp:
                    return []
                run.snapshot, run.data_timestamp = stand
                run.waited_ms = (clock.monotonic() - came) * 1000
                self._one(run, run.tables[table_id])
                self._record(run)
                self.guard(connection)
            self._after(run)
            return list(run.results.values())
        except (psycopg.errors.SerializationFailure, ReadsOthersError):
            return None
        except psycopg.Error as error:
            raise translate(error) from error
        finally:
            if not connection.closed:
                release_storage(connection, parents)
            self._unlock([table_id])

    def verify(self, targets: Iterable[int]) -> list[Verification]:
        """Refresh the targets, and compare them with their definitions in the same snapshot."""
        _, verifications = self._attempt(list(targets), Trigger.MANUAL, verify=True, seen={})
        return verifications

    def _attempt(
        self, targets: list[int], trigger: Trigger, *, verify: bool, seen: Mapping[int, datetime | None]
    ) -> tuple[list[RefreshResult], list[Verification]]:
        for attempt in range(_TRIES):
            try:
                return self._run(targets, trigger, verify=verify, seen=seen)
            except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected) as error:
                if attempt == _TRIES - 1:
                    raise translate(error) from error
                self.guard(self.connection)
            except ReadsOthersError:
                if attempt == _TRIES - 1:
                    raise EngineError(
                        "the names of what is read lead to other dynamic tables again and again",
                        hint="Try again when nobody renames them.",
                        retryable=True,
                    ) from None
                self.guard(self.connection)
            except (KeyboardInterrupt, psycopg.errors.QueryCanceled):
                self._interrupted()
                raise
            except psycopg.Error as error:
                raise translate(error) from error
        raise AssertionError

    def _run(
        self, targets: list[int], trigger: Trigger, *, verify: bool, seen: Mapping[int, datetime | None]
    ) -> tuple[list[RefreshResult], list[Verification]]:
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
            verifications: list[Verification] = []
            with guarded(connection, [everything[i].owner for i in held]):
                run = self._begin(trigger, targets, held)
                run.waited_ms = (clock.monotonic() - came) * 1000
                if seen:  # of the state that this run really found
                    due = [i for i in targets if i in run.tables and run.tables[i].data_timestamp == seen[i]]
                    ids = ids & graph.refreshed_with(run.tables, due, scheduled=True)
                order = graph.topological(run.tables, ids)
                for table_id in order:
                    self._one(run, run.tables[table_id])
                if verify:
                    verifications = [self._compare(run, t) for t in targets if t in run.results]
                self._record(run)
                self.guard(connection)
            self._after(run)
            return [run.results[i] for i in order], verifications

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
                connection.execute("SELECT pg_advisory_lock(%s, i) FROM unnest(%s::integer[]) i", (locks.REFRESH, held))
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
        for result in run.results.values():
            cancel(result, run)
            result.data_timestamp = None
        with self.connection.transaction():
            write_history(run)

    def _begin(self, trigger: Trigger, targets: Iterable[int], held: Iterable[int]) -> Run:
        connection = self.connection
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        row = connection.execute(f"SELECT pg_current_snapshot()::text, now(), {SYSTEM}").fetchone()
        assert row is not None
        tables = store.load_pipeline(connection, targets)
        self._at_work = Run(connection, trigger, row[0], row[1], row[2], tables, frozenset(held))
        return self._at_work

    def _one(self, run: Run, table: DynamicTable) -> None:
        result = RefreshResult(table.id, table.schema, table.name, RefreshState.SUCCEEDED)
        run.results[table.id] = result
        refreshed = [u for u in graph.upstream(run.tables, table.id) if u in run.results]
        failed = [u for u in refreshed if run.results[u].state is not RefreshState.SUCCEEDED]
        if failed:
            result.state, result.reason = RefreshState.UPSTREAM_FAILED, RefreshReason.UPSTREAM_FAILED
            result.action = Action.NO_DATA
            result.error = RefreshError(
                f'"{table.qualified}" was not refreshed because "{run.results[failed[0]].qualified}" failed',
                hint="It recovers by itself when the table that it reads is refreshed.",
            )
            return
        started, blocked = clock.monotonic(), self._blocked()
        try:
            with self.connection.transaction():
                self._refresh(run, table, result)
                if result.action is not Action.NO_DATA and rewritten(self.connection, table.id):
                    raise psycopg.errors.SerializationFailure(
                        f'a table that "{table.qualified}" reads was rewritten while the refresh began'
                    )
                if result.action is not Action.NO_DATA and renamed(self.connection, [table]):
                    raise psycopg.errors.SerializationFailure(
                        f'what the definition of "{table.qualified}" names was renamed while the refresh ran'
                    )
            result.data_timestamp = run.data_timestamp
        except psycopg.errors.SerializationFailure:
            raise
        except psycopg.OperationalError as error:
            if self.connection.closed:
                raise
            if isinstance(error, psycopg.errors.QueryCanceled) and not timed_out(run, table):
                cancel(result, run)
            else:
                fail(result, translate(error), run)
        except psycopg.Error as error:
            fail(result, translate(error), run)
        except DyntablesError as error:
            fail(result, error, run)
        elapsed = (clock.monotonic() - started) * 1000
        result.blocked_ms = min(elapsed, (self._blocked() - blocked) * 1000)
        result.duration_ms = elapsed - result.blocked_ms

    def _refresh(self, run: Run, table: DynamicTable, result: RefreshResult) -> None:
        showing = {"application_name": run.progress.begin(table.id, table.expected_seconds)}
        check_rights(run, table)
        pin_settings(self.connection, {**pinned(table), **showing})
        table = freeze(run, table, result)
        blocked = self._blocked()
        try:
            self._incrementally(run, table, result)
        except InvariantError as error:
            instead(result, RefreshReason.INVARIANT_VIOLATED, str(error))
        except RebuildNeededError as error:
            instead(result, RefreshReason.RECURSION_NEEDS_REBUILD, str(error))
        except psycopg.errors.QueryCanceled:
            if not gave_up(result, self._blocked() - blocked):
                raise
        except psycopg.Error as error:
            # Changes pass through values of no state; if the definition itself is at fault, the rebuild fails as well.
            if not of_an_expression(error):
                raise
            instead(result, RefreshReason.EXPRESSION_FAILED, without_values(translate(error))[0])
        if result.action in (Action.FULL, Action.REINITIALIZE):
            own_storage(self.connection, table.id)
            run.progress.action = result.action
            if result.choice is not None and result.choice.full is not None:
                run.progress.expected_seconds = result.choice.full
            run.forget_present()
            rebuild(run, table, self.plans, result)
        # They left what is maintained, and not the table.
        result.rows_deleted = max(0, result.rows_deleted - result.frozen)

    def _incrementally(self, run: Run, table: DynamicTable, result: RefreshResult) -> None:
        """Refresh by changes; if that only waited for somebody's lock, again, and then it may wait."""
        try:
            with self.connection.transaction():
                refresh_incrementally(run, table, self.plans, result)
        except psycopg.errors.LockNotAvailable:
            if result.patience is None or result.patience.own_wait is not None:
                raise
            with self.connection.transaction():
                refresh_incrementally(run, table, self.plans, result, patient=True)

    def _compare(self, run: Run, table_id: int) -> Verification:
        result = run.results[table_id]
        if result.state is not RefreshState.SUCCEEDED:
            raise result.error or RefreshError(f'"{result.qualified}" could not be refreshed')
        pin_settings(self.connection, pinned(run.tables[table_id]))
        table = store.load_all(run.connection, [table_id])[table_id]
        return compare(run, table, self.plans.determined(run.connection, table, run.present.facts))

    def _record(self, run: Run) -> None:
        for result in run.results.values():
            table = run.tables[result.table_id]
            if result.state is RefreshState.SUCCEEDED:
                record_success(run, table, result)
            elif result.state is RefreshState.FAILED and run.trigger is Trigger.SCHEDULED:
                record_failure(run, table)
            elif result.state is RefreshState.CANCELLED:
                record_cancel(run, table)
        write_history(run)

    def _after(self, run: Run) -> None:
        """Drop what the run replaced; what readers hold is dropped after a later run."""
        for table_id in run.rebuilt:
            generation = run.tables[table_id].generation
            drop_generations(self.connection, table_id, generation + 1)
            drop_staging(self.connection, staging_of(self.connection, table_id))
        trim_logs(self.connection, run.tables, run.results)

    def _unlock(self, held: list[int]) -> None:
        if self.connection.closed:
            return
        unlock = "SELECT pg_advisory_unlock(%s, i) FROM unnest(%s::integer[]) i"
        try:
            self.connection.execute(unlock, (locks.REFRESH, held))
        except psycopg.errors.QueryCanceled:
            # A cancel that was meant for the refresh; a lock that stays would stop everybody.
            self.connection.execute(unlock, (locks.REFRESH, held))


def _ancestors(tables: Mapping[int, DynamicTable], targets: list[int]) -> list[int]:
    """Return those of the targets that exist, and what they read, in the order to lock them."""
    return sorted(graph.ancestors(tables, [t for t in targets if t in tables]))
