"""Rows of alert rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from dyntables.alerts.model import Direction, Rule, Severity, Threshold, Timing
from dyntables.alerts.registry import condition_of
from dyntables.catalog.connection import Connection

_COLUMNS = (
    "id, name, kind, selector, severity, fires_at, clears_at, direction, pending, keep_firing, query, owner_name, "
    "channels, labels, runbook, enabled, origin"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A rule as the catalog keeps it: whose rights its query has, whether it is on, and who made it."""

    rule: Rule
    owner: str
    enabled: bool
    origin: str


def all_rules(connection: Connection) -> list[Kept]:
    """Return every rule, by name."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(f"SELECT {_COLUMNS} FROM dyntables.alert_rule ORDER BY name").fetchall()
    return [_kept(row) for row in rows]


def find_rule(connection: Connection, name: str) -> Kept | None:
    """Return the rule of that name."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(f"SELECT {_COLUMNS} FROM dyntables.alert_rule WHERE name = %s", (name,)).fetchone()
    return _kept(row) if row else None


def put_rule(connection: Connection, kept: Kept) -> int:
    """Add a rule, or replace the one of that name; return its id."""
    rule, threshold = kept.rule, kept.rule.threshold
    row = connection.execute(
        "INSERT INTO dyntables.alert_rule (name, kind, selector, severity, fires_at, clears_at, direction, pending, "
        "keep_firing, query, owner_name, channels, labels, runbook, enabled, origin) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (name) DO UPDATE SET (kind, selector, severity, fires_at, clears_at, direction, pending, "
        "keep_firing, query, owner_name, channels, labels, runbook, enabled, origin) = (excluded.kind, "
        "excluded.selector, excluded.severity, excluded.fires_at, excluded.clears_at, excluded.direction, "
        "excluded.pending, excluded.keep_firing, excluded.query, excluded.owner_name, excluded.channels, "
        "excluded.labels, excluded.runbook, excluded.enabled, excluded.origin) RETURNING id",
        (
            rule.name,
            rule.kind,
            rule.selector,
            rule.severity,
            threshold.fire if threshold else None,
            threshold.clear if threshold else None,
            threshold.direction if threshold else None,
            rule.timing.pending,
            rule.timing.keep_firing,
            rule.query,
            kept.owner,
            list(rule.channels),
            Jsonb(dict(rule.labels)),
            rule.runbook,
            kept.enabled,
            kept.origin,
        ),
    ).fetchone()
    assert row is not None
    return int(row[0])


def delete_rule(connection: Connection, name: str) -> bool:
    """Remove a rule with its alerts; tell whether there was one."""
    return bool(connection.execute("DELETE FROM dyntables.alert_rule WHERE name = %s", (name,)).rowcount)


def changes(connection: Connection) -> int:
    """Return a number that grows when rules, silences, routes or acknowledgements change."""
    row = connection.execute("SELECT number FROM dyntables.alert_change", prepare=True).fetchone()
    assert row is not None
    return int(row[0])


def hold(connection: Connection) -> None:
    """Keep others from changing rules, and from holding them, until the transaction ends."""
    connection.execute("SELECT FROM dyntables.alert_change FOR UPDATE")


def _kept(row: Mapping[str, Any]) -> Kept:
    threshold = None
    if row["fires_at"] is not None:
        usual = condition_of(row["kind"]).threshold.direction
        threshold = Threshold(row["fires_at"], row["clears_at"], Direction(row["direction"] or usual))
    rule = Rule(
        id=row["id"],
        name=row["name"],
        kind=row["kind"],
        selector=row["selector"],
        severity=Severity(row["severity"]),
        threshold=threshold,
        timing=Timing(row["pending"], row["keep_firing"]),
        query=row["query"],
        channels=tuple(row["channels"]),
        labels=row["labels"],
        runbook=row["runbook"],
    )
    return Kept(rule, row["owner_name"], row["enabled"], row["origin"])
