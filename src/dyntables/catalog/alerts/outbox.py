"""Rows of groups, and of the outbox: messages are claimed by one sender at a time, and what became of them is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from dyntables.alerts.noise.grouping import Group
from dyntables.alerts.noise.telling import SEVERAL
from dyntables.catalog.connection import Connection


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What is to be told to a channel of a group; ``fingerprints``: of the alerts that it tells of."""

    channel: str
    group_key: str
    telling: str
    body: Mapping[str, Any]
    fingerprints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that a sender has taken; ``attempts`` counts this one."""

    id: int
    key: UUID
    channel: str
    body: Mapping[str, Any]
    attempts: int


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of an attempt; ``next_at``: when it is tried again, None if never."""

    ok: bool
    response: str
    latency_ms: float
    wait: timedelta | None = None


def groups(connection: Connection) -> dict[tuple[str, str], Group]:
    """Return what channels believe, by channel and key of the group."""
    rows = connection.execute("SELECT channel, key, opened_at, told_at, told FROM dyntables.alert_group")
    return {(channel, key): Group(opened, told_at, frozenset(told)) for channel, key, opened, told_at, told in rows}


def write_groups(connection: Connection, changed: Mapping[tuple[str, str], Group]) -> None:
    """Record what channels believe."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO dyntables.alert_group (channel, key, opened_at, told_at, told) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (channel, key) DO UPDATE SET opened_at = excluded.opened_at, told_at = excluded.told_at, "
            "told = excluded.told",
            [(*key, g.opened_at, g.told_at, sorted(g.told)) for key, g in changed.items()],
        )


def add_messages(connection: Connection, messages: Iterable[NewMessage]) -> None:
    """Put messages into the outbox, to be sent at once."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO dyntables.alert_message (channel, group_key, telling, body, fingerprints) "
            "VALUES (%s, %s, %s, %s, %s)",
            [(m.channel, m.group_key, m.telling, Jsonb(dict(m.body)), list(m.fingerprints)) for m in messages],
        )


def made_within(connection: Connection, span: timedelta) -> dict[str, list[datetime]]:
    """Return when messages to each channel were made in the time before now."""
    rows = connection.execute(
        "SELECT channel, array_agg(created_at ORDER BY created_at) FROM dyntables.alert_message "
        "WHERE created_at > clock_timestamp() - %s GROUP BY 1",
        (span,),
    )
    return dict(rows.fetchall())


def claim(connection: Connection, lease: timedelta, busy: Collection[str]) -> Claimed | None:
    """Take the message that is due next, of a channel that is not busy; nobody else has it until the lease is over.

    Those of one group go in their order; one that tells of several groups goes after what is before it, and before
    what is after it.
    """
    row = connection.execute(_CLAIM, {"lease": lease, "busy": list(busy), "several": SEVERAL}, prepare=True).fetchone()
    return Claimed(*row) if row else None


_CLAIM = """
UPDATE dyntables.alert_message m SET state = 'SENDING', attempts = m.attempts + 1,
    next_at = clock_timestamp() + %(lease)s
WHERE m.id = (
    SELECT d.id FROM dyntables.alert_message d
    WHERE d.state IN ('WAITING', 'SENDING') AND d.next_at <= clock_timestamp() AND d.channel <> ALL (%(busy)s)
      AND NOT EXISTS (
          SELECT FROM dyntables.alert_message e WHERE e.channel = d.channel
          AND (e.group_key = d.group_key OR %(several)s IN (e.group_key, d.group_key))
          AND e.id < d.id AND e.state IN ('WAITING', 'SENDING'))
    ORDER BY d.next_at, d.id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING m.id, m.key, m.channel, m.body, m.attempts
"""


def seconds_until_due(connection: Connection) -> float | None:
    """Return in how many seconds a message may be tried; None if there is none."""
    row = connection.execute(
        "SELECT extract(epoch FROM min(next_at) - clock_timestamp())::float8 FROM dyntables.alert_message "
        "WHERE state IN ('WAITING', 'SENDING')",
        prepare=True,
    ).fetchone()
    return row[0] if row else None


def end_attempt(connection: Connection, claimed: Claimed, ended: Ended) -> None:
    """Record what came of an attempt, unless somebody else has taken the message since."""
    state = "SENT" if ended.ok else "DEAD" if ended.wait is None else "WAITING"
    connection.execute(
        "UPDATE dyntables.alert_message SET state = %(state)s, response = %(response)s, latency_ms = %(latency)s, "
        "ended_at = CASE WHEN %(state)s <> 'WAITING' THEN clock_timestamp() END, "
        "next_at = clock_timestamp() + %(wait)s WHERE id = %(id)s AND attempts = %(attempts)s",
        {
            "state": state,
            "response": ended.response[:500],
            "latency": ended.latency_ms,
            "wait": ended.wait or timedelta(),
            "id": claimed.id,
            "attempts": claimed.attempts,
        },
    )
    connection.execute(
        "UPDATE dyntables.alert_channel SET last_error = %s, "
        "last_sent_at = CASE WHEN %s THEN clock_timestamp() ELSE last_sent_at END WHERE name = %s",
        (None if ended.ok else ended.response[:500], ended.ok, claimed.channel),
    )


def send_again(connection: Connection, message_id: int) -> bool:
    """Take a message that was given up up again, under its key; tell whether there is such a one."""
    cursor = connection.execute(
        "UPDATE dyntables.alert_message SET state = 'WAITING', attempts = 0, next_at = clock_timestamp(), "
        "ended_at = NULL WHERE id = %s AND state = 'DEAD'",
        (message_id,),
    )
    return bool(cursor.rowcount)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as people see it."""

    id: int
    key: UUID
    channel: str
    telling: str
    state: str
    attempts: int
    created_at: datetime
    ended_at: datetime | None
    latency_ms: float | None
    response: str | None


def deliveries(connection: Connection, limit: int, fingerprints: Collection[str] | None = None) -> list[Delivery]:
    """Return the newest messages; ``fingerprints``: those that tell of one of these alerts."""
    rows = connection.execute(
        "SELECT id, key, channel, telling, state, attempts, created_at, ended_at, latency_ms, response "
        "FROM dyntables.alert_message WHERE %(of)s::text[] IS NULL OR fingerprints && %(of)s "
        "ORDER BY id DESC LIMIT %(limit)s",
        {"limit": limit, "of": list(fingerprints) if fingerprints is not None else None},
    )
    return [Delivery(*row) for row in rows]
