"""Limits of requests in a time: in memory, or in Redis for several processes."""

from __future__ import annotations

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

from dyntables.errors import TooManyRequestsError
from dyntables.settings import Settings


class Limits:
    """Counts requests and sign-ins."""

    def __init__(self, settings: Settings) -> None:
        redis = settings.redis_url
        storage = storage_from_string(redis.get_secret_value()) if redis is not None else MemoryStorage()
        assert isinstance(storage, Storage)
        self._limiter = SlidingWindowCounterRateLimiter(storage)
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
