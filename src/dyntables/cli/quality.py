"""``dyntables quality``: rules of quality, and whether they hold."""

from __future__ import annotations

from typing import Annotated

import typer

from dyntables import Result
from dyntables.cli.common import Database, DataDir, Format, OutputFormat, client, print_result
from dyntables.compiler.names import quote_qualified
from dyntables.compiler.statements.cursor import Cursor
from dyntables.health.quality import RuleState

app = typer.Typer(help="Rules of quality, and whether they hold.", no_args_is_help=True)
_BROKEN = {RuleState.FAILED, RuleState.ERROR}


@app.command("show")
def show(
    name: Annotated[str | None, typer.Argument(help="A table, as in SQL; without it, the rules of all.")] = None,
    output: OutputFormat = Format.TABLE,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """List the rules."""
    with client(database, data_dir) as opened:
        print_result(opened.execute(f"SHOW QUALITY RULES{f' ON {_name(name)}' if name else ''}"), output)


@app.command("check")
def check(
    names: Annotated[list[str] | None, typer.Argument(help="Tables; without names, all that have rules.")] = None,
    output: OutputFormat = Format.TABLE,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Check the rules of tables now; exit 1 if one fails or cannot be checked."""
    with client(database, data_dir) as opened:
        tables = [_name(name) for name in names or []]
        if not tables:
            shown = opened.execute("SHOW QUALITY RULES")
            tables = sorted({quote_qualified(row[0], row[1]) for row in shown.rows if row[0] is not None})
        found = Result(["table"])
        for table in tables:
            result = opened.execute(f"CHECK QUALITY OF {table}")
            found.columns = ["table", *result.columns]
            found.rows += [(table.replace('"', ""), *row) for row in result.rows]
            found.notices += result.notices
        print_result(found, output)
        if any(row[3] in _BROKEN for row in found.rows):
            raise typer.Exit(1)


def _name(name: str) -> str:
    """Return a name with its parts quoted."""
    cursor = Cursor(name)
    found = cursor.name()
    cursor.end()
    return found.sql()
