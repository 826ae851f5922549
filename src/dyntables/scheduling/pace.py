"""What a leader learns while it leads: how late refreshes end, and which runs broke and must wait."""

from __future__ import annotations

from datetime import datetime, timedelta

from dyntables.refresh.record.outlook import moved
from dyntables.refresh.result import RefreshResult
from dyntables.scheduling.crew import Job

_LONGEST_PAUSE = 30.0


class Pace:
    """Delays by table, in seconds, and pauses after runs that ended without a result."""

    def __init__(self) -> None:
        self.delays: dict[int, float] = {}
        self._pauses: dict[int, tuple[float, datetime]] = {}

    def learn(self, job: Job, results: list[RefreshResult], now: datetime) -> None:
        """Note by how much the tables of a job ended later than their own work explains.

        That is the wait for a worker, for locks of other refreshes and for the work of the other tables of the run, and
        its commit. What other sessions lock is an accident, and nothing to be learnt. A job without results found its
        tables refreshed by somebody else.
        """
        work = sum(r.duration_ms + r.blocked_ms for r in results) / 1000
        for item in job.due:
            self._pauses.pop(item.table_id, None)
            if not results:
                continue
            began = max(item.start_at, job.started_at - timedelta(seconds=60))
            late = max(0.0, (now - began) / timedelta(seconds=1) - work)
            self.delays[item.table_id] = moved(self.delays.get(item.table_id, 0.0), late)

    def punish(self, job: Job, now: datetime) -> None:
        """Let the tables of a run that broke wait, longer each time."""
        for item in job.due:
            seconds = min(_LONGEST_PAUSE, 2 * self._pauses.get(item.table_id, (0.25, now))[0])
            self._pauses[item.table_id] = (seconds, now + timedelta(seconds=seconds))

    def paused(self, now: datetime) -> set[int]:
        """Return the tables that must wait."""
        return {i for i, (_, until) in self._pauses.items() if until > now}
