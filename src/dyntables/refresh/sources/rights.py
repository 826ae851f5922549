"""The owner's rights on sources, as they are at each refresh."""

from __future__ import annotations

from dyntables.catalog.model import DynamicTable
from dyntables.engines.postgres.connection.settings import spoken_settings
from dyntables.engines.postgres.rights.hands import hands_of, take_over
from dyntables.engines.postgres.rights.reading import is_service, may_read
from dyntables.errors import InsufficientPrivilegeError, RefreshError
from dyntables.refresh.run import Run


def check_rights(run: Run, table: DynamicTable) -> None:
    """Let the server say whether the owner of a table may run its definition.

    Raises:
        RefreshError: the owner may not.
    """
    if is_service(run.connection, table.owner):
        return
    take_over(run.connection, table.owner, table.id)
    try:
        hands = hands_of(run.connection, table.owner, spoken_settings(table.definition.settings))
        may_read(run.connection, hands, table.definition.canonical)
    except InsufficientPrivilegeError as error:
        raise RefreshError(
            f'"{table.owner}", the owner of "{table.qualified}", may not read what it reads: {error.message}',
            hint="Grant the owner the right again; until then the table keeps its previous contents.",
            sqlstate=error.sqlstate,
        ) from error
