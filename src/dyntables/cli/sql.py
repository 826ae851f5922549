"""``dyntables sql``: run statements."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from dyntables.cli.common import Database, DataDir, Format, OutputFormat, client, print_result
from dyntables.compiler.statements import split_statements


def sql(
    statements: Annotated[str | None, typer.Argument(help="Statements; without them and -f, standard input.")] = None,
    file: Annotated[Path | None, typer.Option("-f", "--file", help="A file with statements.", exists=True)] = None,
    output: OutputFormat = Format.TABLE,
    database: Database = None,
    data_dir: DataDir = None,
    dialect: Annotated[
        str | None, typer.Option("--dialect", help="In which SQL definitions are that name none: snowflake.")
    ] = None,
    role: Annotated[
        str | None,
        typer.Option("--role", help="Act for this role, with its rights; statements on dynamic tables only."),
    ] = None,
) -> None:
    """Run SQL, ours or PostgreSQL's, and print the results."""
    text = file.read_text() if file is not None else statements if statements is not None else sys.stdin.read()
    snowflake = (dialect or "").lower() == "snowflake"
    with client(database, data_dir, dialect, role) as opened:
        for piece in split_statements(text, snowflake=snowflake):
            print_result(opened.execute(piece.text), output)
