"""How the refreshes of a dynamic table have gone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of a table's refreshes, under the names of the columns of the catalog.

    ``consecutive_failures``: since the last success. ``retry_at``: not before then after a failure.
    ``expected_seconds``: what a refresh takes, learnt. ``costs``: what each way of refreshing took
    (``refresh.choice.choose``).
    """

    consecutive_failures: int
    retry_at: datetime | None
    expected_seconds: float
    costs: dict[str, Any] = field(default_factory=dict)
