"""Judge a table by what the web shows of it: from its types to those of ``health`` and back."""

from __future__ import annotations

from datetime import datetime

from dyntables.catalog.model import DynamicTable as Row
from dyntables.catalog.quality.results import Standing
from dyntables.health.judge import Ended, Held, Judgement, judge, known_of
from dyntables.server.schemas.tables import LastRefresh, RunningRefresh


def judge_row(
    table: Row,
    now: datetime,
    target: int | None,
    last: LastRefresh | None,
    at_work: RunningRefresh | None,
    quality: Standing | None,
) -> Judgement:
    """Return what is to be said of a table."""
    ended = Ended(last.state, last.error_message) if last is not None else None
    return judge(known_of(table, now, target, ended, _held(at_work), quality))


def _held(at_work: RunningRefresh | None) -> Held | None:
    if at_work is None or not at_work.blockers:
        return None
    # Whoever waits for nobody is at the end of the chain.
    holder = next((b for b in at_work.blockers if not b.blocked_by), at_work.blockers[0])
    who = ", ".join(part for part in (holder.user, holder.application) if part)
    return Held(at_work.seconds, holder.process_id, who, holder.state, holder.query)
