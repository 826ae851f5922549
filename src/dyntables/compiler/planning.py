"""A definition → what keeps it fresh, or the reason why it is refreshed in full: the one door to the planner."""

from __future__ import annotations

from dyntables.compiler.plan.algebra.nodes import Plan, inputs, scans
from dyntables.compiler.plan.algebra.render import render
from dyntables.compiler.plan.binding.bind import bind
from dyntables.compiler.plan.environment import Environment, ViewText
from dyntables.compiler.program import Compiled, compile_plan
from dyntables.compiler.reasons import NotIncremental, Reason

# A table has 1,600 columns at most; those of ours come beside a row's own.
_WIDEST = 1580
# What a fault of the planner looks like. Everything else has its reason.
_FAULTS = (LookupError, AssertionError, TypeError, ValueError, AttributeError)


def plan_definition(view: ViewText, environment: Environment, storage: str) -> Compiled:
    """Plan a definition.

    Raises:
        NotIncremental: with the reason; NOT_PLANNED for a fault of the planner, or where the server refuses its text.
    """
    try:
        compiled = compile_plan(bind(view, environment), storage)
        _check_width(compiled.plan)
        environment.describe(render(compiled.plan))
        if compiled.determined is not None:
            environment.describe(compiled.determined)
    except RecursionError as error:
        raise NotIncremental(Reason.TOO_DEEP, "the query is nested too deeply to be planned") from error
    except _FAULTS as error:
        detail = f"the planner failed: {type(error).__name__}: {error}"
        raise NotIncremental(Reason.NOT_PLANNED, detail) from error
    return compiled


def _check_width(plan: Plan) -> None:
    waiting = [plan]
    while waiting:
        node = waiting.pop()
        if len(node.columns) > _WIDEST:
            detail = f"{len(node.columns)} columns are carried, and {_WIDEST} is the most"
            raise NotIncremental(Reason.TOO_WIDE, detail, next((s.source.name for s in scans(node)), None))
        waiting += inputs(node)
