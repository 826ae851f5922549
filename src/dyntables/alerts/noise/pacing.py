"""How many messages a channel is sent: what is more becomes one message that tells of several groups."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
USUAL = 20
"""Messages a minute, of a channel of which nothing else is said."""


def room(sent_at: Sequence[datetime], now: datetime, per_minute: int = USUAL) -> int:
    """Return how many messages may be made now; ``sent_at``: when the last ones were."""
    return max(0, per_minute - len(_recent(sent_at, now)))


def room_at(sent_at: Sequence[datetime], now: datetime, per_minute: int = USUAL) -> datetime:
    """Return when there is room for one."""
    recent = _recent(sent_at, now)
    return recent[-per_minute] + MINUTE if len(recent) >= per_minute else now


def several_at(sent_at: Sequence[datetime], now: datetime, per_minute: int = USUAL) -> datetime:
    """Return when a message that tells of several groups may be made: they are spread over the minute."""
    recent = _recent(sent_at, now)
    return recent[-1] + MINUTE / per_minute if recent else now


def _recent(sent_at: Sequence[datetime], now: datetime) -> list[datetime]:
    # What a clock that was set back has put into the future counts as of now.
    return sorted(min(at, now) for at in sent_at if at > now - MINUTE)
