"""From a definition's plan to the statements that fill it and keep it fresh."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from dyntables.compiler.delta.context import Change, Context, Statement
from dyntables.compiler.delta.derive import appends, derive, derive_for
from dyntables.compiler.delta.eager import Eager, eager
from dyntables.compiler.delta.stages import aggregate, recursion, rows, top_k, window
from dyntables.compiler.names import HASH, KEPT, TEMPORARY, VISIBLE, quote, quote_qualified
from dyntables.compiler.plan.algebra.nodes import Column, Plan, Relation, Source, leaves, scans, uses_clock
from dyntables.compiler.plan.algebra.prune import prune
from dyntables.compiler.plan.algebra.render import from_item
from dyntables.compiler.plan.binding.bind import Bound
from dyntables.compiler.rewrites.aggregate_early import aggregate_early
from dyntables.compiler.rewrites.compute_late import compute_late
from dyntables.compiler.rewrites.pad_left_join import pad_left_join
from dyntables.compiler.rewrites.push_filters import push_filters
from dyntables.compiler.stages import (
    AggregateStage,
    PartitionStage,
    RecursionStage,
    RowsStage,
    Stage,
    TopStage,
    split,
    visible_rows,
)


@dataclass(frozen=True, slots=True)
class Compiled:
    """An incremental definition: its stages, the columns that it reads of each source, and its visible columns.

    ``determined``: its text with what says which rows LIMIT and DISTINCT ON keep, if its own leaves that open;
    ``notes``: what to tell its author.
    """

    stages: tuple[Stage, ...]
    names: tuple[str, ...]
    outputs: tuple[Column, ...]
    plan: Plan
    determined: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def uses_clock(self) -> bool:
        """Whether contents change as time passes, without a change of any source."""
        return uses_clock(self.plan)

    @property
    def sources(self) -> dict[Source, tuple[Column, ...]]:
        """The sources with the columns that are read, named as the source names them, in a stable order."""
        read: dict[Source, dict[str, Column]] = {}
        for scan in scans(self.plan):
            columns = read.setdefault(scan.source, {})
            for field, column in zip(scan.fields, scan.columns, strict=True):
                columns.setdefault(field, Column(field, column.type, column.nullable))
        return {source: tuple(columns[f] for f in sorted(columns)) for source, columns in read.items()}


@dataclass(frozen=True, slots=True)
class Build:
    """How the storage of one stage is filled afresh and indexed; ``hashed``: columns to be indexed by hash alone."""

    storage: str
    select: str
    indexes: tuple[str, ...]
    unique: bool
    hashed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Program:
    """The statements of one incremental refresh; ``output`` is a FROM item with the final delta, if it is known.

    ``starts`` holds the number of the first statement of each stage. ``whole``: the output has all visible columns, so
    that its rows are the rows that changed. ``kept``: its staging tables outlive the refresh.
    """

    statements: tuple[Statement, ...]
    output: str | None
    starts: tuple[int, ...]
    whole: bool
    kept: bool = False

    @property
    def final(self) -> int:
        """The number of the first statement of the last stage."""
        return self.starts[-1]

    def filled(self, rows: Mapping[int, str]) -> Program:
        """Return the program over the given rows, FROM items by source OID, in place of ``placeholder`` of each."""

        def fill(text: str | None) -> str | None:
            for oid, item in rows.items():
                text = text.replace(placeholder(oid), item) if text is not None else None
            return text

        statements = tuple(
            replace(s, sql=fill(s.sql) or "", guard=fill(s.guard), expected=fill(s.expected)) for s in self.statements
        )
        return replace(self, statements=statements, output=fill(self.output))

    def stage(self, number: int) -> int:
        """Return which stage a statement belongs to, counted from 1."""
        return sum(start <= number for start in self.starts)


def placeholder(oid: int) -> str:
    """Return what stands for the changes of a source in a program to be filled; no SQL text can hold it."""
    return f"\0{oid}\0"


def compile_plan(bound: Bound, storage: str) -> Compiled:
    """Prune a bound plan and cut it into stages; ``storage`` is the qualified table of the last."""
    plan = compute_late(push_filters(bound.plan))
    plan = pad_left_join(prune(plan, frozenset(c.id for c in bound.outputs)))
    # Of a result without columns its rows are stored, by a column that is not shown.
    stages = split(plan, bound.outputs or plan.columns[:1], storage)
    return Compiled(stages, bound.names, bound.outputs, plan, bound.determined, bound.notes)


def builds(compiled: Compiled) -> list[Build]:
    """Return how to fill each stage, in order."""
    return [Build(s.storage, _fresh(s), _indexes(s), _unique(s), _hashed(s)) for s in compiled.stages]


def early_select(compiled: Compiled) -> str | None:
    """Return the definition's query with aggregates moved below joins, or None if none can be."""
    plan = aggregate_early(compiled.plan)
    if plan is None:
        return None
    items = ", ".join(
        f"{quote(c.id)} AS {quote_qualified(name)}" for name, c in zip(compiled.names, compiled.outputs, strict=True)
    )
    return f"SELECT {items} FROM {from_item(plan, 'q')}"


def layout(compiled: Compiled, known_as: Mapping[int, int] | None = None) -> str:
    """Return a digest of what the stages store and how, whatever generation of storage they are in.

    Storage with another layout was built by another version of the definition or of this program. Sources count
    by OID: one that was renamed has left what is stored as it was. ``known_as``: the OIDs under which sources with new
    ones counted before.
    """
    return digest_layout(layout_text(compiled, known_as))


