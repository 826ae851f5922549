"""Comparisons whose operator SQL does not write → the same with the operator.

``USING``, ``IS DISTINCT FROM``, ``NULLIF`` and ``CASE x WHEN`` compare by what is found under the name ``=``. The
server's text of a query is run under an empty path, where that may be another operator than its author's, or none.

Before:  a.mail IS DISTINCT FROM b.mail
After:   NOT COALESCE(a.mail OPERATOR(public.=) b.mail, a.mail IS NULL AND b.mail IS NULL)

Which operator a comparison had is tried out: each is written with each candidate while all others compare nothing. That
the result means what the author wrote is not known here: whoever asks has to compare what the server makes of both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlglot import exp

from dyntables.compiler.plan.environment import Environment
from dyntables.compiler.plan.text.dialect import generate, parse
from dyntables.compiler.plan.text.using import Sides, open_using, sides_of
from dyntables.compiler.reasons import NotIncremental

_NUMBER = "dt_comparison"
_NOTHING = ""  # in place of an operator: the operands are read, and not compared
_PLAIN = "="

# A comparison: the number of the construct that it is in, and which of its comparisons it is.
_Place = tuple[int, int]


def explicit(
    sql: str, operators: Sequence[str], environment: Environment, accepts: Callable[[str], bool]
) -> str | None:
    """Return a query with the operators of its comparisons written out, or None if that cannot be done.

    Args:
        sql: the server's own text.
        operators: the candidates, such as ``OPERATOR(public.=)``.
        environment: knows the columns of relations.
        accepts: tells whether the server takes a text.
    """
    try:
        text = _Text(parse(sql), environment)
    except NotIncremental:
        return None
    neutral = dict.fromkeys(text.places, _NOTHING)
    if not text.places or not accepts(text.written(neutral)):
        return None
    chosen = {}
    for place in text.places:
        fitting = (o for o in operators if accepts(text.written({**neutral, place: o})))
        chosen[place] = next(fitting, _PLAIN)
    return text.written(chosen)


class _Text:
    """A query whose constructs are numbered; ``places`` are all of its comparisons."""

    def __init__(self, tree: exp.Expr, environment: Environment) -> None:
        self.tree = tree
        for number, node in enumerate([n for n in tree.walk() if _comparisons(n)]):
            node.set(_NUMBER, number)
        joins = [j for j in tree.find_all(exp.Join) if j.args.get("using")]
        self._sides: dict[int, Sides] = {j.args[_NUMBER]: sides_of(j, environment) for j in joins}

    @property
    def places(self) -> list[_Place]:
        return [(n.args[_NUMBER], i) for n in self.tree.walk() if _NUMBER in n.args for i in range(_comparisons(n))]

    def written(self, operators: Mapping[_Place, str]) -> str:
        """Return the query with the given operators; a construct that has the plain one only stays as it is."""
        tree = self.tree.copy()
        marked = [n for n in tree.walk() if _NUMBER in n.args]
        # What is inside of another construct comes after it.
        for node in reversed(marked):
            number = node.args[_NUMBER]
            own = [operators[number, i] for i in range(_comparisons(node))]
            if any(o != _PLAIN for o in own):
                self._write(node, own)
        for node in marked:
            node.args.pop(_NUMBER, None)
        return generate(tree)

    def _write(self, node: exp.Expr, operators: list[str]) -> None:
        if isinstance(node, exp.Join):
            sides = self._sides[node.args[_NUMBER]]
            pairs = zip(sides.left, sides.right, operators, strict=True)
            open_using(node, sides, " AND ".join(_compared(a, b, o) for a, b, o in pairs))
        elif isinstance(node, exp.Case):
            subject = generate(node.this)
            node.set("this", None)
            for branch, operator in zip(node.args["ifs"], operators, strict=True):
                branch.set("this", exp.Var(this=_compared(subject, generate(branch.this), operator)))
        elif isinstance(node, exp.Anonymous):
            first, second = (generate(e) for e in node.expressions)
            test = _compared(first, second, operators[0])
            node.replace(exp.Var(this=f"CASE WHEN {test} THEN NULL ELSE {first} END"))
        else:
            node.replace(exp.Var(this=_distinct(node, operators[0])))


def _comparisons(node: exp.Expr) -> int:
    """Return how many comparisons without an operator a node itself makes."""
    if isinstance(node, exp.Join):
        return len(node.args.get("using") or [])
    if isinstance(node, exp.Case):
        return len(node.args["ifs"]) if node.this is not None else 0
    if isinstance(node, exp.Anonymous):
        return int(str(node.this).upper() == "NULLIF")
    if isinstance(node, (exp.NullSafeEQ, exp.NullSafeNEQ)):
        return int(not isinstance(node.expression, exp.Null))
    return 0


def _compared(left: str, right: str, operator: str) -> str:
    return f"(({left}) {operator} ({right}))" if operator else f"(num_nonnulls({left}, {right}) > 0)"


def _distinct(node: exp.Expr, operator: str) -> str:
    left, right = generate(node.this), generate(node.expression)
    null = " AND ".join(f"({side}) IS NOT DISTINCT FROM NULL" for side in (left, right))
    equal = f"COALESCE({_compared(left, right, operator)}, {null})"
    return f"({equal})" if isinstance(node, exp.NullSafeEQ) else f"(NOT {equal})"
