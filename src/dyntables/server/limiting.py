"""Limits of requests in a time: in memory, or in Redis for several processes."""

from __future__ import annotations

from limits import RateLimitItem, parse
from limits.errors import ConfigurationError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

from dyntables.errors import InvalidOptionError, TooManyRequestsError
from dyntables.settings import Settings


class Limits:
    """Counts requests and sign-ins."""

    def __init__(self, settings: Settings) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(_storage(settings))
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
        if limit is not None and not self._limiter.hit(limit, what, who):
            raise TooManyRequestsError(f"too many requests: the limit is {limit}", hint="Wait a moment.")


def _storage(settings: Settings) -> Storage:
    if settings.redis_url is None:
        return MemoryStorage()
    try:
        storage = storage_from_string(settings.redis_url.get_secret_value())
    except ConfigurationError as error:
        raise InvalidOptionError(
            f"Redis cannot be used: {error}", hint="Install the package redis: pip install 'dyntables[redis]'."
        ) from error
    assert isinstance(storage, Storage)
    return storage
