"""The conditions of all kinds, found by listing the modules beside this one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from dyntables.alerts import conditions
from dyntables.alerts.condition import Condition
from dyntables.errors import InvalidOptionError


@cache
def all_conditions() -> Mapping[str, Condition]:
    """Return the condition of each kind, by its name."""
    modules = [import_module(f"{conditions.__name__}.{m.name}") for m in iter_modules(conditions.__path__)]
    found: list[Condition] = [m.CONDITION for m in modules if hasattr(m, "CONDITION")]
    return {condition.kind: condition for condition in found}


def condition_of(kind: str) -> Condition:
    """Return the condition of a kind.

    Raises:
        InvalidOptionError: there is none.
    """
    found = all_conditions().get(kind)
    if found is None:
        raise InvalidOptionError(
            f'there is no condition "{kind}"', hint=f"One of: {', '.join(sorted(all_conditions()))}."
        )
    return found
