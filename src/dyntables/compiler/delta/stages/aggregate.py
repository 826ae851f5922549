"""Aggregates and DISTINCT, as a stage of their own.

Law: with S the stored states, S_new(k) = S(k) + Σ over delta rows of group k of weight · state(row), and a group whose
row count reaches 0 goes. Where a state has no inverse (MIN/MAX at a deleted extreme, COUNT(DISTINCT), floats, …) the
group is computed again from the new input.
State: one row for each group with its states and a hidden row count. Cost: the delta, and one look-up for each touched
group; for redone groups their rows, found by an index on the group key of the source.
Source: Mumick, Quass & Mumick, "Maintenance of Data Cubes and Summary Tables in a Warehouse" (SIGMOD 1997).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dyntables.compiler.delta.context import WEIGHT_COLUMN, Context, Purpose
from dyntables.compiler.delta.eager import Eager
from dyntables.compiler.delta.keys import identical
from dyntables.compiler.delta.stages import images, states
from dyntables.compiler.names import COUNT, KEY, ROW_ID, VISIBLE, WEIGHT, quote
from dyntables.compiler.plan.algebra.nodes import Column, Merge, Plan, Project, Relation, SqlType, ref
from dyntables.compiler.plan.algebra.render import from_item, render
from dyntables.compiler.stages import AggregateStage

REDO = "__dt_redo"
SEEN = "__dt_seen"
OLD_VISIBLE = "__dt_ovisible"


def fresh(stage: AggregateStage) -> str:
    """Return a SELECT of the whole storage from the new input."""
    return _finish(stage, _fresh_states(stage, from_item(stage.input, "i")))


def apply_delta(
    stage: AggregateStage,
    delta: Plan,
    context: Context,
    seen: tuple[Column, ...],
    *,
    last: bool,
    appended: bool,
    eager: Eager | None,
) -> Relation | None:
    """Add the statements that merge a delta of the input; return the output delta of the columns that are seen.

    Of the last stage these are the logged ones, or all if it cannot be counted otherwise; of a hidden stage all.
    Where rows were only appended, their states are those of a table of these rows, and no group can lose its extreme.
    With ``eager`` the delta is that of its fact, and is grouped by the link.
    """
    grouping = _Grouping.by_link(eager) if eager is not None else _Grouping.by_key(stage)
    groups = _touched(stage, delta, context, grouping, appended=appended)
    # The stored images come along where they are wanted, so that storage is looked up once.
    old = _old_images(stage, seen) if seen else {}
    done = _done(_Merge(stage, groups, old, appended), context, eager)
    context.run(
        Purpose.CHECK, f"SELECT EXISTS (SELECT 1 FROM {done} WHERE {COUNT} < 0)", "no group has a negative count"
    )
    _write(stage, done, context, unkeyed=not stage.key.columns)
    if not old:
        return None
    output = _output(stage, done, seen, old)
    columns = (*seen, WEIGHT_COLUMN)
    # The last stage's goes to its change log at once; a hidden stage's is read by the next.
    return Relation(f"({output})", columns) if last else context.temporary(output, columns, "output delta")


def _touched(stage: AggregateStage, delta: Plan, context: Context, grouping: _Grouping, *, appended: bool) -> str:
    """Store the groups of a delta with what it adds to their states; return the table's name."""
    if appended:
        partials = _fresh_states(stage, from_item(delta, "d"), grouping)
    elif _sums_only(stage):
        # Changes that cancel do so in the sums.
        partials = _partials(stage, context.early(delta, stage.arguments) or delta, grouping)
    else:
        partials = _partials(stage, delta, grouping)
    # Merged groups are joined by their key only. That there is one row of each, the planner does not see by itself: it
    # would hash the storage, not the groups.
    looked_up = () if _recomputes(stage) else grouping.names
    label, keyed = "groups touched by the delta", bool(stage.key.columns)
    return context.temporary(partials, (), label, analyze=keyed, analyzed=looked_up).name


