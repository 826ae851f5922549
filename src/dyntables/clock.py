"""The only place that reads the time."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Return seconds of a clock that never goes back."""
    return time.monotonic()
