"""Waiting after wrong passwords: of one address for one account, so that strangers lock nobody else out."""

from __future__ import annotations

import threading
from collections import OrderedDict

from dyntables import clock
from dyntables.errors import TooManyRequestsError

_FREE = 5
_LONGEST_SECONDS = 900.0
_FORGOTTEN_SECONDS = 3600.0
_MOST = 10_000


class Lockout:
    """After five wrong passwords each further one doubles the wait, up to a quarter of an hour."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def check(self, key: str) -> None:
        """Refuse whoever has to wait.

        Raises:
            TooManyRequestsError: with how long.
        """
        with self._lock:
            count, at = self._failures.get(key, (0, 0.0))
        if count >= _FREE:
            left = at + min(2.0 ** (count - _FREE), _LONGEST_SECONDS) - clock.monotonic()
            if left > 0:
                raise TooManyRequestsError(
                    "too many wrong passwords for this account from this address",
                    hint=f"Wait {max(1, round(left))} seconds.",
                )

    def failed(self, key: str) -> None:
        """Note a wrong password."""
        now = clock.monotonic()
        with self._lock:
            count, at = self._failures.pop(key, (0, now))
            self._failures[key] = (count + 1 if now - at < _FORGOTTEN_SECONDS else 1, now)
            while len(self._failures) > _MOST:
                self._failures.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """Forget what was wrong before."""
        with self._lock:
            self._failures.pop(key, None)