def _done(merge: _Merge, context: Context, eager: Eager | None) -> str:
    """Store the touched groups as they will be, with what they were; return the table's name."""
    stage, old = merge.stage, merge.old
    if _recomputes(stage):
        rows, label = _recomputed(stage, merge.groups, old), "touched groups computed again"
    else:
        rows, label = merge.stored(eager) if eager is not None else merge.all(), "groups merged with their states"
    loses = _may_redo(stage) and not merge.appended
    keep = (ROW_ID, *((REDO,) if loses else ()), *old)
    # Joined by row id only, for which its size says enough.
    done = context.temporary(_finish(stage, rows, keep), (), label, analyze=False).name
    if eager is not None:
        names = ", ".join([*keep, *_stored_columns(stage)])
        context.run(
            Purpose.REDO,
            f"INSERT INTO {done} ({names}) SELECT {names} FROM ({_finish(stage, merge.new(eager), keep)}) z",
            "groups that are new, with their keys",
            guard=f"SELECT (SELECT count(*) FROM {merge.groups}) > (SELECT count(*) FROM {done})",
        )
    if loses:
        _redo(stage, done, old, context)
    return done


@dataclass(frozen=True, slots=True)
class _Grouping:
    """By what a delta is grouped: the select items of the keys, the expressions behind GROUP BY, what is looked up."""

    items: tuple[str, ...]
    by: tuple[str, ...]
    names: tuple[str, ...]
    whole: bool = True

    @classmethod
    def by_key(cls, stage: AggregateStage) -> _Grouping:
        """Group by the whole key."""
        names = tuple(quote(c.id) for c in stage.key.columns)
        return cls((*names, *stage.key.hash_item()), names, (KEY,) if stage.key.hashed else names)

    @classmethod
    def by_link(cls, eager: Eager) -> _Grouping:
        """Group by the column that equals the leading key, under the name of that."""
        link = quote(eager.link.id)
        name = quote(eager.key.id)
        return cls((f"{link} AS {name}",), (link,), (name,), whole=False)

    @property
    def clause(self) -> str:
        """Return the GROUP BY clause."""
        return f" GROUP BY {', '.join(self.by)}" if self.by else ""


def _state_columns(stage: AggregateStage, *, by_key: bool = True) -> list[states.State]:
    flags = [images.state(stage, by_key=by_key)] if images.flagged(stage) else []
    return states.state_columns(stage.node.calls) + flags


def _key_items(stage: AggregateStage, alias: str = "") -> list[str]:
    prefix = f"{alias}." if alias else ""
    names = [prefix + quote(c.id) for c in stage.key.columns]
    return names + ([prefix + KEY] if stage.key.hashed else [])


def _kept_key_items(stage: AggregateStage) -> list[str]:
    """Return the key as it is stored, where the group is: a key that is equal may print otherwise (1 and 1.0)."""
    items = []
    for column in stage.key.columns:
        name = quote(column.id)
        stored = f"CASE WHEN s.ctid IS NULL THEN g.{name} ELSE s.{name} END AS {name}"
        items.append(f"g.{name}" if column.type.image_equal else stored)
    return items + ([f"g.{KEY}"] if stage.key.hashed else [])


def _fresh_states(stage: AggregateStage, source: str, grouping: _Grouping | None = None) -> str:
    grouping = grouping or _Grouping.by_key(stage)
    items = [*grouping.items, f"count(*) AS {COUNT}"]
    items += [f"{s.fresh} AS {s.name}" for s in _state_columns(stage, by_key=grouping.whole)]
    return f"SELECT {', '.join(items)} FROM {source}{grouping.clause}"


def _partials(stage: AggregateStage, delta: Plan, grouping: _Grouping) -> str:
    items = [*grouping.items, f"coalesce(sum({WEIGHT}), 0)::bigint AS {COUNT}"]
    stored = _state_columns(stage, by_key=grouping.whole)
    items += [f"{s.partial} AS {s.name}" for s in stored]
    extremes = (states.removed(call, number) for number, call in enumerate(stage.node.calls))
    items += [e for e in extremes if e is not None]
    items += [images.lost()] if images.flagged(stage) and grouping.whole else []
    moved = [f"sum({WEIGHT}) <> 0"]
    moved += [s.partial if s.name == images.MIXED else f"coalesce({s.partial}, 0) <> 0" for s in stored]
    having = f" HAVING {' OR '.join(moved)}" if grouping.by and _sums_only(stage) else ""
    return f"SELECT {', '.join(items)} FROM {from_item(delta, 'd')}{grouping.clause}{having}"


