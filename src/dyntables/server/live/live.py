"""News for those who listen: what hands them on, and what brings those of other processes."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg_pool import ConnectionPool

from dyntables.events.codec import CHANNEL
from dyntables.server.live.fanout import Fanout, NotifyFanout, RedisFanout
from dyntables.server.live.hub import Hub
from dyntables.server.live.listener import Listener
from dyntables.server.steps import Steps
from dyntables.settings import Settings


@dataclass(frozen=True, slots=True)
class Live:
    """The hub of this process, and its ways to and from the others."""

    hub: Hub
    fanout: Fanout
    listener: Listener

    def start(self) -> None:
        """Begin to listen."""
        self.listener.start()
        self.fanout.start()


def open_live(settings: Settings, url: str, pool: ConnectionPool[psycopg.Connection], steps: Steps) -> Live:
    """Return what will listen, by Redis if there is one, else by the database's own notifications."""
    hub = Hub()
    if settings.redis_url is not None:
        fanout = RedisFanout(settings.redis_url.get_secret_value(), _identity(pool), hub)
        return Live(hub, fanout, Listener(url, pool, hub, steps))
    notifying = NotifyFanout(pool, hub, CHANNEL)
    return Live(hub, notifying, Listener(url, pool, hub, steps, notifying.hear))


def _identity(pool: ConnectionPool[psycopg.Connection]) -> str:
    """Return what tells a database from all others that may use the same Redis."""
    with pool.connection() as connection:
        row = connection.execute(
            "SELECT system_identifier, oid FROM pg_control_system(), pg_database WHERE datname = current_database()"
        ).fetchone()
    assert row is not None
    return f"{row[0]}:{row[1]}"
