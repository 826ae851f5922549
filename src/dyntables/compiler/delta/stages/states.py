"""The stored states of aggregates: how each is computed afresh, from a delta, and merged.

COUNT    state: the count.                      merge: add the weights of the counted rows.
SUM      state: the sum and the number of non-NULL values; NULL when that number is 0. Where numeric values differ in
         their number of decimals, also how many have how many: the sum shows as many as the value that has the most.
AVG      state: sum and number; the result is their quotient, as numeric division gives the server's own scale.
BOOL_AND, BOOL_OR  state: the number of values, and of those that decide (false, true).  merge: as COUNT.
MIN/MAX  state: the extreme. Insertions merge; a deletion at the extreme makes the group be recomputed ("redo").
A sum of numeric that is NaN or infinite cannot be taken back; while it is, its group is recomputed.
Exact for integers and numeric only: floats would drift and are recomputed (see ``Merge.RECOMPUTE``).
"""

from __future__ import annotations

from dataclasses import dataclass

from dyntables.compiler.names import WEIGHT, quote
from dyntables.compiler.plan.algebra.nodes import AggregateCall, Merge, Scalar


@dataclass(frozen=True, slots=True)
class State:
    """One stored column: SQL over the group's rows, over a delta's rows, and over aliases s (stored) and g (delta)."""

    name: str
    fresh: str
    partial: str
    merged: str


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a call keeps its states: a number for their names, and whether an AVG of the same argument has the sum."""

    call: AggregateCall
    number: int
    shared: bool = False


def slots(calls: tuple[AggregateCall, ...]) -> list[Slot]:
    """Give each call its slot; SUM and AVG of the same argument under the same FILTER share theirs."""
    averaged: dict[tuple[Scalar | None, Scalar | None], int] = {}
    for number, call in enumerate(calls):
        if call.merge is Merge.AVG:
            averaged.setdefault((call.argument, call.condition), number)
    found = []
    for number, call in enumerate(calls):
        other = averaged.get((call.argument, call.condition)) if call.merge in (Merge.SUM, Merge.AVG) else None
        found.append(Slot(call, number if other is None else other, shared=other is not None))
    return found


def state_columns(calls: tuple[AggregateCall, ...]) -> list[State]:
    """Return the stored columns of all calls, each once."""
    return list({s.name: s for slot in slots(calls) for s in _states(slot)}.values())


def _states(slot: Slot) -> list[State]:
    """Return the stored columns of a call; those of a recomputed one have no partial form."""
    call, number = slot.call, slot.number
    name, type_ = quote(call.column.id), call.column.type.name
    fresh = f"({call.sql.sql})::{type_}"
    if call.merge is Merge.RECOMPUTE:
        return [State(name, fresh, f"NULL::{type_}", f"NULL::{type_}")]
    # COUNT counts a composite value that has NULLs, which IS NOT NULL is false of.
    counted = _filter(call, f"({call.argument.sql}) IS DISTINCT FROM NULL" if call.argument else None)
    if call.merge is Merge.COUNT:
        partial = f"coalesce(sum({WEIGHT}){counted}, 0)::bigint"
        return [State(name, fresh, partial, f"coalesce(s.{name}, 0) + g.{name}")]
    assert call.argument is not None
    argument = f"({call.argument.sql})"
    if call.merge in (Merge.MIN, Merge.MAX):
        return _extreme(call, argument, number)
    if call.merge in _DECIDES:
        return _decided(call, argument, number)
    some = f"__dt_n{number}"
    number_state = State(
        some,
        f"count({argument}){_filter(call)}",
        f"coalesce(sum({WEIGHT}){counted}, 0)::bigint",
        f"coalesce(s.{some}, 0) + g.{some}",
    )
    if slot.shared:
        return [number_state, _shared_sum(call, argument, number)]
    if call.varying:
        return [number_state, *_scaled_sum(call, argument, number)]
    return [number_state, _own_sum(call, argument, number)]


def _own_sum(call: AggregateCall, argument: str, number: int) -> State:
    """Return the sum as the result shows it: NULL when there is no value."""
    name, type_, some = quote(call.column.id), call.column.type.name, f"__dt_n{number}"
    merged = (
        f"CASE WHEN coalesce(s.{some}, 0) + g.{some} <> 0 "
        f"THEN (coalesce(s.{name}, 0) + coalesce(g.{name}, 0))::{type_} END"
    )
    return State(name, f"({call.sql.sql})::{type_}", f"{_weighed(call, argument)}::{type_}", merged)


def _shared_sum(call: AggregateCall, argument: str, number: int) -> State:
    """Return the sum that an AVG, and a SUM of the same argument, compute their results from."""
    name = f"__dt_t{number}"
    return State(
        name,
        f"sum({argument}){_filter(call)}::numeric",
        f"{_weighed(call, argument)}::numeric",
        f"coalesce(s.{name}, 0) + coalesce(g.{name}, 0)",
    )


def _weighed(call: AggregateCall, argument: str) -> str:
    """Return the sum of a delta's values, each as often as its weight says."""
    small = call.argument_type is not None and call.argument_type.base in ("smallint", "integer")
    return f"sum({argument}::{'bigint' if small else 'numeric'} * {WEIGHT}){_filter(call)}"