def _sums_only(stage: AggregateStage) -> bool:
    """Tell whether changes that cancel leave every state as it was: all states are sums."""
    return all(c.merge not in (Merge.MIN, Merge.MAX, Merge.RECOMPUTE) for c in stage.node.calls)


def _old_images(stage: AggregateStage, columns: tuple[Column, ...]) -> dict[str, str]:
    """Return names for what readers above see of the stored row, and the stored columns they hold."""
    seen = {f"__dt_o{number}": quote(c.id) for number, c in enumerate(columns)}
    return seen | ({OLD_VISIBLE: VISIBLE} if stage.filtered else {})


@dataclass(frozen=True, slots=True)
class _Merge:
    """SELECTs of touched groups g merged with their stored rows s; ``old`` names the stored images to carry along."""

    stage: AggregateStage
    groups: str
    old: dict[str, str]
    appended: bool

    def all(self) -> str:
        """Merge groups that have their whole key."""
        stage = self.stage
        return self._select(_kept_key_items(stage), f"LEFT JOIN {stage.storage} s ON {stage.key.match('g', 's')}")

    def stored(self, eager: Eager) -> str:
        """Merge the groups that are stored; these have the rest of the key."""
        key = quote(eager.key.id)
        joined = f"JOIN {self.stage.storage} s ON s.{key} = g.{key}"
        return self._select(_key_items(self.stage, "s"), joined, by_key=False)

    def new(self, eager: Eager) -> str:
        """Merge the groups that are not stored; the rest of the key is looked up, and where there is none they go."""
        key = quote(eager.key.id)
        return self._select(
            _key_items(self.stage, "r"),
            f"LEFT JOIN {self.stage.storage} s ON s.{key} = g.{key} "
            f"JOIN {from_item(eager.dimension, 'r')} ON r.{key} = g.{key} WHERE s.ctid IS NULL",
            by_key=False,
        )

    def _select(self, keys: list[str], joined: str, *, by_key: bool = True) -> str:
        calls = self.stage.node.calls
        items = [*keys, f"s.ctid AS {ROW_ID}", f"coalesce(s.{COUNT}, 0) + g.{COUNT} AS {COUNT}"]
        items += [f"{s.merged} AS {s.name}" for s in _state_columns(self.stage, by_key=by_key)]
        conditions = [c for slot in states.slots(calls) if (c := states.redo(slot)) is not None]
        if images.flagged(self.stage):
            conditions.append(images.redo(self.stage) if by_key else "false")
        if conditions and not self.appended:
            items.append(f"({' OR '.join(conditions)}) AS {REDO}")
        items += [f"s.{stored} AS {name}" for name, stored in self.old.items()]
        return f"SELECT {', '.join(items)} FROM {self.groups} g {joined}"


def _recomputed(stage: AggregateStage, groups: str, old: dict[str, str]) -> str:
    fresh_rows = _fresh_states(stage, f"({stage.key.restrict(stage.input, groups)}) i")
    odd = {c.id for c in images.odd_columns(stage)}
    # The rows that are left say what their key prints.
    keys = [
        f"CASE WHEN n.{COUNT} IS NULL THEN g.{name} ELSE n.{name} END AS {name}" if c.id in odd else f"g.{name}"
        for c in stage.key.columns
        for name in (quote(c.id),)
    ]
    items = [*keys, *([f"g.{KEY}"] if stage.key.hashed else []), f"s.ctid AS {ROW_ID}"]
    items.append(f"coalesce(n.{COUNT}, 0) AS {COUNT}")
    items += [f"n.{s.name}" for s in _state_columns(stage)]
    items += [f"s.{stored} AS {name}" for name, stored in old.items()]
    return (
        f"SELECT {', '.join(items)} FROM {groups} g LEFT JOIN ({fresh_rows}) n ON {stage.key.match('g', 'n')} "
        f"LEFT JOIN {stage.storage} s ON {stage.key.match('g', 's')}"
    )


