"""When a dynamic table is refreshed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SchedulingState(StrEnum):
    """Whether the scheduler may refresh a table now."""

    RUNNING = "RUNNING"
    SUSPENDED = "SUSPENDED"


class SuspendReason(StrEnum):
    """Why a table is suspended: by its own user or errors, by those of a table that it reads, or as a clone."""

    USER = "USER_SUSPENDED"
    UPSTREAM_USER = "UPSTREAM_USER_SUSPENDED"
    ERRORS = "SUSPENDED_DUE_TO_ERRORS"
    UPSTREAM_ERRORS = "UPSTREAM_SUSPENDED_DUE_TO_ERRORS"
    CLONED = "CLONED_AUTO_SUSPENDED"


@dataclass(frozen=True, slots=True)
class Schedule:
    """How fresh a table is kept, and whether it is.

    ``target_lag_seconds``: None is DOWNSTREAM. ``scheduled``: False is SCHEDULER = DISABLE.
    """

    target_lag_seconds: int | None
    scheduled: bool
    scheduling_state: SchedulingState = SchedulingState.RUNNING
    suspend_reason: SuspendReason | None = None

    @property
    def suspended(self) -> bool:
        """Whether the table waits until somebody resumes it."""
        return self.scheduling_state is SchedulingState.SUSPENDED

    @property
    def runs_by_itself(self) -> bool:
        """Whether the scheduler may refresh the table, for its own sake or a reader's."""
        return self.scheduled and not self.suspended
