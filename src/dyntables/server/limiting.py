"""Limits of requests in a time: in memory, or in Redis for several processes.

While Redis cannot be reached each process counts for itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address, ip_network

import structlog
from limits import RateLimitItem, parse
from limits.errors import ConfigurationError, StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.requests import HTTPConnection

from dyntables import clock
from dyntables.errors import AuthenticationError, InvalidOptionError, TooManyRequestsError
from dyntables.server.security.authenticate import COOKIE
from dyntables.server.security.lockout import Lockout
from dyntables.server.security.roles import Principal
from dyntables.settings import Settings

_SECONDS = 0.5
_WARN_SECONDS = 60.0
# So many people may share an address.
_SHARING = 10
# Connections of the pool that handlers leave to what takes one for a moment, such as looking a token up.
_BRIEF = 4

_log = structlog.get_logger()


class Limits:
    """Counts requests and sign-ins; ``connections`` is how many requests may hold a connection at a time."""

    def __init__(self, settings: Settings) -> None:
        self.connections = asyncio.Semaphore(max(1, settings.pool_size - _BRIEF))
        self.shared = settings.redis_url is not None
        self._alone = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._limiter = SlidingWindowCounterRateLimiter(_storage(settings)) if self.shared else self._alone
        self._warned_at: float | None = None
        self._requests = parse(settings.rate_limit) if settings.rate_limit else None
        self._logins = parse(settings.login_rate_limit) if settings.login_rate_limit else None
        self._lockout = Lockout()

    def arrival(self, connection: HTTPConnection) -> None:
        """Count a request before it is known whose it is: by its address, and not by what it says of itself.

        Raises:
            TooManyRequestsError: there were too many.
        """
        address = address_of(connection)
        self._hit(self._requests, "address", address, share=_SHARING)
        if connection.headers.get("authorization") is None and COOKIE not in connection.cookies:
            self._hit(self._requests, "stranger", address)

    def request(self, user: Principal) -> None:
        """Count a request of a person.

        Raises:
            TooManyRequestsError: there were too many.
        """
        self._hit(self._requests, "person", user.name)

    def attempt(self, connection: HTTPConnection) -> None:
        """Count an attempt to sign in, by its address.

        Raises:
            TooManyRequestsError: there were too many.
        """
        self._hit(self._logins, "sign-in", address_of(connection))

    @contextmanager
    def guessing(self, connection: HTTPConnection, name: str) -> Iterator[None]:
        """Check a password inside: each one that is wrong makes this address wait longer for this account.

        Raises:
            TooManyRequestsError: it has to wait.
        """
        self.attempt(connection)
        if self._logins is None:
            yield
            return
        key = f"{address_of(connection)} {name}"
        self._lockout.check(key)
        try:
            yield
        except AuthenticationError:
            self._lockout.failed(key)
            raise
        self._lockout.succeeded(key)

    def _hit(self, limit: RateLimitItem | None, what: str, who: str, *, share: int = 1) -> None:
        if limit is None:
            return
        allowed = type(limit)(limit.amount * share, limit.multiples) if share > 1 else limit
        if not self._allowed(allowed, what, who):
            raise TooManyRequestsError(f"too many requests: the limit is {limit}", hint="Wait a moment.")

    def _allowed(self, limit: RateLimitItem, what: str, who: str) -> bool:
        try:
            return self._limiter.hit(limit, what, who)
        except StorageError as error:
            if self._warned_at is None or clock.monotonic() - self._warned_at > _WARN_SECONDS:
                self._warned_at = clock.monotonic()
                _log.warning("requests are counted in this process alone: Redis failed", error=str(error))
            return self._alone.hit(limit, what, who)


def address_of(connection: HTTPConnection) -> str:
    """Return where a request comes from; of IPv6 the network, as one customer has all of it."""
    host = connection.client.host if connection.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return str(address) if address.version == 4 else str(ip_network((address, 64), strict=False))


def _storage(settings: Settings) -> Storage:
    assert settings.redis_url is not None
    seconds = {"socket_timeout": _SECONDS, "socket_connect_timeout": _SECONDS}
    try:
        storage = storage_from_string(settings.redis_url.get_secret_value(), wrap_exceptions=True, **seconds)
    except ConfigurationError as error:
        raise InvalidOptionError(
            "Redis cannot be used: its URL is wrong, or its package is not installed",
            hint="Install the package redis: pip install 'dyntables[redis]'. Or set "
            "DYNTABLES_REDIS_URL to nothing, for none.",
        ) from error
    assert isinstance(storage, Storage)
    return storage
