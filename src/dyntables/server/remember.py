"""Remember for a while what is dear to compute."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from dyntables import clock

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """A value that is made again when it is older than so many seconds; who asks meanwhile waits for it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._known: tuple[float, Value] | None = None

    def get(self, make: Callable[[], Value]) -> Value:
        """Return the value."""
        with self._lock:
            if self._known is None or clock.monotonic() - self._known[0] > self._seconds:
                self._known = (clock.monotonic(), make())
            return self._known[1]

    def forget(self) -> None:
        """Make it again when it is asked for next."""
        with self._lock:
            self._known = None
