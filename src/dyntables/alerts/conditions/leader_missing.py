"""Leader missing: no process schedules refreshes."""

from __future__ import annotations

from dyntables.alerts.condition import InstallationCondition
from dyntables.alerts.model import Threshold
from dyntables.alerts.seen import Installation, Reading
from dyntables.alerts.words import span


def _measure(seen: Installation) -> Reading:
    gone = seen.leaderless_seconds
    return Reading(gone, f"nobody has scheduled refreshes for {span(gone)}" if gone else "refreshes are scheduled")


CONDITION = InstallationCondition(
    kind="leader_missing",
    summary="No process has scheduled refreshes for longer than the threshold.",
    unit="s",
    threshold=Threshold(15.0, clear=0.0),
    measure=_measure,
)
