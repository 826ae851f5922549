"""What the verbs share: options, output, and the translation of errors into exit codes."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dyntables import Client, Result, connect
from dyntables.catalog import Connection
from dyntables.engines.postgres.connection.errors import translated
from dyntables.engines.postgres.connection.session import connect as connect_to_server
from dyntables.engines.postgres.connection.session import parameters_of
from dyntables.errors import DyntablesError, InvalidOptionError

# What is read by a program, or kept in a file, is not folded to the width of a terminal.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 240)
err = Console(stderr=True, highlight=False)


class Format(StrEnum):
    """How results are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def _warn_of_password(context: typer.Context, parameter: typer.CallbackParam, url: str | None) -> str | None:
    """Say that whoever lists the processes of this machine sees a password of the command line."""
    source = context.get_parameter_source(parameter.name or "")
    if url and source is not None and source.name == "COMMANDLINE":
        try:
            secret = "password" in parameters_of(url)
        except InvalidOptionError:
            secret = False
        if secret:
            err.print("a password on the command line is seen by all on this machine: set DYNTABLES_DATABASE instead")
    return url


Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        "-d",
        envvar="DYNTABLES_DATABASE",
        callback=_warn_of_password,
        help="PostgreSQL URL; without it the embedded server is used. With a password: in the environment.",
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", envvar="DYNTABLES_DATA_DIR", help="Where the embedded server keeps its data."),
]
OutputFormat = Annotated[Format, typer.Option("--format", "-F", help="How to print results.")]


@contextmanager
def errors() -> Iterator[None]:
    """Print our errors as people read them; exit 1 for these, 130 for Ctrl-C."""
    try:
        yield
    except DyntablesError as error:
        err.print(Text(f"ERROR {error.code}: ", style="bold red") + Text(str(error)))
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        err.print("cancelled")
        raise typer.Exit(130) from None


@contextmanager
def client(
    database: str | None, data_dir: Path | None, dialect: str | None = None, role: str | None = None
) -> Iterator[Client]:
    """Open a client, with errors printed."""
    with errors(), connect(database, data_dir, dialect=dialect, role=role) as opened:
        yield opened


@contextmanager
def opened_with_connection(database: str | None, data_dir: Path | None) -> Iterator[tuple[Client, Connection]]:
    """Open a client, and a connection to ask catalog and server; with errors printed."""
    with client(database, data_dir) as opened, translated(), connect_to_server(opened.url) as connection:
        yield opened, connection


def print_result(result: Result, output: Format = Format.TABLE) -> None:
    """Print a result to standard output, and its notices to standard error."""
    for notice in result.notices:
        err.print(Text("NOTICE: ", style="yellow") + Text(notice))
    if not result.columns:
        if result.status and output is Format.TABLE:
            out.print(result.status)
        return
    if output is Format.JSON:
        rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows]
        sys.stdout.write(json.dumps(rows, default=str, ensure_ascii=False, indent=2) + "\n")
    elif output is Format.CSV:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(result.columns)
        writer.writerows(["" if v is None else v for v in row] for row in result.rows)
    else:
        print_table(result.columns, result.rows)


def print_table(columns: list[str], rows: list[tuple[Any, ...]]) -> None:
    """Print rows as a table that fits the terminal."""
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    numeric = [
        bool(rows) and all(isinstance(r[i], (int, float)) or r[i] is None for r in rows) for i in range(len(columns))
    ]
    for column, right in zip(columns, numeric, strict=True):
        table.add_column(column, justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text("∅", style="dim") if v is None else Text(str(v)) for v in row))
    out.print(table)
    out.print(Text(f"({len(rows)} row{'s' if len(rows) != 1 else ''})", style="dim"))
