"""All rules over all tables: which are looked at now, and what comes of it. No input, no output; held in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from dyntables.alerts.condition import QueryCondition, TableCondition
from dyntables.alerts.evaluate import Looked, Subject, look
from dyntables.alerts.labels import labels_of
from dyntables.alerts.machine import Reason, Stepped, Transition, end
from dyntables.alerts.model import Alert, Rule, Standing, State
from dyntables.alerts.registry import condition_of
from dyntables.alerts.seen import Answer, Installation, Seen
from dyntables.alerts.selecting import Parents, selected

Key = tuple[int, int | None]
"""A rule's id and a table's, or None."""


@dataclass(frozen=True, slots=True)
class Changed:
    """An alert, and how it came to stand as it does."""

    alert: Alert
    transition: Transition


class Watch:
    """Where every alert stands; only what changed, or is due, is looked at.

    Args:
        rules: those that are on.
        alerts: those that are not normal, as they were last recorded.
    """

    def __init__(self, rules: Iterable[Rule], alerts: Iterable[Alert]) -> None:
        self._rules = {rule.id: rule for rule in rules}
        self._alerts: dict[Key, Alert] = {(a.rule_id, a.table_id): a for a in alerts}
        self._by_table: dict[int, list[Rule]] = {}
        self._names: dict[int, str] = {}
        self._due: dict[Key, datetime] = {}

    @property
    def alerts(self) -> Collection[Alert]:
        """The alerts that are not normal."""
        return self._alerts.values()

    @property
    def table_rules(self) -> Mapping[int, list[Rule]]:
        """The rules that look at each table."""
        return self._by_table

    def arrange(self, names: Mapping[int, str], parents: Parents, now: datetime) -> list[Changed]:
        """Find out anew which rules look at which tables; end the alerts of what is gone."""
        self._names = dict(names)
        self._by_table = {}
        picked: dict[str, frozenset[int]] = {}
        for rule in self._rules.values():
            if not isinstance(condition_of(rule.kind), TableCondition):
                continue
            if rule.selector not in picked:
                picked[rule.selector] = selected(rule.selector, names, parents)
            for table_id in picked[rule.selector]:
                self._by_table.setdefault(table_id, []).append(rule)
        self._due = {key: at for key, at in self._due.items() if self._stands(key)}
        gone = [key for key, alert in self._alerts.items() if not self._is_same(key, alert)]
        return [c for key in gone if (c := self._end(key, now)) is not None]

    def look_at_tables(self, seen: Mapping[int, Seen], changed: Collection[int], now: datetime) -> list[Changed]:
        """Look at the tables that changed, and at what is due."""
        keys: set[Key] = {(rule.id, i) for i in changed for rule in self._by_table.get(i, ())}
        keys |= {key for key, at in self._due.items() if at <= now and key[1] is not None}
        found = []
        for key in sorted(keys, key=str):
            rule, table_id = self._rules.get(key[0]), key[1]
            if rule is not None and table_id is not None and table_id in seen:
                found.append(self._look(rule, table_id, seen[table_id], now))
        return [c for c in found if c is not None]

    def look_at_installation(self, seen: Installation, now: datetime) -> list[Changed]:
        """Look at the installation, by the rules that do."""
        kinds = (QueryCondition, TableCondition)
        rules = [r for r in self._rules.values() if not isinstance(condition_of(r.kind), kinds)]
        return [c for rule in rules if (c := self._look(rule, None, seen, now)) is not None]

    def hear(self, rule_id: int, answer: Answer, now: datetime) -> list[Changed]:
        """Take what the query of a rule has answered."""
        rule = self._rules.get(rule_id)
        changed = self._look(rule, None, answer, now) if rule is not None else None
        return [changed] if changed is not None else []

    def dismiss(self, fingerprints: Collection[str], now: datetime) -> list[Alert]:
        """Resolve alerts that a person has resolved; return them as they stand then."""
        found = []
        for key, alert in list(self._alerts.items()):
            if alert.firing and alert.fingerprint in fingerprints:
                standing = end(alert.standing, now, Reason.BY_HAND).standing
                self._alerts[key] = replace(alert, standing=standing)
                self._due.pop(key, None)
                found.append(self._alerts[key])
        return found

    def queries(self) -> list[Rule]:
        """Return the rules that ask SQL."""
        return [r for r in self._rules.values() if r.query and isinstance(condition_of(r.kind), QueryCondition)]

    def _look(self, rule: Rule, table_id: int | None, subject: Subject, now: datetime) -> Changed | None:
        key = (rule.id, table_id)
        known = self._alerts.get(key)
        looked = look(rule, subject, known.standing if known is not None else Standing(), now)
        self._plan(key, looked)
        return self._keep(key, rule, looked.stepped, quiet=isinstance(subject, Seen))

    def _plan(self, key: Key, looked: Looked) -> None:
        if looked.again_at is None:
            self._due.pop(key, None)
        else:
            self._due[key] = looked.again_at

    def _keep(self, key: Key, rule: Rule, stepped: Stepped, *, quiet: bool) -> Changed | None:
        """Keep what is not normal; a table that has nothing to be measured is no news (``quiet``)."""
        known, transition = self._alerts.get(key), stepped.transition
        if quiet and known is None and stepped.standing.state is State.NO_DATA:
            return None
        table = self._names.get(key[1]) if key[1] is not None else None
        alert = Alert(rule.id, rule.kind, rule.severity, labels_of(rule, table), stepped.standing, key[1])
        over = alert.standing.state in (State.NORMAL, State.RESOLVED) and not alert.standing.dismissed
        if over or (quiet and alert.standing.state is State.NO_DATA):
            self._alerts.pop(key, None)
        else:
            self._alerts[key] = alert
        return Changed(alert, transition) if transition is not None else None

    def _stands(self, key: Key) -> bool:
        rule_id, table_id = key
        if table_id is None:
            return rule_id in self._rules
        return any(rule.id == rule_id for rule in self._by_table.get(table_id, ()))

    def _is_same(self, key: Key, alert: Alert) -> bool:
        """Tell whether an alert is still one of its rule, under the same labels."""
        if not self._stands(key):
            return False
        table = self._names.get(key[1]) if key[1] is not None else None
        return labels_of(self._rules[key[0]], table) == alert.labels

    def _end(self, key: Key, now: datetime) -> Changed | None:
        alert = self._alerts.pop(key)
        self._due.pop(key, None)
        stepped = end(alert.standing, now, Reason.SUBJECT_GONE)
        if stepped.transition is None:
            return None
        ended = Alert(alert.rule_id, alert.kind, alert.severity, alert.labels, stepped.standing, alert.table_id)
        return Changed(ended, stepped.transition)
