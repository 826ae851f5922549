"""``dyntables capture``: show the change capture of sources, and repair it."""

from __future__ import annotations

from typing import Annotated

import typer

from dyntables.cli.common import Database, DataDir, Format, OutputFormat, client, err, print_result

_SHOWN = (
    "SELECT schema_name || '.' || name AS source, capture, array_to_string(columns, ', ') AS columns, "
    "tables_with_triggers AS tables, readers, slowest_reader, rows_owed, pg_size_pretty(bytes_owed) AS owed, "
    "generations, "
    "pg_size_pretty(log_bytes) AS log, pg_size_pretty(bytes_limit) AS limit FROM dyntables.sources ORDER BY 1"
)


def capture(
    repair: Annotated[bool, typer.Option("--repair", help="Mend triggers and logs; readers reinitialize.")] = False,
    output: OutputFormat = Format.TABLE,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Show which tables are captured, and what their readers have not consumed; exit 1 if a trigger is missing."""
    with client(database, data_dir) as opened:
        if repair:
            for name in opened.repair_capture():
                err.print(f"mended: {name}")
        result = opened.execute(_SHOWN)
        print_result(result, output)
        wrong = [row for row in result.rows if row[1] == "BROKEN"]
    if wrong:
        raise typer.Exit(1)
