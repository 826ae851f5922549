"""Scenarios: lessons in steps that check themselves. A folder each; whoever adds one adds a folder."""

from __future__ import annotations

from importlib import resources

from dyntables.demo.scenarios.model import Scenario
from dyntables.demo.scenarios.reading import read
from dyntables.errors import NotFoundError

# From what is new to everybody to what is the learner's own; others come after these.
_ORDER = ("race", "chain", "quality", "workshop", "trust", "yours")


def scenarios() -> list[Scenario]:
    """Return all scenarios, in the order in which they are best played."""
    found = [read(entry) for entry in resources.files(__name__).iterdir() if (entry / "scenario.toml").is_file()]
    return sorted(found, key=lambda s: (_ORDER.index(s.id) if s.id in _ORDER else len(_ORDER), s.id))


def find_scenario(id: str) -> Scenario:
    """Return a scenario by its id.

    Raises:
        NotFoundError: there is none of that id.
    """
    for scenario in scenarios():
        if scenario.id == id:
            return scenario
    raise NotFoundError(f'there is no scenario "{id}"', hint="dyntables learn --list names all of them.")
