"""Rules that are tried on the past, before they are saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from dyntables.alerting.seeing import parents_of, seen_of, targets_of
from dyntables.alerts.condition import TableCondition
from dyntables.alerts.model import Rule
from dyntables.alerts.registry import condition_of
from dyntables.alerts.replay import Replayed, replay
from dyntables.alerts.selecting import selected
from dyntables.catalog import Connection, store
from dyntables.catalog.alerts.past import past_of
from dyntables.catalog.past.history import now as server_time

MOST_TABLES = 50
# Conditions whose measure the history of refreshes and checks tells.
_WITH_PAST = frozenset(
    {"freshness", "refresh_failed", "upstream_failed", "full_refresh", "slow_refresh", "quality", "row_volume"}
)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a rule would have done: by table, those that would have fired most often first.

    ``selected``: how many tables it looks at, of which at most ``MOST_TABLES`` were tried. ``why_not``: why it could
    not be tried.
    """

    tables: tuple[tuple[str, Replayed], ...] = ()
    selected: int = 0
    why_not: str | None = None

    @property
    def fired(self) -> int:
        """How often it would have fired."""
        return sum(len(replayed.fired) for _, replayed in self.tables)


def rehearse(connection: Connection, rule: Rule, span: timedelta, only: str | None = None) -> Rehearsal:
    """Try a rule on the past.

    Args:
        connection: of the service.
        rule: saved or not.
        span: how far back.
        only: the one table to look at; without it, those that the rule selects.
    """
    if not isinstance(condition_of(rule.kind), TableCondition):
        return Rehearsal(why_not="nothing is kept of what its condition measures")
    if rule.kind not in _WITH_PAST:
        return Rehearsal(why_not="the history does not tell what its condition measures")
    tables = store.load_all(connection)
    names = {i: t.qualified for i, t in tables.items()}
    ids = selected(rule.selector, names, parents_of(tables))
    if only is not None:
        ids = frozenset(i for i, name in names.items() if name == only)
    targets, now = targets_of(tables), server_time(connection)
    found = []
    for i in sorted(ids, key=names.__getitem__)[:MOST_TABLES]:
        past = past_of(connection, i, now - span)
        found.append((names[i], replay(rule, seen_of(tables[i], targets.get(i), None, None), past, now)))
    found.sort(key=lambda each: -len(each[1].fired))
    return Rehearsal(tuple(found), len(ids))
