"""``dyntables migrate``: bring the private schema to a version."""

from __future__ import annotations

from typing import Annotated

import typer

from dyntables.catalog.migrate import migrate as run_migrations
from dyntables.cli.common import Database, DataDir, errors
from dyntables.engines.postgres.connection.session import connect
from dyntables.engines.postgres.embedded import start_embedded


def migrate(
    to: Annotated[int | None, typer.Option("--to", help="The version; without it, the newest.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Migrate the catalog up or down."""
    with errors():
        server = None if database else start_embedded(data_dir)
        try:
            with connect(database or server.url) as connection:  # type: ignore[union-attr]
                done = run_migrations(connection, to, dry_run=dry_run)
        finally:
            if server is not None:
                server.stop()
        for line in done or ["nothing to do"]:
            typer.echo(line)
