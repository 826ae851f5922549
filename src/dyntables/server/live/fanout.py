"""News of operations, which only one process knows, told to the other processes on the same database.

By Redis, if there is one, or else by PostgreSQL's NOTIFY. News of refreshes and tables come from the database to every
process (``listener``) and need none of this.
"""

from __future__ import annotations

import importlib
import json
import threading
import uuid
from typing import Any, Protocol

import psycopg
import structlog
from psycopg_pool import ConnectionPool, PoolTimeout

from dyntables.errors import InvalidOptionError
from dyntables.events import OperationTold
from dyntables.events.codec import encode
from dyntables.server.live.hub import Hub
from dyntables.server.live.messages import OperationChanged

# PostgreSQL takes no payload of 8,000 bytes.
_LONGEST = 7900
_RETRY_SECONDS = 1.0
_POLL_SECONDS = 0.5

_log = structlog.get_logger()


class Fanout(Protocol):
    """Tells the other processes."""

    def start(self) -> None:
        """Begin to listen."""
        ...

    def stop(self) -> None:
        """End."""
        ...

    def tell(self, message: OperationChanged) -> None:
        """Hand a message to the clients of all processes."""
        ...


class _Envelope:
    """A message with the process that it comes from."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.origin = uuid.uuid4().hex[:12]

    def wrap(self, message: OperationChanged) -> str:
        return json.dumps({"origin": self.origin, "message": message.model_dump(mode="json")}, ensure_ascii=False)

    def hear(self, text: str) -> None:
        """Publish here what another process tells."""
        try:
            told = json.loads(text)
            if told["origin"] != self.origin:
                self.hub.publish(OperationChanged.model_validate(told["message"]))
        except (ValueError, KeyError, TypeError) as error:
            _log.warning("a message of another process is not understood", error=str(error))


class NotifyFanout:
    """By NOTIFY; the listener hands over what it hears."""

    def __init__(self, pool: ConnectionPool[psycopg.Connection], hub: Hub, channel: str) -> None:
        self._pool = pool
        self._channel = channel
        self._envelope = _Envelope(hub)

    def start(self) -> None:
        """Do nothing: the listener listens."""

    def stop(self) -> None:
        """Do nothing."""

    def tell(self, message: OperationChanged) -> None:
        """Publish here, and notify the others; what is too long goes without its outcomes."""
        self._envelope.hub.publish(message)
        text = self._envelope.wrap(message)
        if len(text.encode()) > _LONGEST:
            shorter = message.operation.model_copy(update={"refreshes": [], "verifications": [], "notices": []})
            text = self._envelope.wrap(OperationChanged(operation=shorter))
        if len(text.encode()) > _LONGEST:
            return
        try:
            with self._pool.connection() as connection:
                connection.execute("SELECT pg_notify(%s, %s)", (self._channel, encode(OperationTold(text))))
        except (psycopg.Error, PoolTimeout) as error:
            _log.warning("other processes were not told of an operation", error=str(error))

    def hear(self, text: str) -> None:
        """Take what the listener heard."""
        self._envelope.hear(text)


class RedisFanout:
    """By a channel of Redis, in a thread of its own."""

    def __init__(self, url: str, database: str, hub: Hub) -> None:
        self._redis = _client(url)
        self._errors: type[Exception] = importlib.import_module("redis").RedisError
        self._channel = f"dyntables:{database}"
        self._envelope = _Envelope(hub)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fanout", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        self._thread.join()
        self._redis.close()

    def tell(self, message: OperationChanged) -> None:
        """Publish here, and to the others."""
        self._envelope.hub.publish(message)
        try:
            self._redis.publish(self._channel, self._envelope.wrap(message))
        except self._errors as error:
            _log.warning("other processes were not told of an operation", error=str(error))

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with self._redis.pubsub(ignore_subscribe_messages=True) as channel:
                    channel.subscribe(self._channel)
                    while not self._stop.is_set():
                        heard = channel.get_message(timeout=_POLL_SECONDS)
                        if heard is not None:
                            self._envelope.hear(heard["data"])
            except self._errors as error:
                _log.warning("Redis cannot be reached", error=str(error))
                self._stop.wait(_RETRY_SECONDS)


def _client(url: str) -> Any:
    try:
        redis = importlib.import_module("redis")
    except ImportError:
        raise InvalidOptionError(
            "Redis cannot be used: the package redis is not installed", hint="pip install 'dyntables[redis]'"
        ) from None
    return redis.Redis.from_url(url, decode_responses=True, socket_timeout=5, socket_connect_timeout=5)
