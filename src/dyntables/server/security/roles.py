"""Roles and who has them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person or token may do; each may what those before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    EDITOR = "editor"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """The place in the order."""
        return list(Role).index(self)

    def may(self, needed: Role) -> bool:
        """Tell whether this role is enough."""
        return self.rank >= needed.rank


class How(StrEnum):
    """How a request was recognized."""

    DEMO = "demo"
    SESSION = "session"
    TOKEN = "token"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks.

    ``user_id`` is None for the demo admin, ``session`` is the digest of the session's id, ``database_role`` is the role
    whose rights count in the database, None for the service user's own.
    """

    name: str
    role: Role
    how: How
    user_id: int | None = None
    session: bytes | None = None
    database_role: str | None = None


DEMO_ADMIN = Principal("demo", Role.ADMIN, How.DEMO)