def _recomputes(stage: AggregateStage) -> bool:
    """Tell whether touched groups are computed again rather than merged."""
    return any(call.merge is Merge.RECOMPUTE for call in stage.node.calls)


def _may_redo(stage: AggregateStage) -> bool:
    """Tell whether a deletion may make it necessary to compute a group again."""
    redone = images.flagged(stage) or any(map(states.redo, states.slots(stage.node.calls)))
    return redone and not _recomputes(stage)


def _redo(stage: AggregateStage, done: str, old: dict[str, str], context: Context) -> None:
    """Replace the rows of groups that cannot be merged, as those that lost their extreme, by rows computed again."""
    # The single group of an aggregate without keys lives on when it is empty.
    lost = f"{REDO} AND {COUNT} > 0" if stage.key.columns else REDO
    guard = f"SELECT EXISTS (SELECT 1 FROM {done} WHERE {lost})"
    fresh_rows = _fresh_states(stage, f"({stage.key.restrict(stage.input, 'gone')}) i")
    items = [*_key_items(stage, "n" if images.flagged(stage) else "g"), f"g.{ROW_ID}", f"n.{COUNT}", f"false AS {REDO}"]
    items += [f"n.{s.name}" for s in _state_columns(stage)]
    items += [f"g.{name}" for name in old]
    again = f"SELECT {', '.join(items)} FROM gone g JOIN ({fresh_rows}) n ON {stage.key.match('g', 'n')}"
    names = ", ".join([ROW_ID, REDO, *old, *_stored_columns(stage)])
    sql = (
        f"WITH gone AS (DELETE FROM {done} WHERE {lost} RETURNING *) "
        f"INSERT INTO {done} ({names}) SELECT {names} FROM ({_finish(stage, again, (ROW_ID, REDO, *old))}) z"
    )
    context.run(Purpose.REDO, sql, "groups that cannot be merged", guard=guard)


def _finish(stage: AggregateStage, rows: str, keep: tuple[str, ...] = ()) -> str:
    """Return the full storage rows over rows of states: results, then the outputs of the tail."""
    hidden = [*keep, *([KEY] if stage.key.hashed else []), COUNT]
    stateful = [s.name for s in _state_columns(stage)]
    results = [r for slot in states.slots(stage.node.calls) if (r := states.result(slot)) is not None]
    keys = [quote(c.id) for c in stage.key.columns]
    # OFFSET keeps the planner from writing out each state again wherever a result or an output reads it.
    based = f"SELECT {', '.join([*hidden, *keys, *stateful, *results])} FROM ({rows} OFFSET 0) b"
    if stage.tail is None:
        return based
    base = {c.id for c in stage.node.columns}
    computed = [quote(c.id) for c in stage.tail.columns if c.id not in base and (c.id != VISIBLE or stage.filtered)]
    if not computed:
        return based
    inner = _tail_over(stage, based, [*hidden, *stateful])
    base_names = [quote(c.id) for c in stage.node.columns]
    carried = [n for n in dict.fromkeys([*hidden, *stateful, *base_names]) if n not in computed]
    return f"SELECT {', '.join([*carried, *computed])} FROM ({inner}) y"


def _tail_over(stage: AggregateStage, based: str, carried: list[str]) -> str:
    """Return the tail's rows with the carried hidden columns beside them."""
    assert stage.tail is not None
    own = {quote(c.id) for c in stage.tail.columns}
    extra = [c for c in carried if c not in own]
    sql = render(_thread(stage.tail, tuple(extra)))
    return f"WITH x AS NOT MATERIALIZED ({based}) {sql}"


def _thread(tail: Plan, extra: tuple[str, ...]) -> Plan:
    """Carry columns by name through a chain of projections."""
    if isinstance(tail, Relation):
        return replace(tail, columns=(*tail.columns, *(Column(e, SqlType("unknown")) for e in extra)))
    assert isinstance(tail, Project)
    return Project(
        _thread(tail.input, extra),
        (*tail.columns, *(Column(e, SqlType("unknown")) for e in extra)),
        (*tail.expressions, *(ref(e) for e in extra)),
    )


