"""Limits of requests in a time: in memory, or in Redis for several processes.

While Redis cannot be reached each process counts for itself.
"""

from __future__ import annotations

import structlog
from limits import RateLimitItem, parse
from limits.errors import ConfigurationError, StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

from dyntables import clock
from dyntables.errors import InvalidOptionError, TooManyRequestsError
from dyntables.settings import Settings

_SECONDS = 0.5
_WARN_SECONDS = 60.0

_log = structlog.get_logger()


class Limits:
    """Counts requests and sign-ins."""

    def __init__(self, settings: Settings) -> None:
        self.shared = settings.redis_url is not None
        self._alone = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._limiter = SlidingWindowCounterRateLimiter(_storage(settings)) if self.shared else self._alone
        self._warned_at: float | None = None
        self._requests = parse(settings.rate_limit) if settings.rate_limit else None
        self._logins = parse(settings.login_rate_limit) if settings.login_rate_limit else None

    def request(self, who: str) -> None:
        """Count a request.

        Raises:
            TooManyRequestsError: there were too many.
        """
        self._hit(self._requests, "request", who)

    def login(self, address: str, name: str) -> None:
        """Count an attempt to sign in, of an address and of a name.

        Raises:
            TooManyRequestsError: there were too many.
        """
        self._hit(self._logins, "address", address)
        self._hit(self._logins, "name", name)

    def _hit(self, limit: RateLimitItem | None, what: str, who: str) -> None:
        if limit is not None and not self._allowed(limit, what, who):
            raise TooManyRequestsError(f"too many requests: the limit is {limit}", hint="Wait a moment.")

    def _allowed(self, limit: RateLimitItem, what: str, who: str) -> bool:
        try:
            return self._limiter.hit(limit, what, who)
        except StorageError as error:
            if self._warned_at is None or clock.monotonic() - self._warned_at > _WARN_SECONDS:
                self._warned_at = clock.monotonic()
                _log.warning("requests are counted in this process alone: Redis failed", error=str(error))
            return self._alone.hit(limit, what, who)


def _storage(settings: Settings) -> Storage:
    assert settings.redis_url is not None
    seconds = {"socket_timeout": _SECONDS, "socket_connect_timeout": _SECONDS}
    try:
        storage = storage_from_string(settings.redis_url.get_secret_value(), wrap_exceptions=True, **seconds)
    except ConfigurationError as error:
        raise InvalidOptionError(
            f"Redis cannot be used: {error}",
            hint="Install the package redis: pip install 'dyntables[redis]'. Or set "
            "DYNTABLES_REDIS_URL to nothing, for none.",
        ) from error
    assert isinstance(storage, Storage)
    return storage
