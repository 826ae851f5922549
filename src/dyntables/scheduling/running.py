"""A scheduler at work in a thread of its own: how every process starts it, and lets it finish."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from types import TracebackType

from dyntables.errors import DyntablesError
from dyntables.events import Bus
from dyntables.scheduling.scheduler import Scheduler


class RunningScheduler:
    """Runs from entering the context to leaving it, which waits for the refreshes that run.

    Ctrl-C during that wait cancels them; their tables keep their previous contents.

    Args:
        scheduler: what runs.
        bus: the one that it publishes on, for whoever wants to listen; it is silent before the context is entered.
        on_failure: called, in the thread, with what ended the scheduler for good.
        patience: how many seconds running refreshes are waited for at the end, before they are cancelled; None: for
            as long as they take.
        follow: called with the bus when it begins to run, to listen to it; returns what is called at the end.
        beside: what works as long as the scheduler does, and hears its last facts.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        bus: Bus,
        *,
        on_failure: Callable[[DyntablesError], None],
        patience: float | None = None,
        follow: Callable[[Bus], Callable[[], None]] = lambda _: lambda: None,
        beside: AbstractContextManager[object] | None = None,
    ) -> None:
        self.scheduler = scheduler
        self.bus = bus
        self._on_failure = on_failure
        self._beside: AbstractContextManager[object] = beside if beside is not None else nullcontext()
        self._patience = patience
        self._follow = follow
        self._leave: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=self._run, name="scheduler")

    @property
    def alive(self) -> bool:
        """Whether it has not ended, or failed for good."""
        return self._thread.is_alive()

    def wait(self, seconds: float) -> None:
        """Wait for its end, but not longer than that."""
        self._thread.join(seconds)

    def stop(self) -> None:
        """Start no more refreshes; leaving the context waits for those that run."""
        self.scheduler.stop()

    def __enter__(self) -> RunningScheduler:
        self._leave = self._follow(self.bus)
        self._beside.__enter__()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        with suppress(KeyboardInterrupt):
            self._thread.join(self._patience)
        if self._thread.is_alive():
            self.scheduler.cancel()
            self._thread.join()
        self._leave()
        self._beside.__exit__(kind, error, trace)

    def _run(self) -> None:
        try:
            self.scheduler.run()
        except DyntablesError as error:
            self._on_failure(error)