def _stored_columns(stage: AggregateStage) -> list[str]:
    names = [*([KEY] if stage.key.hashed else []), COUNT]
    names += [quote(c.id) for c in stage.key.columns]
    names += [s.name for s in _state_columns(stage)]
    names += [quote(c.id) for c in stage.node.columns]
    if stage.tail is not None:
        names += [quote(c.id) for c in stage.tail.columns if c.id != VISIBLE]
        names += [VISIBLE] if stage.filtered else []
    return list(dict.fromkeys(names))


def _output(stage: AggregateStage, done: str, seen: tuple[Column, ...], old: dict[str, str]) -> str:
    """Return a SELECT of what the stage changed, as seen from above; ``old`` names the stored images."""
    names = ", ".join(quote(c.id) for c in seen)
    shown = ", ".join(f"v.{quote(c.id)}" for c in seen)
    before = [f"m.{name}" for name in old if name != OLD_VISIBLE]
    after = [f"m.{quote(c.id)}" for c in seen]
    live = f"m.{COUNT} > 0" if stage.key.columns else "true"
    stored = f"m.{ROW_ID} IS NOT NULL"
    same = f"{stored} AND {live} AND {_same_images(stage, seen, before, after)}"
    old_seen, new_seen = stored, live
    if stage.filtered:
        same += f" AND m.{OLD_VISIBLE} = m.{VISIBLE}"
        old_seen += f" AND m.{OLD_VISIBLE}"
        new_seen += f" AND m.{VISIBLE}"
    # One look at each group gives both of its images; comparing them is the dear part.
    return (
        f"SELECT {shown}, v.{WEIGHT} FROM {done} m CROSS JOIN LATERAL (VALUES "
        f"({', '.join(before)}, -1, {old_seen}), ({', '.join(after)}, 1, {new_seen})) "
        f"v({names}, {WEIGHT}, {SEEN}) WHERE v.{SEEN} AND NOT ({same})"
    )


def _same_images(stage: AggregateStage, seen: tuple[Column, ...], before: list[str], after: list[str]) -> str:
    """Return the condition that a group looks as before; cheap comparisons come first."""
    keys = {c.id for c in stage.key.columns if c.type.image_equal}
    pairs = [(c, b, a) for c, b, a in zip(seen, before, after, strict=True) if c.id not in keys]
    tests = [f"{b} IS NOT DISTINCT FROM {a}" for c, b, a in pairs if c.type.image_equal]
    others = [(b, a) for c, b, a in pairs if not c.type.image_equal]
    tests += [identical([b for b, _ in others], [a for _, a in others])] if others else []
    return " AND ".join(tests) if tests else "true"


def _write(stage: AggregateStage, done: str, context: Context, *, unkeyed: bool) -> None:
    columns = _stored_columns(stage)
    keys = {quote(c.id) for c in stage.key.columns if c.type.image_equal} | {KEY}
    values = [c for c in columns if c not in keys]
    assigned = ", ".join(f"{c} = m.{c}" for c in values)
    live = "true" if unkeyed else f"m.{COUNT} > 0"
    # Changes may cancel within a group. Mostly its count tells, which is cheaper to compare than the whole row.
    same = identical([f"s.{c}" for c in values], [f"m.{c}" for c in values])
    context.run(
        Purpose.UPDATE,
        f"UPDATE {stage.storage} s SET {assigned} FROM {done} m WHERE s.ctid = m.{ROW_ID} AND {live} "
        f"AND (s.{COUNT} <> m.{COUNT} OR NOT {same})",
        "update groups",
    )
    if not unkeyed:
        context.run(
            Purpose.DELETE,
            f"DELETE FROM {stage.storage} s USING {done} m WHERE s.ctid = m.{ROW_ID} AND m.{COUNT} <= 0",
            "delete empty groups",
        )
    names = ", ".join(columns)
    context.run(
        Purpose.INSERT,
        f"INSERT INTO {stage.storage} ({names}) SELECT {names} FROM {done} m WHERE m.{ROW_ID} IS NULL AND {live}",
        "insert groups",
    )
