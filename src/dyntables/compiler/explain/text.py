"""An explanation as lines of text, for people who have not read the code."""

from __future__ import annotations

from collections.abc import Iterator

from dyntables.compiler.explain.explanation import Explanation, Measured
from dyntables.compiler.explain.layout import lay_out
from dyntables.compiler.explain.lookups import Lookup
from dyntables.compiler.explain.operator import LEGEND
from dyntables.compiler.explain.tree import Node, State

_WIDEST = 110


def render_text(explanation: Explanation) -> list[str]:
    """Return the lines of an explanation."""
    lines = [*_head(explanation), *_reads(explanation)]
    if explanation.tree is not None:
        lines += ["", "Plan", *_node(explanation.tree, "  ", "  ")]
        lines += _missing(explanation)
    lines += _measured(explanation.measured) if explanation.measured is not None else ()
    lines += _statements(explanation)
    if explanation.tree is not None:
        lines += ["", "Classes", *(f"  {kind}: {LEGEND[kind]}" for kind in explanation.classes)]
    return lines


def _head(explanation: Explanation) -> Iterator[str]:
    yield f"Dynamic table {explanation.name}: refresh mode {explanation.mode}"
    for reason in explanation.reasons:
        yield f"  because {reason.detail} ({reason.reason})"
        if reason.place is not None:
            yield f"  at line {reason.place.line}, column {reason.place.column}: {_short(reason.place.text)}"
        if reason.hint:
            yield f"  hint: {reason.hint}"
    if explanation.frozen is not None:
        yield f"  frozen, so that only the other rows are kept fresh: {_short(explanation.frozen)}"


def _reads(explanation: Explanation) -> Iterator[str]:
    if explanation.sources:
        yield ""
        yield "Reads"
    for source in explanation.sources:
        kind = "dynamic table" if source.kind == "DYNAMIC_TABLE" else "table"
        columns = f" ({', '.join(source.columns)})" if source.columns else ""
        yield f"  {kind} {source.schema}.{source.name}{columns}{_rows(source.rows)}"


def _node(node: Node, first: str, rest: str) -> Iterator[str]:
    if node.hidden:
        yield from _node(node.children[0], first, rest)
        return
    yield f"{first}{node.label}  [{node.law.kind}: {node.law.text}]"
    last = not node.children
    bar = rest + ("  " if last else "│ ")
    for line in node.detail:
        yield f"{bar}  {_short(line)}"
    for lookup in node.lookups:
        yield f"{bar}  {_lookup(lookup)}"
    if node.state is not None:
        yield f"{bar}  {_state(node.state)}"
    for child in node.children:
        end = child is node.children[-1]
        yield from _node(child, rest + ("└─ " if end else "├─ "), rest + ("   " if end else "│  "))


def _lookup(lookup: Lookup) -> str:
    reached = f"look-up {lookup.table} ({', '.join(lookup.columns)})"
    if lookup.index is not None:
        return f"{reached}: index {lookup.index}, {lookup.when}"
    if lookup.missing:
        return f"{reached}: NO INDEX, {lookup.when}"
    return f"{reached}: without index, none is needed, {lookup.when}"


def _state(state: State) -> str:
    size = "not built yet" if state.rows is None else f"{state.rows:,} rows, {_size(state.bytes or 0)}"
    index = f", index on {state.index}" if state.index else ""
    where = f" ({state.storage})" if state.storage else ""
    return f"stage {state.stage} keeps {state.keeps}: {size}{index}{where}"


def _missing(explanation: Explanation) -> Iterator[str]:
    if explanation.missing:
        yield ""
        yield "Missing indexes"
    for lookup in explanation.missing:
        yield f"  {lookup.remedy};  -- {lookup.when}{_rows(lookup.rows)}"


def _measured(measured: Measured) -> Iterator[str]:
    yield ""
    yield "Refreshed for real, with everything that it reads: the contents and the history now show it"
    yield (
        f"  {measured.action} ({measured.reason}) in {measured.milliseconds:.1f} ms: "
        f"{measured.inserted:,} rows inserted, {measured.deleted:,} deleted"
    )
    for source, rows in measured.changes.items():
        yield f"  {rows:,} changed rows of {source}"
    for stage in measured.stages:
        yield f"  stage {stage.number}: {stage.rows:,} rows written, {stage.milliseconds:.1f} ms"
        for statement in stage.statements:
            yield f"    {statement.label}: {statement.rows:,} rows, {statement.milliseconds:.1f} ms"


def _statements(explanation: Explanation) -> Iterator[str]:
    if explanation.statements:
        yield ""
        yield "Statements of a refresh in which every source changed; d_… stands for the changes of a source"
    for statement in explanation.statements:
        yield f"  stage {statement.stage}, {statement.purpose}: {statement.label}"
        if statement.guard:
            yield f"    only if {statement.guard}"
        yield from (f"    {line}" for line in lay_out(statement.sql).splitlines())


def _rows(rows: int | None) -> str:
    return "" if rows is None else f", about {rows:,} rows"


def _size(size: int) -> str:
    value = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1024 or unit == "GB":
            return f"{value:,.0f} {unit}"
        value /= 1024
    raise AssertionError


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDEST else line[: _WIDEST - 1] + "…"
