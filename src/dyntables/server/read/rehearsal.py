"""Read models of rules that are tried on the past, and of the kinds of conditions."""

from __future__ import annotations

from datetime import timedelta

import psycopg

from dyntables.alerting.rehearsal import rehearse
from dyntables.alerts.condition import InstallationCondition, QueryCondition
from dyntables.alerts.evaluate import threshold_of
from dyntables.alerts.model import Rule
from dyntables.alerts.registry import all_conditions, condition_of
from dyntables.catalog.alerts import listing, rules
from dyntables.catalog.past.history import now as server_time
from dyntables.errors import NotFoundError
from dyntables.server.schemas.incidents import Condition, FiredStretch, MeasuredPoint, Rehearsal, TableRehearsal

# So many tables are drawn; of the others it is told how often the rule would have fired.
_MOST_DRAWN = 8


def rehearsed(connection: psycopg.Connection, rule: Rule, span: timedelta, only: str | None = None) -> Rehearsal:
    """Return what a rule would have done."""
    found = rehearse(connection, rule, span, only)
    threshold, now = threshold_of(rule), server_time(connection)
    return Rehearsal(
        begin=now - span,
        end=now,
        fired=found.fired,
        selected=found.selected,
        tried=len(found.tables),
        tables=[
            TableRehearsal(
                table=name,
                points=[MeasuredPoint(at=p.at, value=p.value) for p in replayed.points],
                fired=[FiredStretch(begin=f.begin, end=f.end) for f in replayed.fired],
            )
            for name, replayed in found.tables[:_MOST_DRAWN]
        ],
        threshold=threshold.fire,
        direction=str(threshold.direction),
        unit=condition_of(rule.kind).unit,
        why_not=found.why_not,
    )


def measured(connection: psycopg.Connection, fingerprint: str, span: timedelta) -> Rehearsal:
    """Return what an alert's rule has measured of its table.

    Raises:
        NotFoundError: there is no such alert.
    """
    found = listing.one(connection, fingerprint)
    kept = rules.find_rule(connection, found.labels["rule"]) if found is not None else None
    if found is None or kept is None:
        raise NotFoundError(f"there is no alert {fingerprint}")
    return rehearsed(connection, kept.rule, span, found.labels.get("table"))


def conditions() -> list[Condition]:
    """Return the kinds of conditions."""
    return [
        Condition(
            kind=c.kind,
            summary=c.summary,
            unit=c.unit,
            about="query"
            if isinstance(c, QueryCondition)
            else "installation"
            if isinstance(c, InstallationCondition)
            else "table",
            threshold=c.threshold.fire,
            direction=str(c.threshold.direction),
            severity=str(c.severity),
        )
        for c in all_conditions().values()
    ]