def layout_text(compiled: Compiled, known_as: Mapping[int, int] | None = None) -> str:
    """Return the text of which a layout is the digest."""
    storage = compiled.stages[-1].storage
    text = "\n".join(b.select + str(b.indexes) + "".join(b.hashed) for b in builds(compiled))
    text = text.replace(storage, "storage")
    for source in compiled.sources:
        text = text.replace(
            f"FROM {quote_qualified(source.schema, source.name)} ",
            f"FROM {(known_as or {}).get(source.oid, source.oid)} ",
        )
    return text


def digest_layout(text: str) -> str:
    """Return the digest of the text of a layout."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def view_select(compiled: Compiled) -> str:
    """Return the query of the user's view over the last stage's storage."""
    last = compiled.stages[-1]
    items = ", ".join(
        f"{quote(c.id)} AS {quote_qualified(name)}" for name, c in zip(compiled.names, compiled.outputs, strict=True)
    )
    hidden = isinstance(last, TopStage) or (isinstance(last, AggregateStage) and last.filtered)
    return f"SELECT {items} FROM {last.storage}" + (f" WHERE {VISIBLE}" if hidden else "")


def refresh_program(
    compiled: Compiled,
    changed: Mapping[int, Change],
    prefix: str,
    *,
    logged: tuple[Column, ...],
    staging: str = TEMPORARY,
) -> Program:
    """Return the statements for changes of the given sources.

    Args:
        compiled: the definition.
        changed: the changes of sources by OID; their columns are those of ``Compiled.sources``.
        prefix: of the names of temporary tables.
        logged: the outputs that are wanted in the output delta even where the apply does not need it.
        staging: the schema of temporary tables.
    """
    context = Context(prefix, staging)
    _read_changes(compiled, changed, context)
    *hidden, last = compiled.stages
    starts = [0]
    for stage in hidden:
        output = _follow(stage, context, stage.outputs, last=False)
        if output is not None:
            context.changes[visible_rows(stage)] = output
            if isinstance(stage, RecursionStage):
                context.appended.add(visible_rows(stage))
        starts.append(len(context.statements))
    seen = _seen(last, logged)
    output = _follow(last, context, seen, last=True)
    final = output.name if output is not None else None
    return Program(tuple(context.statements), final, tuple(starts), seen == last.outputs, staging == KEPT)


def _read_changes(compiled: Compiled, changed: Mapping[int, Change], context: Context) -> None:
    uses = Counter(leaf for stage in compiled.stages for leaf in leaves(stage.input))
    for source, columns in compiled.sources.items():
        if source.oid in changed:
            context.read(source, columns, changed[source.oid], once=uses[source.oid] == 1)


def _follow(stage: Stage, context: Context, seen: tuple[Column, ...], *, last: bool) -> Relation | None:
    """Add the statements that bring a stage up to its input's changes; return its output delta, if it has one."""
    if isinstance(stage, RecursionStage):
        _require_growth(stage, context)
    sides = eager(stage, frozenset(context.changes)) if isinstance(stage, AggregateStage) else None
    over = stage.arguments if isinstance(stage, AggregateStage) else ()
    delta = derive_for(sides.fact if sides is not None else stage.input, over, context)
    return _apply(stage, delta, context, seen, sides, last=last) if delta is not None else None


def _require_growth(stage: RecursionStage, context: Context) -> None:
    for side in recursion.sides(stage):
        delta = derive(side.plan, context)
        if delta is not None and (side.fixed or not appends(side.plan, context)):
            recursion.require_growth(side, delta, context)


def _fresh(stage: Stage) -> str:
    match stage:
        case AggregateStage():
            return aggregate.fresh(stage)
        case PartitionStage():
            return window.fresh(stage)
        case RowsStage():
            return rows.fresh(stage)
        case TopStage():
            return top_k.fresh(stage)
        case RecursionStage():
            return recursion.fresh(stage)


def _seen(stage: Stage, logged: tuple[Column, ...]) -> tuple[Column, ...]:
    """Return the outputs of the last stage that its output delta needs; where HAVING hides rows, all of them."""
    if not isinstance(stage, AggregateStage) or stage.filtered:
        return stage.outputs
    return logged


def _apply(
    stage: Stage, delta: Plan, context: Context, seen: tuple[Column, ...], sides: Eager | None, *, last: bool
) -> Relation | None:
    match stage:
        case AggregateStage():
            appended = appends(stage.input, context)
            return aggregate.apply_delta(stage, delta, context, seen, last=last, appended=appended, eager=sides)
        case PartitionStage():
            return window.apply_delta(stage, delta, context)
        case RowsStage():
            return rows.apply_delta(stage, delta, context)
        case TopStage():
            return top_k.apply_delta(stage, delta, context)
        case RecursionStage():
            return recursion.apply_delta(stage, delta, context)


def _indexes(stage: Stage) -> tuple[str, ...]:
    match stage:
        case AggregateStage():
            return (stage.key.index_columns(),) if stage.key.columns else ()
        case PartitionStage():
            return (HASH, stage.key.index_columns()) if stage.key.columns else (HASH,)
        case RowsStage() | TopStage():
            return (HASH,)
        case RecursionStage():
            return recursion.indexes(stage)[0]


def _hashed(stage: Stage) -> tuple[str, ...]:
    return recursion.indexes(stage)[1] if isinstance(stage, RecursionStage) else ()


def _unique(stage: Stage) -> bool:
    """Tell whether the first index is the identity of a row."""
    return isinstance(stage, AggregateStage) and not stage.key.hashed and stage.key.lead is None
