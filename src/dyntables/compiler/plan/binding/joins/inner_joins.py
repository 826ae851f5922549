"""Inner joins of any arity: laid open, and put together again in the order that is wanted."""

from __future__ import annotations

from dataclasses import dataclass

from dyntables.compiler.plan.algebra.nodes import Filter, Join, JoinKind, Plan, Project, Relation, Scalar, Scan, ref
from dyntables.compiler.plan.binding.joins.implied import narrowed
from dyntables.compiler.plan.binding.values.equalities import equality


@dataclass(frozen=True, slots=True)
class InnerJoins:
    """The inputs of nested inner joins, and all their predicates."""

    inputs: tuple[Plan, ...]
    predicates: tuple[Scalar, ...]


def lay_open(plan: Plan) -> InnerJoins:
    """Return the inner joins at the top of a plan, laid open; a plan of another kind is the only input."""
    found: list[Plan] = []
    predicates: list[Scalar] = []

    def visit(node: Plan) -> None:
        if isinstance(node, Join) and node.kind is JoinKind.INNER:
            predicates.extend(node.on)
            visit(node.left)
            visit(node.right)
        elif isinstance(node, Filter) and isinstance(node.input, Join) and node.input.kind is JoinKind.INNER:
            predicates.extend(node.predicates)
            visit(node.input)
        elif isinstance(node, Project) and all(
            e.sql == c.id for c, e in zip(node.columns, node.expressions, strict=True)
        ):
            visit(node.input)
        else:
            found.append(node)

    visit(plan)
    return InnerJoins(narrowed(tuple(found), tuple(predicates)), tuple(predicates))


def split_last(joins: InnerJoins) -> InnerJoins:
    """Return the same join with two inputs: one of its inputs, and the join of the others in linked order."""
    ordered = _in_small_steps(joins.inputs[:1], joins.inputs[1:], joins.predicates)
    inside, across = part_predicates(joins.predicates, ids_of(*ordered[:-1]))
    return InnerJoins((join_in_order(ordered[:-1], inside), ordered[-1]), across)


def part_predicates(
    predicates: tuple[Scalar, ...], known: frozenset[str]
) -> tuple[tuple[Scalar, ...], tuple[Scalar, ...]]:
    """Return the predicates over known columns, and the others."""
    inside = tuple(p for p in predicates if p.refs <= known)
    return inside, tuple(p for p in predicates if p not in inside)


def parents_and_children(parts: tuple[Plan, ...], predicates: tuple[Scalar, ...]) -> bool:
    """Tell whether parts hang together by predicates that equate a unique column of the one with the other's."""
    joined, waiting = [parts[0]], list(parts[1:])
    while waiting:
        found = next((w for w in waiting if any(_is_family(w, j, predicates) for j in joined)), None)
        if found is None:
            return False
        joined.append(found)
        waiting.remove(found)
    return True


def _is_family(one: Plan, other: Plan, predicates: tuple[Scalar, ...]) -> bool:
    return any(determines(p, one, ids_of(other)) or determines(p, other, ids_of(one)) for p in predicates)


def ids_of(*plans: Plan) -> frozenset[str]:
    """Return the column ids of plans."""
    return frozenset(c.id for p in plans for c in p.columns)


def is_table(plan: Plan) -> bool:
    """Tell whether a column that is unique in its source is so in the plan."""
    return isinstance(plan, Scan) or (isinstance(plan, Filter) and is_table(plan.input))


def determines(predicate: Scalar, table: Plan, known: frozenset[str]) -> bool:
    """Tell whether a predicate equates a unique column of a table with something over known columns."""
    sides = equality(predicate, ids_of(table))
    if sides is None or not sides.there.refs or not sides.there.refs <= known or not is_table(table):
        return False
    return any(c.id == sides.here.sql and c.unique for c in table.columns)


def join_in_order(parts: tuple[Plan, ...], predicates: tuple[Scalar, ...], *, led: bool = False) -> Plan:
    """Join parts one after the other, each predicate as soon as its columns are there.

    If ``led``, the server is held to this order.
    """
    plan, left = parts[0], list(predicates)
    for part in parts[1:]:
        known = ids_of(plan, part)
        on = tuple(p for p in left if p.refs <= known)
        left = [p for p in left if p not in on]
        plan = Join(JoinKind.INNER, plan, part, on, led=led)
    return Filter(plan, tuple(left)) if left else plan


def lead(small: tuple[Plan, ...], others: tuple[Plan, ...], predicates: tuple[Scalar, ...]) -> Plan:
    """Join small relations with others so that the size stays small: what is small comes first, then look-ups by a key.

    The server estimates how many rows share a value, and where it errs it starts from a table instead of the few rows
    that changed; so the order is ours.
    """
    return join_in_order(_in_small_steps(small, others, predicates), predicates, led=True)


@dataclass(frozen=True, slots=True)
class LeadKey:
    """An expression over rows, the column of leading ones that it equals, and how that equality is written."""

    here: Scalar
    name: str
    operator: str


def lead_rows(first: Relation, keys: tuple[LeadKey, ...], plan: Plan) -> Plan:
    """Return the rows of a plan that have one of some keys, looked up from these; ``first`` has each key once.

    Args:
        first: the keys, under names of their own.
        keys: what of the rows equals which column of ``first``.
        plan: the rows.
    """
    above = plan if isinstance(plan, Project) else None
    joins = lay_open(above.input if above is not None else plan)
    computed = {c.id: e for c, e in zip(above.columns, above.expressions, strict=True)} if above is not None else {}
    if any(r in computed and computed[r].sql != r and k.here.sql != r for k in keys for r in k.here.refs):
        # A key over a computed column: the plan is joined as it is.
        joins, above = InnerJoins((plan,), ()), None
    sides = [(computed.get(k.here.sql, k.here) if above is not None else k.here, k) for k in keys]
    same = tuple(Scalar(f"({here.sql}) {k.operator} {k.name}", here.refs | {k.name}) for here, k in sides)
    joined = lead((first,), joins.inputs, (*joins.predicates, *same))
    expressions = above.expressions if above is not None else tuple(ref(c.id) for c in plan.columns)
    return Project(joined, plan.columns, expressions)


def _in_small_steps(
    small: tuple[Plan, ...], others: tuple[Plan, ...], predicates: tuple[Scalar, ...]
) -> tuple[Plan, ...]:
    """Order parts, the first of the small ones first: each next one has a link to those before, as long as any has."""
    ordered, waiting = [small[0]], [*small[1:], *others]
    while waiting:
        known = ids_of(*ordered)
        ranks = {n: _rank(part, known, predicates, small=part in small) for n, part in enumerate(waiting)}
        ordered.append(waiting.pop(max(ranks, key=lambda n: ranks[n])))
    return tuple(ordered)


def _rank(
    part: Plan, known: frozenset[str], predicates: tuple[Scalar, ...], *, small: bool
) -> tuple[bool, bool, bool, bool, int]:
    """Rank an input by what joining it next keeps small: few rows, one partner for each, a filter, equal columns."""
    own = ids_of(part)
    links = [p for p in predicates if p.refs & own and p.refs & known and p.refs <= own | known]
    equal = sum(equality(p, own) is not None for p in links)
    unique = any(determines(p, part, known) for p in links)
    return bool(links), small, unique, isinstance(part, Filter), equal
