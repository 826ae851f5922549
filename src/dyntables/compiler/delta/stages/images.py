"""What the key of a group prints, where equal keys may print otherwise: 1 and 1.0, '24 hours' and '1 day', 0 and -0.

Law: a group shows the key of one of its rows. While all of its rows print theirs alike, that one is known by any of
them; a group whose rows do not is marked as mixed, and is computed again from its rows when it may have lost some.
State: a flag for each group. Cost: none for groups that are not mixed.
A group that is computed again anyway has its key from the rows each time, and needs no flag.
"""

from __future__ import annotations

from dyntables.compiler.delta.keys import Key
from dyntables.compiler.delta.stages.states import State
from dyntables.compiler.names import WEIGHT, quote
from dyntables.compiler.plan.algebra.nodes import Column, Merge
from dyntables.compiler.stages import AggregateStage

MIXED = "__dt_mixed"
LOST = "__dt_lost"
_MERGED = f"(coalesce(s.{MIXED}, false) OR g.{MIXED}"


def odd_columns(stage: AggregateStage) -> tuple[Column, ...]:
    """Return the key columns of which equal values may print otherwise."""
    return tuple(c for c in stage.key.columns if not c.type.image_equal)


def flagged(stage: AggregateStage) -> bool:
    """Tell whether the groups of a stage carry the flag."""
    return bool(odd_columns(stage)) and all(c.merge is not Merge.RECOMPUTE for c in stage.node.calls)


def state(stage: AggregateStage, *, by_key: bool) -> State:
    """Return the flag; what is not grouped by the whole key leaves the other columns of it as they are."""
    key = Key(odd_columns(stage))
    image = f'{_row(key)} COLLATE "C"'
    mixed = f"coalesce(min({image}) <> max({image}), false)" if by_key else "false"
    return State(MIXED, mixed, mixed, _merged(key) if by_key else f"{_MERGED})")


def lost() -> str:
    """Return the select item that tells whether a delta takes rows from a group."""
    return f"bool_or({WEIGHT} < 0) AS {LOST}"


def redo(stage: AggregateStage) -> str:
    """Return the condition, over s and g, that a group may have lost the row that its key is from."""
    return f"(g.{LOST} AND {_merged(Key(odd_columns(stage)))})"


def _merged(key: Key) -> str:
    return f"{_MERGED} OR (s.ctid IS NOT NULL AND {_row(key, 's.')} <> {_row(key, 'g.')}))"


def _row(key: Key, prefix: str = "") -> str:
    return f"ROW({', '.join(prefix + quote(c.id) for c in key.columns)})::text"
