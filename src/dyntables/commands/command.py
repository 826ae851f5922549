"""What a statement of ours is to the one door: what runs it, who may, and whether in a transaction with others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from dyntables.commands.rights import Privilege, require_named
from dyntables.commands.session import Result, Session

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Command(Generic[S]):
    """The record of a statement; each stands beside its code, and ``registry`` finds it.

    ``needs``: the privilege on every dynamic table that the statement names, or what checks the rights.
    ``alone``: it commits on the way, or holds locks of refreshes that end before the transaction around it would.
    ``joins``: it may all the same be one of several that alter a table together.
    ``skips_missing``: IF EXISTS skips all of it if the table is not there; otherwise it sees to that itself.
    """

    statement: type[S]
    run: Callable[[Session, S], Result]
    needs: Privilege | Callable[[Session, S], None] = Privilege.OWNERSHIP
    alone: bool | Callable[[S], bool] = False
    joins: bool = False
    skips_missing: bool = True

    def require(self, session: Session, statement: S) -> None:
        """Check the rights of the role for which the session acts, if it acts for one.

        Raises:
            PermissionDeniedError: with the right that is missing, and the table.
        """
        if session.role is None:
            return
        if isinstance(self.needs, Privilege):
            require_named(session, statement, self.needs)
        else:
            self.needs(session, statement)

    def runs_alone(self, statement: S, *, together: bool) -> bool:
        """Tell whether the statement cannot run inside a transaction block."""
        if together and self.joins:
            return False
        return self.alone(statement) if callable(self.alone) else self.alone
