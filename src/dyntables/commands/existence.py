"""ALTER DYNAMIC TABLE IF EXISTS: what is said of a table that is not there is skipped, with a notice."""

from __future__ import annotations

from dataclasses import replace

from dyntables.catalog import store
from dyntables.commands.session import Result, Session
from dyntables.compiler.statements import QualifiedName, Refresh, Statement


def without_missing(session: Session, statement: Statement) -> tuple[Statement | None, list[str]]:
    """Return what is left of a statement with IF EXISTS, and a notice for each table that is not there."""
    if not getattr(statement, "if_exists", False):
        return statement, []
    named = statement.names if isinstance(statement, Refresh) else (getattr(statement, "name"),)  # noqa: B009
    present = tuple(n for n in named if _exists(session, n))
    notices = [
        f'dynamic table "{".".join(session.resolve(n.parts))}" does not exist, skipped'
        for n in named
        if n not in present
    ]
    if not notices:
        return statement, []
    if isinstance(statement, Refresh) and present:
        return replace(statement, names=present), notices
    return None, notices


def skipped(notices: list[str]) -> Result:
    """Return the result of a statement of which nothing is left."""
    return Result(status="ALTER DYNAMIC TABLE", notices=notices)


def _exists(session: Session, name: QualifiedName) -> bool:
    return store.find(session.connection, *session.resolve(name.parts)) is not None
