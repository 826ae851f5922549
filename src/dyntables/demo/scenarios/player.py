"""Play a scenario: do a step, check it, skip it, repeat it; what came of it is kept in the learner's schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dyntables import clock
from dyntables.commands.session import Result
from dyntables.demo.scenarios.checking import Checked, check
from dyntables.demo.scenarios.features import missing
from dyntables.demo.scenarios.model import Scenario, Step
from dyntables.demo.scenarios.performing import perform
from dyntables.demo.scenarios.progress import State
from dyntables.demo.scenarios.stage import Stage
from dyntables.engines.postgres.connection.errors import translated
from dyntables.errors import DyntablesError


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a step.

    Attributes:
        says: why it could not be done or checked at all; empty otherwise.
        shown: the rows that the step shows; without columns if it shows none.
    """

    step: Step
    state: State
    seconds: float
    checks: tuple[Checked, ...] = ()
    says: str = ""
    shown: Result = field(default_factory=Result)


class Player:
    """A learner's way through a scenario, on a stage that is prepared."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    @property
    def scenario(self) -> Scenario:
        """What is played."""
        return self.stage.scenario

    def standing(self) -> list[tuple[Step, State]]:
        """Return each step with how it stands."""
        states = self.stage.progress.states()
        return [(step, states.get(step.id, State.TO_DO)) for step in self.scenario.steps]

    def present(self) -> Step | None:
        """Return the first step that is neither done nor skipped; None at the end."""
        return next((s for s, state in self.standing() if state not in (State.DONE, State.SKIPPED)), None)

    def do(self, step: Step) -> Outcome:
        """Do a step for the learner, and check it."""
        return self._outcome(step, perform_first=True)

    def check(self, step: Step) -> Outcome:
        """Check what the learner has done."""
        return self._outcome(step, perform_first=False)

    def skip(self, step: Step) -> None:
        """Go on without a step."""
        self.stage.progress.set(step.id, State.SKIPPED)

    def repeat(self, step: Step) -> None:
        """Take up a step once more."""
        self.stage.progress.set(step.id, State.TO_DO)

    def auto(self) -> Iterator[Outcome]:
        """Do every step that is not done yet, and check it; end after the first that fails."""
        for step, state in self.standing():
            if state is State.DONE:
                continue
            outcome = self.do(step)
            yield outcome
            if outcome.state is State.FAILED:
                return

    def _outcome(self, step: Step, *, perform_first: bool) -> Outcome:
        started = clock.monotonic()
        outcome = self._tried(step, started, perform_first=perform_first)
        self.stage.progress.set(step.id, outcome.state)
        return outcome

    def _tried(self, step: Step, started: float, *, perform_first: bool) -> Outcome:
        try:
            if lacking := missing(self.stage.session(), step.needs):
                says = f"needs {' and '.join(lacking)}, which this version of dyntables does not have"
                return Outcome(step, State.UNAVAILABLE, clock.monotonic() - started, says=says)
            if perform_first:
                with translated():
                    perform(self.stage, step)
            checks = tuple(check(self.stage, wanted) for wanted in step.checks)
            shown = self._shown(step)
        except DyntablesError as error:
            return Outcome(step, State.FAILED, clock.monotonic() - started, says=f"{error}{self._left_out(step)}")
        state = State.DONE if all(c.holds for c in checks) else State.FAILED
        return Outcome(step, state, clock.monotonic() - started, checks, shown=shown)

    def _shown(self, step: Step) -> Result:
        return self.stage.session().execute(self.stage.written(step.shows)) if step.shows else Result()

    def _left_out(self, step: Step) -> str:
        """Say which steps before this one were not done: a step builds on those before it."""
        before = self.standing()[: self.scenario.steps.index(step)]
        left = [each.title for each, state in before if state is not State.DONE]
        return f"\nHINT: Not done before it: {'; '.join(left)}." if left else ""
