"""LIMIT and OFFSET, as a stage of its own: the first rows of an order, or any rows, which have one, too.

Law: let B be the first K rows of the input, K the wanted rows and a reserve. After a change the candidates are
(B − deleted) + inserted. Of these, what does not sort behind the last surviving row of B is the true beginning of the
new input, as every row outside of B sorts behind it; if B was the whole input, all candidates are. While that beginning
holds the wanted rows it is the new B; otherwise B is read again from the input.
State: K rows, with a flag for those that show and one that B is the whole input. Cost: K and the delta; when the
reserve is used up, one sort of the input, or a walk of an index on the order.
Rows that tie in the order are the same (plan/determined.py), but where WITH TIES skips some by OFFSET.
Source: Yi, Yu, Yang, Xia & Chen, "Efficient Maintenance of Materialized Top-k Views" (ICDE 2003).
"""

from __future__ import annotations

from dyntables.compiler.delta.consolidate import consolidate
from dyntables.compiler.delta.context import WEIGHT_COLUMN, Context, Purpose
from dyntables.compiler.delta.keys import row_hash
from dyntables.compiler.delta.stages.rows import apply_bag
from dyntables.compiler.names import ALL, HASH, VISIBLE, WEIGHT, quote
from dyntables.compiler.plan.algebra.nodes import Plan, Relation
from dyntables.compiler.plan.algebra.render import from_item, ids, ordering
from dyntables.compiler.stages import TopStage

RESERVE = 100
_NUMBER, _PEERS, _PLACE = "__dt_n", "__dt_peers", "__dt_place"
_OLD, _KNOWN = "__dt_old", "__dt_known"


def fresh(stage: TopStage) -> str:
    """Return a SELECT of the whole storage from the new input."""
    return f"SELECT {_stored(stage)}, {row_hash(stage.stored)} AS {HASH} FROM ({_from_input(stage)}) b"


def apply_delta(stage: TopStage, delta: Plan, context: Context) -> Relation:
    """Add the statements that bring the first rows up to date; return the output delta."""
    own = stage.node.columns
    changed = context.temporary(consolidate(from_item(delta, "d"), own), (*own, WEIGHT_COLUMN), "changed rows").name
    band = context.temporary(_candidates(stage, changed), (), "first rows, from stored and changed ones").name
    stored = _stored(stage)
    context.run(
        Purpose.REDO,
        f"WITH gone AS (DELETE FROM {band}) INSERT INTO {band} ({stored}, {_KNOWN}) "
        f"SELECT {stored}, true FROM ({_from_input(stage)}) b",
        "first rows, from the input",
        guard=f"SELECT (SELECT count(*) FROM {band} WHERE {_KNOWN}) < {_wanted(stage)} "
        f"AND EXISTS (SELECT 1 FROM {stage.storage} WHERE NOT {ALL})",
    )
    moved = (
        f"(SELECT {stored}, -1 AS {WEIGHT} FROM {stage.storage} "
        f"UNION ALL SELECT {stored}, 1 FROM {band} WHERE {_KNOWN}) m"
    )
    columns = (*stage.stored, WEIGHT_COLUMN)
    difference = context.temporary(consolidate(moved, stage.stored), columns, "stored rows that differ").name
    apply_bag(stage.storage, stage.stored, difference, context)
    shown = consolidate(f"(SELECT * FROM {difference} WHERE {VISIBLE}) v", stage.outputs)
    return context.temporary(shown, (*stage.outputs, WEIGHT_COLUMN), "output delta of the first rows")


def _from_input(stage: TopStage) -> str:
    """Return a SELECT of the first rows of the input, with their flags; one more is read to see if it is all."""
    node, most = stage.node, _most(stage)
    limit = f"FETCH FIRST ({most} + 1) ROWS WITH TIES" if node.ties else f"LIMIT ({most} + 1)"
    rows = f"SELECT {ids(node)} FROM {from_item(node.input, 'i')}{ordering(node)} {limit}"
    placed = _placed(stage, rows, ordering(node))
    flagged = f"SELECT *, max({_PLACE}) OVER () <= {most} AS {ALL}, {_shows(stage)} AS {VISIBLE} FROM ({placed}) p"
    return f"SELECT {_stored(stage)} FROM ({flagged}) f WHERE {_PLACE} <= {most}"


def _candidates(stage: TopStage, changed: str) -> str:
    """Return a SELECT of stored rows less the deleted and with the inserted ones; known are those of sure place."""
    node, most = stage.node, _most(stage)
    names = ids(node)
    both = (
        f"(SELECT {names}, 1 AS {WEIGHT}, 1 AS {_OLD} FROM {stage.storage} "
        f"UNION ALL SELECT {names}, {WEIGHT}, 0 FROM {changed}) b"
    )
    summed = consolidate(both, node.columns, f"max({_OLD}) AS {_OLD}")
    rows = f"SELECT {names}, {_OLD} FROM ({summed}) s, generate_series(1, s.{WEIGHT}) WHERE s.{WEIGHT} > 0"
    # Among ties the stored rows stay, unless all ties show anyway.
    placed = _placed(stage, rows, ordering(node) + ("" if node.ties else f", {_OLD} DESC"))
    whole = f"coalesce((SELECT bool_and({ALL}) FROM {stage.storage}), true)"
    survivor = f"max({_PLACE}) FILTER (WHERE {_OLD} > 0) OVER ()"
    judged = (
        f"SELECT *, {whole} OR coalesce({_PLACE} <= {survivor}, false) AS {_KNOWN}, "
        f"{whole} AND max({_PLACE}) OVER () <= {most} AS {ALL}, {_shows(stage)} AS {VISIBLE} FROM ({placed}) p"
    )
    return f"SELECT {_stored(stage)}, {_KNOWN} FROM ({judged}) j WHERE {_PLACE} <= {most}"


def _placed(stage: TopStage, rows: str, order: str) -> str:
    """Return rows with their number, their rank, and the one of these that LIMIT goes by."""
    place = _PEERS if stage.node.ties else _NUMBER
    numbered = (
        f"SELECT *, row_number() OVER w AS {_NUMBER}, rank() OVER w AS {_PEERS} FROM ({rows}) r WINDOW w AS ({order})"
    )
    return f"SELECT *, {place} AS {_PLACE} FROM ({numbered}) n"


def _shows(stage: TopStage) -> str:
    """Return the condition that a row is among the wanted ones."""
    # Where no row is wanted, none ties with it.
    some = f" AND ({stage.node.limit}) > 0" if stage.node.ties else ""
    return f"({_NUMBER} > coalesce(({stage.node.offset}), 0) AND {_PLACE} <= {_wanted(stage)}{some})"


def _stored(stage: TopStage) -> str:
    return ", ".join(quote(c.id) for c in stage.stored)


def _wanted(stage: TopStage) -> str:
    return f"(coalesce(({stage.node.offset}), 0) + ({stage.node.limit}))"


def _most(stage: TopStage) -> str:
    return f"({_wanted(stage)} + greatest({RESERVE}, ({stage.node.limit})))"
