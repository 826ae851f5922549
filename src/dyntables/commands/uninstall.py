"""Take dyntables out of a database, all of it, in one transaction."""

from __future__ import annotations

from dyntables.catalog import Connection
from dyntables.catalog.installation.installed import (
    SCHEMAS,
    Installed,
    column_comments,
    hold_all,
    installed_tables,
    present_schemas,
)
from dyntables.catalog.installation.removal import remove_capture
from dyntables.catalog.quality import quarantine
from dyntables.engines.postgres import removal
from dyntables.engines.postgres.people.reader import revoke_reading
from dyntables.engines.postgres.rights.hands import guarded
from dyntables.engines.postgres.storage import user_views
from dyntables.engines.postgres.storage.beside import drop_beside
from dyntables.engines.postgres.storage.plain import keep_contents, take_the_place
from dyntables.errors import CatalogError, DependentObjectsError


def uninstall(connection: Connection, *, keep_tables: bool, reader: str) -> list[str]:
    """Remove everything that dyntables has made in a database; return what was done, for people.

    Args:
        connection: in autocommit mode, of who installed it or of a superuser.
        keep_tables: whether dynamic tables stay, as tables that nothing refreshes.
        reader: the role of the console, which loses what it may read.

    Raises:
        CatalogError: it is not installed, or a scheduler leads; others depend on what is removed; rights are missing.
        EngineError: somebody used it for too long. In all of these cases nothing was changed.
    """
    with removal.removing(connection):
        schemas = _schemas(connection)
        tables = _held(connection)
        for view in quarantine.views(connection):
            drop_beside(connection, view)
        _check_dependents(connection, [t.view_oid for t in tables])
        has_reader = revoke_reading(connection, reader)
        if keep_tables:
            _copy(connection, tables)
        removal.drop_event_triggers(connection)
        remove_capture(connection)
        for table in tables:
            _remove(connection, table, keep=keep_tables)
        removal.drop_schemas(connection, schemas)
        left = removal.drop_keeper(connection)
    done = [f"{table.schema}.{table.name} {'is a plain table now' if keep_tables else 'dropped'}" for table in tables]
    if has_reader:
        done.append(
            f'role "{reader}" may read nothing here any more; DROP ROLE removes it if no other database needs it'
        )
    if left:
        done.append(f'role "{left}", which kept the change logs, has nothing any more; a superuser can DROP ROLE it')
    return [*done, "dyntables is removed from this database"]


def _schemas(connection: Connection) -> list[str]:
    schemas = present_schemas(connection)
    if not schemas:
        raise CatalogError("dyntables is not installed in this database")
    return schemas


def _held(connection: Connection) -> list[Installed]:
    """Keep schedulers, installations, refreshes and statements off; return the tables that there are from now on."""
    if not hold_all(connection):
        raise CatalogError(
            "a scheduler is at work in this database, so nothing was removed",
            hint='Stop "dyntables serve" or "dyntables run" first; "dyntables doctor" says where it runs.',
        )
    return installed_tables(connection)


def _check_dependents(connection: Connection, views: list[int]) -> None:
    found = removal.dependents(connection, SCHEMAS, views)
    if found:
        raise DependentObjectsError(
            "cannot remove dyntables: other objects depend on it, so nothing was removed",
            detail="\n".join(f"{dependent} depends on {on}" for dependent, on in found),
            hint="Drop these first.",
        )


def _copy(connection: Connection, tables: list[Installed]) -> None:
    with guarded(connection, [table.owner for table in tables]):
        for table in tables:
            keep_contents(connection, table.id, (table.schema, table.name), table.owner, filled=table.filled)


def _remove(connection: Connection, table: Installed, *, keep: bool) -> None:
    if not keep:
        user_views.drop(connection, table.schema, table.name)
        return
    comments = column_comments(connection, table.id)
    take_the_place(connection, table.id, (table.schema, table.name), table.comment, comments)
