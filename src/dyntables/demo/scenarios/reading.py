"""From ``<id>/scenario.toml`` to a scenario; what is wrong in the file is said with its place."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources.abc import Traversable
from typing import TypeVar

from dyntables.demo.scenarios.features import FEATURES
from dyntables.demo.scenarios.model import (
    Acted,
    Batch,
    Check,
    Deed,
    Equal,
    Faults,
    Holds,
    Live,
    Parameter,
    Run,
    Says,
    Scenario,
    Setting,
    Step,
    Until,
)
from dyntables.demo.tpch.schema import TABLES
from dyntables.demo.tpch.workload import parse_rate
from dyntables.errors import InvalidOptionError

T = TypeVar("T")
_NUMBER = (int, float)


class Entry:
    """A table of the file: its keys are taken by type, and what is left over is an error."""

    def __init__(self, place: str, values: Mapping[str, object]) -> None:
        self.place = place
        self._left = dict(values)

    def take(self, key: str, kind: type[T] | tuple[type[T], ...], default: T | None = None) -> T:
        """Return a value and cross it off.

        Raises:
            InvalidOptionError: it is not there and has no default, or is of another type.
        """
        value = self._left.pop(key, default)
        if not isinstance(value, kind):
            raise InvalidOptionError(
                f'{self.place}: "{key}" is missing' if value is None else f'{self.place}: "{key}" is of the wrong type'
            )
        return value

    def has(self, key: str) -> bool:
        """Whether the key is still there."""
        return key in self._left

    def entries(self, key: str) -> list[Entry]:
        """Return the tables of a list, none if the key is not there."""
        found = []
        for number, values in enumerate(self.take(key, list, []), start=1):
            if not isinstance(values, Mapping):
                raise InvalidOptionError(f"{self.place}: {key} {number} is not a table")
            found.append(Entry(f"{self.place}, {key} {number}", values))
        return found

    def words(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty if the key is not there."""
        return tuple(str(word) for word in self.take(key, list, []))

    def done(self) -> None:
        """Refuse keys that nobody has asked for."""
        if self._left:
            raise InvalidOptionError(f"{self.place}: unknown {', '.join(sorted(self._left))}")


def read(folder: Traversable) -> Scenario:
    """Return the scenario of a folder.

    Raises:
        InvalidOptionError: the file does not say what a scenario is.
    """
    entry = Entry(f"{folder.name}/scenario.toml", tomllib.loads((folder / "scenario.toml").read_text("utf-8")))
    setup = folder / "setup.sql"
    steps = tuple(_step(each) for each in entry.entries("steps"))
    scenario = Scenario(
        id=folder.name,
        title=entry.take("title", str),
        minutes=entry.take("minutes", int),
        learns=entry.words("learns"),
        tpch=entry.words("tpch"),
        settings=tuple(_setting(each) for each in entry.entries("settings")),
        setup=setup.read_text("utf-8") if setup.is_file() else "",
        steps=steps,
    )
    entry.done()
    if unknown := set(scenario.tpch) - {table.name for table in TABLES}:
        raise InvalidOptionError(f"{entry.place}: TPC-H has no {', '.join(sorted(unknown))}")
    _check_ids(entry.place, steps)
    return scenario


def _check_ids(place: str, steps: Sequence[Step]) -> None:
    ids = [step.id for step in steps]
    if not ids or len(set(ids)) < len(ids) or any(id.isdecimal() for id in ids):
        raise InvalidOptionError(f"{place}: every step needs an id of its own that is not a number")


def _setting(entry: Entry) -> Setting:
    setting = Setting(
        entry.take("name", str), Parameter(entry.take("kind", str)), entry.take("default", str), entry.take("says", str)
    )
    entry.done()
    return setting


def _step(entry: Entry) -> Step:
    id = entry.take("id", str)
    entry.place += f" ({id})"
    step = Step(
        id=id,
        title=entry.take("title", str),
        text=entry.take("text", str).strip(),
        look=entry.take("look", str, ""),
        deeds=tuple(_deed(each) for each in entry.entries("do")),
        checks=tuple(_check(each) for each in entry.entries("check")),
        shows=entry.take("shows", str, ""),
        needs=entry.words("needs"),
    )
    entry.done()
    if unknown := set(step.needs) - set(FEATURES):
        raise InvalidOptionError(f"{entry.place}: nobody knows how to look for {', '.join(sorted(unknown))}")
    if not step.checks:
        raise InvalidOptionError(f"{entry.place}: a step without a check teaches nothing")
    return step


def _deed(entry: Entry) -> Deed:
    deed: Deed
    if entry.has("orders"):
        deed = Batch(entry.take("orders", int), entry.take("every_kind", bool, False))
    elif entry.has("rate"):
        deed = Live(parse_rate(entry.take("rate", str)), float(entry.take("seconds", _NUMBER)))
    elif entry.has("until"):
        seconds = float(entry.take("seconds", _NUMBER, 60))
        deed = Until(entry.take("until", str), seconds, entry.take("scheduled", bool, False))
    elif entry.has("faults"):
        deed = Faults(entry.take("faults", float))
    else:
        deed = Run(
            entry.take("sql", str).strip(),
            entry.take("session", str, "learner"),
            entry.take("background", bool, False),
            entry.take("fails", str) if entry.has("fails") else None,
        )
    entry.done()
    return deed


def _check(entry: Entry) -> Check:
    check: Check
    hint = entry.take("hint", str)
    if entry.has("equal"):
        check = Equal(entry.take("equal", str), equal=True, hint=hint)
    elif entry.has("differs"):
        check = Equal(entry.take("differs", str), equal=False, hint=hint)
    elif entry.has("statement"):
        present = entry.has("says")
        text = entry.take("says" if present else "lacks", str)
        check = Says(entry.take("statement", str).strip(), text, present, hint)
    elif entry.has("table"):
        check = Acted(entry.take("table", str), entry.take("action", str), entry.take("reason", str, ""), hint)
    else:
        check = Holds(entry.take("sql", str).strip(), hint)
    entry.done()
    return check
