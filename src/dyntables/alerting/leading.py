"""What the leader does about alerts: it looks where something changed, and commits what it finds with its messages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dyntables.alerting.asking import Asker
from dyntables.alerting.ledger import Ledger, Look
from dyntables.alerting.seeing import ask_figures, needs_of, parents_of, seen_of, targets_of
from dyntables.alerts.condition import Need
from dyntables.alerts.model import Alert
from dyntables.alerts.noise.document import Routing, read_routing
from dyntables.alerts.noise.telling import Policy
from dyntables.alerts.seen import Figures, Installation, LastRefresh, Seen
from dyntables.alerts.watching import Changed, Watch
from dyntables.catalog import Connection
from dyntables.catalog.alerts import quieting, rules, standings
from dyntables.catalog.alerts.channels import all_channels
from dyntables.catalog.alerts.figures import last_refreshes
from dyntables.catalog.model import DynamicTable
from dyntables.errors import InvalidOptionError
from dyntables.scheduling.scheduler import Reign

_FIGURES_EVERY = timedelta(seconds=30)
_CHANGES_EVERY = timedelta(seconds=1)


@dataclass(slots=True)
class _Due:
    """When what is asked now and then is asked next."""

    figures: datetime
    changes: datetime
    telling: datetime | None = None


class Leading:
    """The alerts of one leadership, held in memory as they were last committed.

    Whoever meets an error forgets it and makes another: memory is never ahead of the catalog.

    Args:
        connection: used by nobody else.
        reign: what the leader knows now.
        asker: runs the queries of rules.
    """

    def __init__(self, connection: Connection, reign: Reign, asker: Asker) -> None:
        self._connection, self._asker = connection, asker
        self._tables: Mapping[int, DynamicTable] = {}
        self._seen: dict[int, Seen] = {}
        self._last: dict[int, LastRefresh] = {}
        self._figures: dict[int, Figures] = {}
        self._parents: Mapping[int, frozenset[int]] = {}
        self._targets: Mapping[int, int | None] = {}
        self._due = _Due(reign.at, reign.at)
        self._ledger = Ledger(connection)
        self._version = -1
        self._arranged = False
        self._policy = Policy()
        self._watch = Watch((), ())
        self._read_policy(standings.open_alerts(connection))

    def tick(self, reign: Reign, ended: Collection[int]) -> bool:
        """Look at what has changed since the last tick; tell whether there is a message to be sent.

        Args:
            reign: what the leader knows now.
            ended: tables of which a refresh has ended.
        """
        now = reign.at
        found = self._reload(reign)
        found += self._look(reign, ended)
        for rule_id, answer in self._asker.answers():
            found += self._watch.hear(rule_id, answer, now)
        self._asker.ask(self._watch.queries(), now)
        telling = self._due.telling
        if not found and (telling is None or now < telling):
            return False
        return self._commit(reign, found)

    def _reload(self, reign: Reign) -> list[Changed]:
        """Read again what people have changed, and arrange anew which rules look where."""
        changed = False
        if reign.at >= self._due.changes:
            self._due.changes = reign.at + _CHANGES_EVERY
            changed = rules.changes(self._connection) != self._version
            if changed:
                self._read_policy(self._watch.alerts)
                self._watch.dismiss(standings.dismissed(self._connection), reign.at)
        if self._arranged and not changed and not self._is_new_shape(reign.tables):
            return []
        self._arranged = True
        self._parents, self._targets = parents_of(reign.tables), targets_of(reign.tables)
        names = {i: t.qualified for i, t in reign.tables.items()}
        found = self._watch.arrange(names, self._parents, reign.at)
        self._seen = {i: s for i, s in self._seen.items() if i in names}
        self._last = {i: r for i, r in self._last.items() if i in names}
        self._tables, self._due.figures, self._due.telling = {}, reign.at, reign.at
        return found + self._watch.look_at_installation(Installation(), reign.at)

    def _read_policy(self, alerts: Collection[Alert]) -> None:
        self._version = rules.changes(self._connection)
        kept = [k for k in rules.all_rules(self._connection) if k.enabled]
        self._asker.owners = {k.rule.id: k.owner for k in kept}
        self._watch = Watch([k.rule for k in kept], list(alerts))
        channels = {k.rule.id: k.rule.channels for k in kept if k.rule.channels}
        limits = {c.name: c.per_minute for c in all_channels(self._connection)}
        self._policy = Policy(_routing(self._connection), tuple(quieting.silences(self._connection)), channels, limits)
        self._tables = {}

    def _is_new_shape(self, tables: Mapping[int, DynamicTable]) -> bool:
        """Tell whether tables were made, dropped, renamed or defined anew, or have another target lag."""
        if tables.keys() != self._tables.keys():
            return True
        return any(
            t is not (o := self._tables[i])
            and (t.qualified, t.dependencies, t.schedule) != (o.qualified, o.dependencies, o.schedule)
            for i, t in tables.items()
        )

    def _look(self, reign: Reign, ended: Collection[int]) -> list[Changed]:
        before, tables = self._tables, reign.tables
        changed = {i for i, t in tables.items() if before.get(i) is not t} | (set(ended) & tables.keys())
        asked = [i for i in changed if i in ended or i not in before or _was_refreshed(before[i], tables[i])]
        if asked:
            self._last |= last_refreshes(self._connection, asked)
            self._ask_quality(asked)
        if reign.at >= self._due.figures:
            self._due.figures = reign.at + _FIGURES_EVERY
            needs = needs_of(self._watch.table_rules)
            if needs:
                self._figures = ask_figures(self._connection, needs)
                changed |= {i for ids in needs.values() for i in ids}
        for i in changed:
            self._seen[i] = seen_of(tables[i], self._targets.get(i), self._last.get(i), self._figures.get(i))
        self._tables = tables
        return self._watch.look_at_tables(self._seen, changed, reign.at)

    def _ask_quality(self, refreshed: Collection[int]) -> None:
        """Ask at once what checks have found: they are made by refreshes."""
        checked = set(needs_of(self._watch.table_rules).get(Need.QUALITY, ())) & set(refreshed)
        for table_id, known in (
            ask_figures(self._connection, {Need.QUALITY: sorted(checked)}).items() if checked else ()
        ):
            before = self._figures.get(table_id, Figures())
            self._figures[table_id] = replace(before, quality_failed=known.quality_failed, failing=known.failing)

    def _commit(self, reign: Reign, found: list[Changed]) -> bool:
        look = Look(found, self._watch.alerts, self._parents, self._policy, reign.at)
        tells, again_at = self._ledger.commit(look, reign.fence)
        self._due.telling = _earliest(again_at, self._next_silence(reign.at))
        return tells

    def _next_silence(self, now: datetime) -> datetime | None:
        """Return when a silence begins or ends next: what it kept quiet is told then."""
        ends = [at for s in self._policy.silences for at in (s.starts_at, s.ends_at) if at > now]
        return min(ends, default=None)


def _routing(connection: Connection) -> Routing:
    """Return the tree; the default one if it is of a version that wrote it otherwise: somebody has to be told."""
    try:
        return read_routing(quieting.route_document(connection))
    except InvalidOptionError:
        return Routing()


def _was_refreshed(before: DynamicTable, now: DynamicTable) -> bool:
    """Tell whether more than a look has happened to a table."""
    return (before.health, before.contents.data_timestamp, before.schedule) != (
        now.health,
        now.contents.data_timestamp,
        now.schedule,
    )


def _earliest(*instants: datetime | None) -> datetime | None:
    return min((at for at in instants if at is not None), default=None)
