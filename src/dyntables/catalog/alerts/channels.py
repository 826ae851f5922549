"""Rows of channels; what is secret comes and goes encrypted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from dyntables.alerts.noise.pacing import USUAL
from dyntables.catalog.connection import Connection

_COLUMNS = "name, kind, config, secret, enabled, last_error, last_sent_at, per_minute"


@dataclass(frozen=True, slots=True)
class KeptChannel:
    """A channel; ``config`` is what anybody may see of it, ``secret`` is encrypted.

    ``per_minute``: how many messages it takes; of what is more, one tells.
    """

    name: str
    kind: str
    config: Mapping[str, str]
    secret: bytes | None = None
    enabled: bool = True
    last_error: str | None = None
    last_sent_at: datetime | None = None
    per_minute: int = USUAL


def all_channels(connection: Connection) -> list[KeptChannel]:
    """Return every channel, by name."""
    return [
        KeptChannel(*row) for row in connection.execute(f"SELECT {_COLUMNS} FROM dyntables.alert_channel ORDER BY 1")
    ]


def find_channel(connection: Connection, name: str) -> KeptChannel | None:
    """Return the channel of that name."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM dyntables.alert_channel WHERE name = %s", (name,)).fetchone()
    return KeptChannel(*row) if row else None


def put_channel(connection: Connection, channel: KeptChannel) -> None:
    """Add a channel, or replace the one of that name; without a secret it keeps the one that it has."""
    connection.execute(
        "INSERT INTO dyntables.alert_channel AS c (name, kind, config, secret, enabled, per_minute) "
        "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, "
        "config = excluded.config, enabled = excluded.enabled, per_minute = excluded.per_minute, "
        "secret = coalesce(excluded.secret, CASE WHEN c.kind = excluded.kind THEN c.secret END)",
        (
            channel.name,
            channel.kind,
            Jsonb(dict(channel.config)),
            channel.secret,
            channel.enabled,
            channel.per_minute,
        ),
    )


def delete_channel(connection: Connection, name: str) -> bool:
    """Remove a channel; tell whether there was one."""
    return bool(connection.execute("DELETE FROM dyntables.alert_channel WHERE name = %s", (name,)).rowcount)
