"""All kinds of special cases, in the order in which ``make fuzz`` takes turns."""

from __future__ import annotations

from tests.oracle.generation import odd_types
from tests.oracle.generation.laboratory import Laboratory
from tests.oracle.generation.model import Case
from tests.oracle.generation.special import (
    asking,
    deep,
    functions,
    raising,
    recursive,
    settings,
    shapes,
    stable,
    unequal,
    unread,
    writes,
)
from tests.oracle.generation.special.kind import Check

KINDS = {
    kind.name: kind
    for kind in (
        raising.KIND,
        odd_types.KIND,
        settings.KIND,
        functions.KIND,
        stable.KIND,
        writes.KIND,
        deep.KIND,
        unread.KIND,
        shapes.KIND,
        unequal.KIND,
        asking.KIND,
        recursive.KIND,
    )
}


def check_for(laboratory: Laboratory, case: Case) -> Check:
    """Return the check of a saved case."""
    kind = next((KINDS[word] for word in case.definitions[0].uses if word in KINDS), None)
    return kind.check(laboratory) if kind is not None else laboratory.check
