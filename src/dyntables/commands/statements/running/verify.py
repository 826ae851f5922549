"""ALTER DYNAMIC TABLE … VERIFY."""

from __future__ import annotations

from dyntables.commands.command import Command
from dyntables.commands.naming import find
from dyntables.commands.rights import may_refresh
from dyntables.commands.session import ALTERED, Result, Session
from dyntables.compiler.statements import Verify
from dyntables.errors import NotFoundError

COLUMNS = ["name", "equal", "missing_rows", "extra_rows", "data_timestamp", "action", "frozen_rows"]


def verify(session: Session, statement: Verify) -> Result:
    """Refresh, and compare with the definition in the same snapshot."""
    table = find(session, statement.name)
    found = session.refresher.verify([table.id])
    rows = [
        (
            f"{v.schema}.{v.name}",
            v.equal,
            v.missing_rows,
            v.extra_rows,
            v.data_timestamp,
            str(v.refresh.action),
            v.frozen_rows,
        )
        for v in found
    ]
    if not rows:
        raise NotFoundError(f'dynamic table "{table.qualified}" was dropped by somebody else')
    return Result(COLUMNS, rows, ALTERED, verifications=tuple(found))


COMMAND = Command(Verify, verify, needs=may_refresh, alone=True)
