"""The progress of what is prepared in the background, written by one thread and read by requests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dyntables import clock
from dyntables.server.schemas.preparation import Preparation, Step, StepState


class Steps:
    """Named steps; ``begin``, ``advance`` and ``end`` may be called from any thread.

    ``tell`` is given a line for each thing said, each step that is done, and a failure.
    """

    def __init__(self, *, active: bool = False, tell: Callable[[str], None] = lambda line: None) -> None:
        self._lock = threading.Lock()
        self._tell = tell
        self._steps: dict[str, Step] = {}
        self._preparation = Preparation(
            active=active, ready=not active, headline="", error=None, changed_rows=0, steps=[]
        )

    def begin(self, step: str, total: int) -> None:
        """Note that a step begins."""
        now = clock.now()
        self._put(Step(name=step, state=StepState.RUNNING, total=max(1, total), done=0, started_at=now, ended_at=None))

    def advance(self, step: str, amount: int) -> None:
        """Note that part of a step is done."""
        with self._lock:
            known = self._steps[step]
            done = min(known.total, known.done + amount)
            self._steps[step] = known.model_copy(update={"done": done})

    def end(self, step: str) -> None:
        """Note that a step is done."""
        with self._lock:
            known, now = self._steps[step], clock.now()
            values = {"state": StepState.DONE, "done": known.total, "ended_at": now}
            self._steps[step] = known.model_copy(update=values)
        self._tell(f"  {step}: {(now - (known.started_at or now)).total_seconds():.1f} s")

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Note begin and end of a step."""
        self.begin(name, 1)
        yield
        self.end(name)

    def say(self, headline: str, *, ready: bool = False) -> None:
        """Say what goes on."""
        self._change(headline=headline, ready=ready)
        self._tell(headline)

    def count(self, changed_rows: int) -> None:
        """Say how many rows the stream of changes has changed."""
        self._change(changed_rows=changed_rows)

    def fail(self, error: str) -> None:
        """Say that the preparation failed, and which step did."""
        with self._lock:
            for name, step in self._steps.items():
                if step.state is StepState.RUNNING:
                    values = {"state": StepState.FAILED, "ended_at": clock.now()}
                    self._steps[name] = step.model_copy(update=values)
        self._change(error=error)
        self._tell(f"failed: {error}")

    def preparation(self) -> Preparation:
        """Return the present picture."""
        with self._lock:
            return self._preparation.model_copy(update={"steps": list(self._steps.values())})

    def _put(self, step: Step) -> None:
        with self._lock:
            self._steps[step.name] = step

    def _change(self, **values: object) -> None:
        with self._lock:
            self._preparation = self._preparation.model_copy(update=values)
