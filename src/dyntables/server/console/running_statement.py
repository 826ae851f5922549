"""A statement of the console while it runs, and how it is stopped."""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, field
from datetime import datetime

import psycopg

from dyntables import clock

_PATIENCE = 5.0
_PAUSE = 0.1


@dataclass(slots=True)
class RunningStatement:
    """A statement that has a connection; ``begun`` once its first row is there."""

    id: uuid.UUID
    user: str
    sql: str
    started_at: datetime
    connection: psycopg.Connection
    begun: threading.Event = field(default_factory=threading.Event)
    _ended: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def stop(self) -> None:
        """Cancel it, until that has come to the statement itself or for a time.

        The server forgets a request that comes between two statements, and before a person's there are some of ours.
        """
        until = clock.monotonic() + _PATIENCE
        while True:
            begun = self.begun.is_set()
            with self._lock:
                if self._ended:
                    return
                self.connection.cancel_safe(timeout=_PATIENCE)
            if begun or clock.monotonic() > until:
                return
            self.begun.wait(_PAUSE)

    def end(self) -> None:
        """Leave the connection to others: no cancel comes to it any more."""
        with self._lock:
            self._ended = True
        self.begun.set()
