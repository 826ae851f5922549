"""Inhibition by lineage: one broken table is one alert, and those that follow from it are listed inside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dyntables.alerts.model import Alert
from dyntables.alerts.selecting import Parents, reach

CAUSES = frozenset({"refresh_failed", "suspended", "capture_missing", "freshness", "upstream_failed"})
"""Kinds of alerts that explain alerts of the tables above."""

# Of one table the first explains those after it.
_RANK = {"capture_missing": 0, "refresh_failed": 1, "suspended": 2, "upstream_failed": 3, "freshness": 4}
FOLLOWS = frozenset({"freshness", "upstream_failed", "row_volume", "quality", "suspended"})
"""Kinds of alerts that may follow from another table's, or from another alert of the same table."""


def inhibitors(firing: Iterable[Alert], parents: Parents) -> dict[str, str]:
    """Return, for each alert that is inhibited, the fingerprint of the alert that it follows from.

    That one is not inhibited itself: of a chain it is the root.
    """
    alerts = [a for a in firing if a.table_id is not None]
    causes: dict[int, list[Alert]] = {}
    for alert in alerts:
        if alert.kind in CAUSES and alert.table_id is not None:
            causes.setdefault(alert.table_id, []).append(alert)
    over = {a.fingerprint: _above(a, causes, parents) for a in alerts if a.kind in FOLLOWS}
    direct = {mine: min(found, key=_order) for mine, found in over.items() if found}
    free = {a.fingerprint: a for a in alerts if a.fingerprint not in direct}
    return {mine: _root(over, mine, free) for mine in direct}


def _above(alert: Alert, causes: Mapping[int, list[Alert]], parents: Parents) -> list[Alert]:
    """Return the alerts that explain one: of tables below, which do not read it again, and of its own."""
    assert alert.table_id is not None
    below = reach([alert.table_id], parents) - {alert.table_id}
    found = [cause for table_id in sorted(below) for cause in causes.get(table_id, ())]
    own = causes.get(alert.table_id, ())
    return found + [c for c in own if _RANK[c.kind] < _RANK.get(alert.kind, len(_RANK))]


def _root(over: Mapping[str, list[Alert]], mine: str, free: Mapping[str, Alert]) -> str:
    """Follow explanations, which go down the lineage and the ranks, to one that needs none."""
    found = min(over[mine], key=_order)
    while found.fingerprint not in free:
        found = min(over[found.fingerprint], key=_order)
    return found.fingerprint


def _order(alert: Alert) -> tuple[int, str]:
    return _RANK[alert.kind], alert.fingerprint
