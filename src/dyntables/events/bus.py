"""The bus: who publishes a fact knows nobody who listens, and none of them keeps the others from hearing it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeAlias

from dyntables.events.facts import Fact

Listener: TypeAlias = Callable[[Fact], None]


class Bus:
    """Hands facts to any number of listeners in this process, in the thread of who publishes.

    A listener has to be quick: what takes long it does in a thread of its own.

    Args:
        on_problem: called with what a listener raised; the fact goes on to the others.
    """

    def __init__(self, on_problem: Callable[[Exception], None] | None = None) -> None:
        self._on_problem = on_problem or (lambda _: None)
        self._lock = threading.Lock()
        self._listeners: tuple[Listener, ...] = ()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Add a listener; return what removes it."""
        with self._lock:
            self._listeners = (*self._listeners, listener)
        return lambda: self._leave(listener)

    def publish(self, fact: Fact) -> None:
        """Tell a fact; call it after the commit that made it so."""
        for listener in self._listeners:
            try:
                listener(fact)
            except Exception as error:
                # Whoever listens is not known here, and must not stop the scheduler.
                self._on_problem(error)

    def _leave(self, listener: Listener) -> None:
        with self._lock:
            self._listeners = tuple(known for known in self._listeners if known is not listener)
