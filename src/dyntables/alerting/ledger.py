"""What the leader remembers of alerts beside how they stand, and how it is committed with the messages that follow."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dyntables.alerts.incidents import Cluster, clusters
from dyntables.alerts.message import compose
from dyntables.alerts.model import Alert
from dyntables.alerts.noise.grouping import Group
from dyntables.alerts.noise.pacing import MINUTE
from dyntables.alerts.noise.people import Flap
from dyntables.alerts.noise.telling import Mark, Policy, Round, Told, marks_of, tell
from dyntables.alerts.selecting import Parents
from dyntables.alerts.watching import Changed
from dyntables.catalog import Connection
from dyntables.catalog.alerts import incidents, outbox, standings

_FLAP = Flap()
# A group of which a channel believes nothing matters until its interval is over.
_GROUP_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Look:
    """One look of the leader: what changed, what is open, and what people have said."""

    found: Sequence[Changed]
    alerts: Collection[Alert]
    parents: Parents
    policy: Policy
    now: datetime


class Ledger:
    """Groups, marks, incidents and flapping of one leadership, as they were last committed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._groups = outbox.groups(connection)
        self._sent = outbox.made_within(connection, MINUTE)
        self._known = {a.fingerprint: a for a in standings.open_alerts(connection)}
        self._changed_at = standings.recent_changes(connection, _FLAP.window)
        self._marks = standings.marks(connection)
        self._flapping: frozenset[str] = frozenset()
        self._roots, self._incident_of = incidents.open_incidents(connection)

    def commit(self, look: Look, fence: Callable[[Connection], None]) -> tuple[bool, datetime | None]:
        """Write what changed and what is told of it, together.

        Returns: whether there is a message to be sent, and when to look again if nothing happens before.
        """
        now = look.now
        self._known |= {c.alert.fingerprint: c.alert for c in look.found}
        flapping = self._flap(look.found, now)
        alerts = self._present(look, flapping)
        marks = marks_of(alerts, look.parents, look.policy.silences, flapping, now)
        told = tell(alerts, marks, look.policy, self._groups, now, self._sent)
        together = clusters(
            alerts,
            {f: m.inhibited_by for f, m in marks.items() if m.inhibited_by is not None},
            {f: i for f, i in self._incident_of.items() if f in marks},
        )
        # The marks of what is resolved stay as they were, but for flapping, which is over.
        over = {f: Mark() for f, m in self._marks.items() if f not in marks and m.flapping}
        fresh = over | {f: m for f, m in marks.items() if self._marks.get(f, Mark()) != m}
        roots, incident_of = self._roots, self._incident_of
        if look.found or fresh or told.groups or told.told or self._moves(together):
            with self._connection.transaction():
                roots, incident_of = self._write(look, marks, fresh, told, together)
                fence(self._connection)
        self._roots, self._incident_of = roots, incident_of
        self._marks, self._flapping = marks, flapping
        self._groups |= told.groups
        self._remember_sent(told.told, now)
        self._forget(look, now)
        calm = [_FLAP.calm_at(self._changed_at[f], now) for f in flapping]
        return bool(told.told), min([*calm, *([told.again_at] if told.again_at else [])], default=None)

    def _flap(self, found: Sequence[Changed], now: datetime) -> frozenset[str]:
        for change in found:
            if change.transition.before is not change.transition.after and _rings(change):
                self._changed_at.setdefault(change.alert.fingerprint, []).append(change.transition.at)
        self._changed_at = {f: list(at) for f, all_of in self._changed_at.items() if (at := _FLAP.recent(all_of, now))}
        return frozenset(
            f
            for f, at in self._changed_at.items()
            if f in self._known and _FLAP.flaps(at, now, before=f in self._flapping)
        )

    def _present(self, look: Look, flapping: frozenset[str]) -> list[Alert]:
        """Return what fires, and what comes and goes, with what people have said of it."""
        care = standings.cared_for(self._connection)
        present = {a.fingerprint: a for a in look.alerts if a.firing}
        present |= {f: self._known[f] for f in flapping if f not in present}
        found = {
            f: replace(a, acknowledged_at=care[f].acknowledged_at, snoozed_until=care[f].snoozed_until)
            if f in care
            else replace(a, acknowledged_at=None, snoozed_until=None)
            for f, a in present.items()
        }
        self._known |= found
        return list(found.values())

    def _moves(self, together: Sequence[Cluster]) -> bool:
        """Tell whether an incident begins, ends, or gets another name or alert."""
        present = {i for c in together for i in c.incidents}
        return present != self._roots.keys() or any(
            len(c.incidents) != 1
            or self._roots[c.incidents[0]] != c.root.fingerprint
            or any(self._incident_of.get(f) != c.incidents[0] for f in c.members)
            for c in together
        )

    def _write(
        self, look: Look, marks: Mapping[str, Mark], fresh: Mapping[str, Mark], told: Round, together: Sequence[Cluster]
    ) -> tuple[dict[int, str], dict[str, int]]:
        """Write everything; return the roots of the open incidents, and of which incident alerts are."""
        roots, incident_of = self._place(together, look.now)
        ended = {f: i for f, i in self._incident_of.items() if f not in incident_of}
        standings.write_changes(self._connection, look.found, ended | incident_of)
        standings.write_marks(self._connection, fresh)
        joined = {f: i for f, i in incident_of.items() if self._incident_of.get(f) != i}
        incidents.join(self._connection, joined)
        incidents.count(self._connection, set(joined.values()))
        incidents.close(self._connection, [i for i in self._roots if i not in roots], look.now)
        outbox.write_groups(self._connection, told.groups)
        outbox.add_messages(self._connection, self._messages(told, marks))
        return roots, incident_of

    def _place(self, together: Sequence[Cluster], now: datetime) -> tuple[dict[int, str], dict[str, int]]:
        roots: dict[int, str] = {}
        incident_of: dict[str, int] = {}
        for cluster in together:
            root = cluster.root
            if not cluster.incidents:
                number = incidents.add(self._connection, root, now)
            else:
                number, *taken = cluster.incidents
                if taken:
                    incidents.merge(self._connection, taken, number, now)
                if self._roots[number] != root.fingerprint:
                    incidents.rename(self._connection, number, root)
            roots[number] = root.fingerprint
            incident_of |= dict.fromkeys(cluster.members, number)
        return roots, incident_of

    def _messages(self, told: Round, marks: Mapping[str, Mark]) -> list[outbox.NewMessage]:
        follows: dict[str, list[str]] = {}
        for fingerprint, mark in marks.items():
            if mark.inhibited_by is not None:
                labels = self._known[fingerprint].labels
                follows.setdefault(mark.inhibited_by, []).append(f"{labels.get('table', '')} ({labels['kind']})")
        flapping = {f for f, m in marks.items() if m.flapping}
        return [self._message(t, follows, flapping) for t in told.told]

    def _message(self, t: Told, follows: Mapping[str, Sequence[str]], flapping: Collection[str]) -> outbox.NewMessage:
        firing, resolved = self._picked(t.firing), self._picked(t.resolved)
        body = compose(t.telling, t.group, firing, resolved, follows, flapping)
        prints = tuple(a.fingerprint for a in (*firing, *resolved))
        return outbox.NewMessage(t.channel, t.group, t.telling, body.document(), prints)

    def _picked(self, fingerprints: Collection[str]) -> list[Alert]:
        return [self._known[f] for f in sorted(fingerprints) if f in self._known]

    def _remember_sent(self, told: Sequence[Told], now: datetime) -> None:
        for each in told:
            self._sent.setdefault(each.channel, []).append(now)
        self._sent = {c: kept for c, at in self._sent.items() if (kept := [a for a in at if a > now - MINUTE])}

    def _forget(self, look: Look, now: datetime) -> None:
        """Keep in memory what is open, what a channel still believes to fire, and what comes and goes."""
        old = now - _GROUP_KEPT
        self._groups = {key: g for key, g in self._groups.items() if not _is_over(g, old)}
        kept = {f for group in self._groups.values() for f in group.told} | self._flapping
        kept |= {a.fingerprint for a in look.alerts}
        self._known = {f: a for f, a in self._known.items() if f in kept}


def _rings(change: Changed) -> bool:
    return change.alert.firing or change.transition.before == "firing"


def _is_over(group: Group, old: datetime) -> bool:
    return not group.told and group.opened_at is None and (group.told_at is None or group.told_at < old)
