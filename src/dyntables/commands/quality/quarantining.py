"""ON VIOLATION QUARANTINE, as statements on rules say it: what may be kept back, and when that changes."""

from __future__ import annotations

from dyntables.catalog import store
from dyntables.catalog.definitions import following
from dyntables.catalog.model import DynamicTable, RefreshReason
from dyntables.catalog.quality import rules
from dyntables.catalog.quality.rule import Meaning, Target, Terms
from dyntables.commands.naming import check_name
from dyntables.commands.session import Session
from dyntables.compiler.quality.quarantine import beside
from dyntables.compiler.statements import OnViolation
from dyntables.errors import InvalidOptionError
from dyntables.refresh.quality.splitting import keeps_back


def check_quarantine(session: Session, target: Target, meaning: Meaning, terms: Terms) -> None:
    """Refuse a rule that would keep rows back and cannot.

    Raises:
        InvalidOptionError: its predicate may change with no row changed. CatalogError: something has the name of the
            view of the rows that wait.
    """
    if terms.on_violation is not OnViolation.QUARANTINE:
        return
    if meaning.scans is not None:
        raise InvalidOptionError(
            f"ON VIOLATION QUARANTINE needs a predicate of the row alone: {meaning.scans}",
            detail="A row would leave the table, or come back, with no refresh, and differently for each reader.",
            hint="Compare columns of the same type with each other or with constants; or use MONITOR, WARN or BLOCK.",
        )
    assert target.dynamic_table_id is not None
    if not store.load_all(session.connection, [target.dynamic_table_id])[target.dynamic_table_id].contents.quarantine:
        check_name(session, target.schema, beside(target.name), None)


def settle_quarantine(session: Session, target: Target) -> list[str]:
    """Have a table computed anew if its rules keep other rows back than before; return what to tell people.

    The caller owns the transaction.
    """
    table = _table(session, target)
    if table is None or table.contents.data_timestamp is None:
        return []
    if keeps_back(rules.of_table(session.connection, target)) == table.contents.quarantine.get("fails", {}):
        return []
    following.reinitialize(session.connection, table.id, str(RefreshReason.QUARANTINE_CHANGED))
    return ["which rows wait in quarantine changes at the next refresh, which computes the table anew"]


def _table(session: Session, target: Target) -> DynamicTable | None:
    number = target.dynamic_table_id
    return store.load_all(session.connection, [number]).get(number) if number is not None else None
