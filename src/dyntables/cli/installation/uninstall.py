"""``dyntables uninstall``: take dyntables out of a database."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import Annotated

import typer

from dyntables.catalog import Connection
from dyntables.catalog.installation.installed import installed_tables
from dyntables.cli.common import Database, DataDir, errors
from dyntables.cli.installation.console_role import RoleName
from dyntables.commands.uninstall import uninstall as remove
from dyntables.engines.postgres.connection.session import connect
from dyntables.engines.postgres.embedded import start_embedded
from dyntables.engines.postgres.people.reader import READER
from dyntables.errors import InvalidOptionError


def uninstall(
    keep_tables: Annotated[
        bool, typer.Option("--keep-tables", help="Keep dynamic tables, as plain tables with their present contents.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before dynamic tables are dropped.")] = False,
    role: RoleName = READER,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Remove dyntables from a database: schemas, triggers, logs, grants, and the dynamic tables."""
    with errors(), ExitStack() as stack:
        if not database:
            server = start_embedded(data_dir)
            stack.callback(server.stop)
        connection = stack.enter_context(connect(database or server.url))
        if not keep_tables and not yes:
            _ask(connection)
        for line in remove(connection, keep_tables=keep_tables, reader=role):
            typer.echo(line)


def _ask(connection: Connection) -> None:
    names = [f"{table.schema}.{table.name}" for table in installed_tables(connection)]
    if not names:
        return
    if not sys.stdin.isatty():
        raise InvalidOptionError(
            f"this would drop {len(names)} dynamic tables: {', '.join(names)}",
            hint="--yes says that it may; --keep-tables keeps them as plain tables.",
        )
    typer.confirm(f"Drop {len(names)} dynamic tables ({', '.join(names)})?", abort=True)
