"""When a message that could not be delivered is tried again."""

from __future__ import annotations

from datetime import timedelta

_FIRST = 1.0
_LONGEST = 900.0
MOST_ATTEMPTS = 12
"""With the waits between them, about an hour and a half."""


def wait_after(attempts: int, chance: float, retry_after: float | None = None) -> timedelta | None:
    """Return how long to wait after so many attempts; None to give up.

    Args:
        attempts: made so far, from 1.
        chance: between 0 and 1; the wait is between half of the doubled one and all of it.
        retry_after: seconds that the receiver asks for; it is waited for at least so long, but at most an hour.
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    longest = min(_LONGEST, _FIRST * 2 ** (attempts - 1))
    seconds = longest * (0.5 + chance / 2)
    return timedelta(seconds=max(seconds, min(retry_after or 0.0, 3600.0)))
