"""``dyntables capture``: show the change capture of sources, and repair it."""

from __future__ import annotations

from typing import Annotated

import typer

from dyntables import Result
from dyntables.catalog.reports.reports import captured_sources
from dyntables.cli.common import Database, DataDir, Format, OutputFormat, err, opened_with_connection, print_result


def capture(
    repair: Annotated[bool, typer.Option("--repair", help="Mend triggers and logs; readers reinitialize.")] = False,
    output: OutputFormat = Format.TABLE,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Show which tables are captured, and what their readers have not consumed; exit 1 if a trigger is missing."""
    with opened_with_connection(database, data_dir) as (opened, connection):
        if repair:
            for name in opened.repair_capture():
                err.print(f"mended: {name}")
        found = captured_sources(connection)
        print_result(Result(found.columns, found.rows), output)
        wrong = [row for row in found.rows if row[1] == "BROKEN"]
    if wrong:
        raise typer.Exit(1)