def _scaled_sum(call: AggregateCall, argument: str, number: int) -> list[State]:
    """Return the sum, with as many decimals as the value that has the most, and how many values have how many.

    The latter is one number: ten of its digits for each number of decimals. It is a sum like any other.
    """
    name, scales, some = quote(call.column.id), f"__dt_e{number}", f"__dt_n{number}"
    one = f"('1e' || scale({argument}) * 10)::numeric"
    merged = f"coalesce(s.{scales}, 0) + coalesce(g.{scales}, 0)"
    total = f"coalesce(s.{name}, 0) + coalesce(g.{name}, 0)"
    return [
        State(
            name,
            f"sum({argument}){_filter(call)}",
            f"sum({argument} * {WEIGHT}){_filter(call)}",
            f"CASE WHEN coalesce(s.{some}, 0) + g.{some} <> 0 "
            f"THEN round({total}, (length(({merged})::text) - 1) / 10) END",
        ),
        State(scales, f"sum({one}){_filter(call)}", f"sum({one} * {WEIGHT}){_filter(call)}", merged),
    ]


_DECIDES = {Merge.BOOL_AND: "NOT ", Merge.BOOL_OR: ""}
_SPECIAL = "('NaN'::numeric, 'Infinity'::numeric, '-Infinity'::numeric)"


def _decided(call: AggregateCall, argument: str, number: int) -> list[State]:
    """Return how many values there are, and how many of them decide the answer."""
    kinds = {"n": f"{argument} IS NOT NULL", "f": f"{_DECIDES[call.merge]}{argument}"}
    return [
        State(
            f"__dt_{kind}{number}",
            f"count(*){_filter(call, condition)}",
            f"coalesce(sum({WEIGHT}){_filter(call, condition)}, 0)::bigint",
            f"coalesce(s.__dt_{kind}{number}, 0) + g.__dt_{kind}{number}",
        )
        for kind, condition in kinds.items()
    ]


def result(slot: Slot) -> str | None:
    """Return the result over the states, or None where a state is the result."""
    if slot.call.merge in _DECIDES:
        sign = "=" if slot.call.merge is Merge.BOOL_AND else "<>"
        name = quote(slot.call.column.id)
        return f"CASE WHEN __dt_n{slot.number} <> 0 THEN __dt_f{slot.number} {sign} 0 END AS {name}"
    if not slot.shared:
        return None
    some, total = f"__dt_n{slot.number}", f"__dt_t{slot.number}"
    value = total if slot.call.merge is Merge.SUM else f"({total} / {some})"
    type_ = slot.call.column.type.name
    return f"CASE WHEN {some} <> 0 THEN {value}::{type_} END AS {quote(slot.call.column.id)}"


def redo(slot: Slot) -> str | None:
    """Return the condition, over s and g, that a merge is not enough for a group.

    A delta of a join may insert and delete the same row, so what is deleted is compared with the merged extreme: if it
    reaches that, the extreme may be gone.
    """
    call, name, gone = slot.call, quote(slot.call.column.id), f"g.__dt_d{slot.number}"
    match call.merge:
        case Merge.MIN:
            return f"coalesce({gone} <= LEAST(s.{name}, g.{name}), {gone} IS NOT NULL)"
        case Merge.MAX:
            return f"coalesce({gone} >= GREATEST(s.{name}, g.{name}), {gone} IS NOT NULL)"
        case Merge.SUM | Merge.AVG if call.argument_type is not None and call.argument_type.base == "numeric":
            total = f"__dt_t{slot.number}" if slot.shared else name
            return f"coalesce(s.{total}, 0) + coalesce(g.{total}, 0) IN {_SPECIAL}"
        case _:
            return None


def removed(call: AggregateCall, number: int) -> str | None:
    """Return the select item for the extreme of what a delta deletes."""
    if call.merge not in (Merge.MIN, Merge.MAX):
        return None
    assert call.argument is not None
    return f"{call.merge.lower()}({call.argument.sql}){_filter(call, f'{WEIGHT} < 0')} AS __dt_d{number}"


def _extreme(call: AggregateCall, argument: str, number: int) -> list[State]:
    name = quote(call.column.id)
    function = call.merge.lower()
    better = "LEAST" if call.merge is Merge.MIN else "GREATEST"
    return [
        State(
            name,
            f"{function}({argument}){_filter(call)}::{call.column.type.name}",
            f"{function}({argument}){_filter(call, f'{WEIGHT} > 0')}::{call.column.type.name}",
            f"{better}(s.{name}, g.{name})",
        )
    ]


def _filter(call: AggregateCall, *more: str | None) -> str:
    conditions: list[Scalar | str] = [call.condition] if call.condition is not None else []
    texts = [f"({c.sql})" if isinstance(c, Scalar) else c for c in conditions] + [m for m in more if m]
    return f" FILTER (WHERE {' AND '.join(texts)})" if texts else ""
