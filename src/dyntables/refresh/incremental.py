"""Refresh a table from the changes that it owes."""

from __future__ import annotations

from dyntables.catalog.model import Action, DynamicTable, RefreshReason
from dyntables.catalog.state import contents
from dyntables.compiler.delta.context import Change
from dyntables.compiler.names import CLOCK, quote_qualified
from dyntables.compiler.quality.measure import named
from dyntables.engines.port import OnStep
from dyntables.refresh.choice.adaptive import counts
from dyntables.refresh.choice.decision import FromChanges, Nothing
from dyntables.refresh.choice.patience import patience
from dyntables.refresh.evidence import Counted
from dyntables.refresh.quality.splitting import all_rows, follow_rows, present_split, recount
from dyntables.refresh.result import Work
from dyntables.refresh.run import Attempt, Run
from dyntables.refresh.sources.fingerprint import code_of
from dyntables.refresh.sources.keeping import program_for, settle_staging
from dyntables.refresh.sources.plans import PlanCache, read


def do_nothing(run: Run, table: DynamicTable, decision: Nothing) -> Work:
    """Record that a table reflects what it reads."""
    _learn_code(run, table)
    mark_consumed(run, table)
    return Work(decision.action, decision.reason)


def apply_changes(
    run: Run, attempt: Attempt, decision: FromChanges, known: Counted, plans: PlanCache, *, patient: bool = False
) -> Work:
    """Bring what is owed into a table's storage.

    ``patient``: the work may take as long as it likes, and wait for locks.
    """
    table = attempt.table
    _learn_code(run, table)
    run.progress.action = decision.action
    done = _run(run, attempt, decision, known, plans, patient=patient)
    moved = bool(done.rows_inserted or done.rows_deleted or attempt.frozen)
    mark_consumed(run, table)
    if moved:
        contents.count_change(run.connection, table.id)
    if not known.changed and not moved:
        return Work(Action.NO_DATA, RefreshReason.NO_CHANGES, statements=done.statements, choice=decision.choice)
    return done


def _run(run: Run, attempt: Attempt, decision: FromChanges, known: Counted, plans: PlanCache, *, patient: bool) -> Work:
    """Run the program, under a limit of time if a full refresh may be better; log the output that others read."""
    table, compiled, workspace = attempt.table, known.compiled, run.workspace(attempt.table)
    deltas = workspace.deltas
    watching, split = run.watch(table), present_split(table)
    attempt.watching = watching
    columns = dict(zip(compiled.names, compiled.outputs, strict=True))
    read_by_others, watched = run.columns_read(table.id), watching.wants(compiled.names) if watching else set()
    logged = {n: c for n, c in columns.items() if n in read_by_others}
    wanted = {n: c for n, c in columns.items() if n in read_by_others or n in watched or split is not None}
    changed = {}
    for c in known.changed:
        lent = deltas.lend(c.rows, f"dt{table.id}_c{c.source.oid}", compiled.sources[c.source])
        changed[c.source.oid] = Change(lent, appended=c.weights.appended)
    rows = sum(c.weights.count for c in known.changed)
    key = (table.id, workspace.staging)
    program = program_for(deltas, plans, key, compiled, changed, tuple(wanted.values()), rows)
    step = _begin(run, attempt, decision, patient=patient)
    applied = deltas.perform(program, step)
    inserted, deleted = applied.inserted, applied.deleted
    counted = None
    output = named(program.output, wanted) if program.output is not None else None
    published = split.passing(output) if split is not None and output is not None else output
    if published is not None and logged:
        names = {name: quote_qualified(name) for name in logged}
        counted = deltas.log(table.change_log, table.contents.change_version + 1, names, published)
    if output is not None and (counted is None or split is not None):
        counted = deltas.totals(output)  # rows that wait have changed as well
    if counted is not None and program.whole:
        inserted, deleted = counted
    if attempt.patience is not None:
        attempt.patience.lift(run.engine.session)
    # What was frozen has left the delta and not the table, so that all its rows are looked at.
    if watching is not None and output is not None and not attempt.frozen:
        watching.follow(output)
    if split is not None and attempt.frozen:
        recount(workspace, run.connection, table, split, all_rows(table), run.data_timestamp)
    elif split is not None and output is not None:
        follow_rows(workspace, run.connection, split, output, run.data_timestamp)
    settle_staging(deltas, plans, table.id, program)
    return Work(
        decision.action,
        decision.reason,
        inserted,
        deleted,
        counts(decision.changes),
        applied.statements,
        decision.choice,
    )


def _begin(run: Run, attempt: Attempt, decision: FromChanges, *, patient: bool) -> OnStep:
    """Set what the program runs under; return what is told of each of its statements."""
    choice = None if patient else decision.choice
    limit = attempt.patience = patience(attempt.table, choice.full) if choice is not None else None
    timeouts = limit.timeouts if limit is not None else {}
    run.engine.session.set({CLOCK: str(attempt.table.contents.data_timestamp), **timeouts})

    def step(phase: str, sql: str, number: int, of: int) -> None:
        run.progress.step(phase, sql, number, of)
        if limit is not None:
            limit.tighten(run.engine.session)

    return step


def _learn_code(run: Run, table: DynamicTable) -> None:
    """Write down what a table calls that was computed when nobody did so."""
    if table.contents.code is None:
        calls = read(run.connection, table, table.contents.generation).calls
        contents.record_code(run.connection, table.id, code_of(run.connection, calls))


def mark_consumed(run: Run, table: DynamicTable) -> None:
    """Record the change version of every dynamic table that this one now reflects."""
    parents = [d.upstream for d in table.dependencies if d.upstream is not None]
    contents.record_consumed(run.connection, table.id, parents)
