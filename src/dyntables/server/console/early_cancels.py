"""Cancels that overtake their queries: two requests of a browser come in any order."""

from __future__ import annotations

import uuid

from dyntables import clock

_SECONDS = 60.0
# Of one person; whoever sends more loses the oldest, of their own.
_MOST = 100


class EarlyCancels:
    """What people have cancelled that has not begun; the caller holds a lock."""

    def __init__(self) -> None:
        self._known: dict[str, dict[uuid.UUID, float]] = {}

    def add(self, user: str, query_id: uuid.UUID) -> None:
        """Remember a cancel for a minute."""
        self._forget()
        own = self._known.setdefault(user, {})
        if len(own) >= _MOST:
            del own[next(iter(own))]
        own[query_id] = clock.monotonic()

    def take(self, user: str, query_id: uuid.UUID) -> bool:
        """Tell whether this person has cancelled the query already; a cancel stops one query."""
        self._forget()
        return self._known.get(user, {}).pop(query_id, None) is not None

    def _forget(self) -> None:
        oldest = clock.monotonic() - _SECONDS
        for user, own in list(self._known.items()):
            recent = {query_id: at for query_id, at in own.items() if at > oldest}
            if recent:
                self._known[user] = recent
            else:
                del self._known[user]
