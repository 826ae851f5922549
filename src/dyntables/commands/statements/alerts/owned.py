"""Who may change a rule of alerts by statements: its owner, and the service."""

from __future__ import annotations

from dyntables.catalog.alerts.rules import Kept, find_rule
from dyntables.commands.session import Session
from dyntables.errors import NotFoundError, PermissionDeniedError


def require_nothing(session: Session, statement: object) -> None:
    """Let everybody try: the query of a rule runs with the rights of its owner."""


def may_change(session: Session, kept: Kept) -> None:
    """Refuse to change what somebody else owns.

    Raises:
        PermissionDeniedError: it is another role's.
    """
    if session.role is not None and kept.owner != session.role:
        raise PermissionDeniedError(f'role "{session.role}" does not own the alert "{kept.rule.name}"')


def owned(session: Session, name: str, *, if_exists: bool) -> Kept | None:
    """Return the rule of that name; None if there is none and that is no error.

    Raises:
        NotFoundError: there is none. PermissionDeniedError: it is another role's.
    """
    kept = find_rule(session.connection, name)
    if kept is None:
        if if_exists:
            return None
        raise NotFoundError(f'alert "{name}" does not exist')
    may_change(session, kept)
    return kept
