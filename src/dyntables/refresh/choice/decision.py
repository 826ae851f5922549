"""What one refresh of one table has to do: decided once, by one function, for the run, the sweep and the prediction.

They differ in what they know, and in nothing else: the run has counted what it owes, the sweep knows only whether there
is anything, the prediction estimates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from dyntables.catalog.model import Action, DynamicTable, RefreshReason
from dyntables.refresh.choice.choose import Choice

_FULL = (RefreshReason.FULL_MODE, RefreshReason.CHEAPER_IN_FULL, RefreshReason.NOT_INCREMENTAL)


@dataclass(frozen=True, slots=True)
class Nothing:
    """The contents are those of the definition."""

    choice: Choice | None = None

    @property
    def action(self) -> Action:
        """What it is called in the history."""
        return Action.NO_DATA

    @property
    def reason(self) -> RefreshReason:
        """Why."""
        return RefreshReason.NO_CHANGES


@dataclass(frozen=True, slots=True)
class FromChanges:
    """The changes are enough; ``changes``: rows by the name of their source, None where they are not counted."""

    changes: Mapping[str, int | None]
    choice: Choice | None = None

    @property
    def action(self) -> Action:
        """What it is called in the history."""
        return Action.INCREMENTAL

    @property
    def reason(self) -> RefreshReason:
        """Why."""
        return RefreshReason.CHANGES


@dataclass(frozen=True, slots=True)
class Rebuild:
    """Everything is computed anew; ``changes`` as far as they were counted before.

    ``ended``: the message with which a refresh by changes ended that this one takes the place of, and ``spent`` the
    seconds that it took, if they say what it costs.
    """

    reason: RefreshReason
    changes: Mapping[str, int | None] = field(default_factory=dict)
    choice: Choice | None = None
    ended: str | None = None
    spent: float = 0.0

    @property
    def action(self) -> Action:
        """What it is called in the history: FULL is as the definition or its cost wants it."""
        return Action.FULL if self.reason in _FULL else Action.REINITIALIZE


Decision = Nothing | FromChanges | Rebuild


class Evidence(Protocol):
    """What is so of one table and what it reads; a question that costs something is asked only if it decides."""

    @property
    def system(self) -> str:
        """The server and database at work."""
        ...

    @property
    def uses_clock(self) -> bool:
        """Whether contents change by themselves; asked of what is readable."""
        ...

    def fits(self) -> bool:
        """Tell whether the sources are as they were when the contents were computed."""
        ...

    def calls_the_same(self) -> bool:
        """Tell whether what the definition calls is."""
        ...

    def event(self) -> RefreshReason | None:
        """Return what happened to a source since then that its change log cannot say."""
        ...

    def captured(self) -> bool:
        """Tell whether all changes of the sources are captured."""
        ...

    def readable(self) -> bool:
        """Tell whether the definition, as it is read now, fits the storage."""
        ...

    def changes(self) -> Mapping[str, int | None]:
        """Return the changed rows that are owed, by source; empty is none, None is that nobody has counted."""
        ...

    def weigh(self, changes: Mapping[str, int | None]) -> Choice | None:
        """Return the cheaper way, or None if the table's mode leaves no choice or too little is known."""
        ...


def decide(table: DynamicTable, evidence: Evidence) -> Decision:
    """Return what a refresh of a table has to do."""
    reason = rebuild_reason(table, evidence)
    if reason is None and not evidence.readable():
        reason = RefreshReason.DEFINITION_CHANGED
    if reason is not None:
        return Rebuild(reason)
    changes = evidence.changes()
    if not changes and not evidence.uses_clock:
        return Nothing()
    choice = evidence.weigh(changes)
    if choice is not None and choice.action is Action.FULL:
        return Rebuild(RefreshReason.CHEAPER_IN_FULL, changes, choice)
    return FromChanges(changes, choice)


def rebuild_reason(table: DynamicTable, evidence: Evidence) -> RefreshReason | None:
    """Return why the changes are not enough, or None; before it is asked whether the definition can be read."""
    if not table.incremental:
        return RefreshReason.FULL_MODE
    contents = table.contents
    # Contents without a frontier were not computed here: no log is kept for them, and there is a reason.
    if contents.data_timestamp is None or (contents.frontier is None and contents.reinitialize_reason is None):
        return RefreshReason.INITIAL
    if contents.reinitialize_reason is not None:
        return RefreshReason(contents.reinitialize_reason)
    if table.view_oid is None:
        return RefreshReason.VIEW_MISSING
    if contents.system_identifier != evidence.system:
        return RefreshReason.OTHER_SERVER
    if not evidence.fits():
        return RefreshReason.SOURCE_ALTERED
    if not evidence.calls_the_same():
        return RefreshReason.FUNCTION_CHANGED
    return evidence.event() or (None if evidence.captured() else RefreshReason.CAPTURE_MISSING)
