"""Incidents: alerts that belong together, because one follows from the other, or because they are of one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dyntables.alerts.model import Alert


@dataclass(frozen=True, slots=True)
class Cluster:
    """Alerts that fire now and belong together.

    ``incidents``: the open ones that they are of, the oldest first; none is a new one, and of several the first goes
    on and takes the others in. ``root``: the alert that it is named after.
    """

    incidents: tuple[int, ...]
    root: Alert
    members: frozenset[str]


def clusters(firing: Iterable[Alert], over: Mapping[str, str], incident_of: Mapping[str, int]) -> list[Cluster]:
    """Return what belongs together.

    Args:
        firing: the alerts that fire.
        over: by fingerprint, the alert that one follows from.
        incident_of: the open incident of an alert. Who once belongs to one stays in it until it is resolved.
    """
    alerts = {a.fingerprint: a for a in firing}
    joined = {f: f for f in alerts}

    def find(mine: str) -> str:
        while joined[mine] != mine:
            joined[mine] = joined[joined[mine]]
            mine = joined[mine]
        return mine

    first: dict[tuple[str, int], str] = {}
    for mine, alert in alerts.items():
        if mine in over and over[mine] in alerts:
            joined[find(mine)] = find(over[mine])
        ties = [("table", alert.table_id), ("incident", incident_of.get(mine))]
        for key in ((what, number) for what, number in ties if number is not None):
            joined[find(mine)] = find(first.setdefault(key, mine))
    found: dict[str, list[Alert]] = {}
    for mine, alert in alerts.items():
        found.setdefault(find(mine), []).append(alert)
    return [_cluster(members, over, incident_of) for members in found.values()]


def _cluster(members: list[Alert], over: Mapping[str, str], incident_of: Mapping[str, int]) -> Cluster:
    prints = frozenset(a.fingerprint for a in members)
    ids = sorted({incident_of[f] for f in prints if f in incident_of})
    followers: dict[str, int] = {}
    for mine in prints:
        if mine in over:
            followers[over[mine]] = followers.get(over[mine], 0) + 1

    def order(alert: Alert) -> tuple[bool, int, str, str]:
        mine, since = alert.fingerprint, alert.standing.since
        return mine in over, -followers.get(mine, 0), since.isoformat() if since is not None else "", mine

    return Cluster(tuple(ids), min(members, key=order), prints)
