"""The server's time, as of its last answer and counted on from there: a jump of our own clock changes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from dyntables import clock


class ServerClock:
    """Tells the server's time between two answers of it."""

    def __init__(self) -> None:
        self._seen: tuple[datetime, float] | None = None

    def hear(self, server_time: datetime) -> None:
        """Note what the server says it is."""
        self._seen = (server_time, clock.monotonic())

    def now(self) -> datetime:
        """Return the server's time."""
        if self._seen is None:
            return clock.now()
        said, at = self._seen
        return said + timedelta(seconds=clock.monotonic() - at)
