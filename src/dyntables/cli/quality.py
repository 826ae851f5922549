"""``dyntables quality``: rules of quality, and whether they hold."""

from __future__ import annotations

import csv
import json
import sys
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from dyntables import Result, clock
from dyntables.cli.common import Database, DataDir, Format, OutputFormat, client, errors, out, print_result
from dyntables.compiler.names import quote_qualified
from dyntables.compiler.statements.cursor import Cursor
from dyntables.errors import InvalidOptionError
from dyntables.files import quality as files
from dyntables.files.kind import Difference, Effect
from dyntables.files.quality_report import QualityReport, gather, page
from dyntables.health.quality import RuleState

app = typer.Typer(help="Rules of quality, and whether they hold.", no_args_is_help=True)
_BROKEN = {RuleState.FAILED, RuleState.ERROR}
_DIFFERENT = 2
_MARKS = {Effect.NONE: " ", Effect.CREATE: "+", Effect.ALTER: "~", Effect.EXTRA: "-"}
RuleFile = Annotated[Path, typer.Argument(help="YAML with rules:, a list.", exists=True, dir_okay=False)]


class ReportFormat(StrEnum):
    """How a report is written."""

    HTML = "html"
    CSV = "csv"
    JSON = "json"


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


@app.command("suggest")
def suggest(
    name: Annotated[str, typer.Argument(help="A table, as in SQL: schema.name.")],
    as_file: Annotated[bool, typer.Option("--yaml", help="As a file that plan and apply take.")] = False,
    output: OutputFormat = Format.TABLE,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Look at the rows of a table, and suggest rules that hold of them, each with what was seen."""
    with client(database, data_dir) as opened:
        result = opened.execute(f"SUGGEST QUALITY RULES FOR {_name(name)}")
    if as_file:
        table = ".".join(Cursor(name).name().parts)
        rules = [{"table": table, "name": row[0], "check": row[2], "comment": row[3]} for row in result.rows]
        sys.stdout.write(files.write_rules(rules))
        return
    print_result(Result(result.columns[:4], [row[:4] for row in result.rows]), output)


@app.command("plan")
def plan(file: RuleFile, database: Database = None, data_dir: DataDir = None) -> None:
    """Say what a file would change; exit 2 if database and file differ."""
    with client(database, data_dir) as opened:
        differences = files.compare(opened, files.read_rules(_text(file)))
    different = [d for d in differences if d.effect is not Effect.NONE]
    for difference in different:
        _print(difference)
    out.print(f"{len(different)} of {len(differences)} differ")
    if different:
        raise typer.Exit(_DIFFERENT)


@app.command("apply")
def apply(
    file: RuleFile,
    prune: Annotated[bool, typer.Option("--prune", help="Also drop other rules of the tables in the file.")] = False,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Create and replace rules until the database is as the file says."""
    with client(database, data_dir) as opened:
        done = 0
        for difference in files.apply(opened, files.read_rules(_text(file)), prune=prune):
            _print(difference)
            done += 1
    if not done:
        out.print("nothing changes")


@app.command("report")
def report(
    file: Annotated[Path | None, typer.Option("--output", "-o", help="A file, in place of standard output.")] = None,
    form: Annotated[ReportFormat, typer.Option("--format", "-F", help="html to read and print, or for programs.")] = (
        ReportFormat.HTML
    ),
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Write what the newest checks found, of all tables; exit 1 if a rule fails or could not be checked."""
    with client(database, data_dir) as opened:
        found = gather(opened)
    text = _written(found, form)
    if file is None:
        sys.stdout.write(text)
    else:
        file.write_text(text, "utf-8")
    state, enabled = found.columns.index("state"), found.columns.index("enabled")
    if any(row[state] in _BROKEN and row[enabled] for row in found.rules):
        raise typer.Exit(1)


def _written(found: QualityReport, form: ReportFormat) -> str:
    if form is ReportFormat.HTML:
        return page(found, clock.now())
    if form is ReportFormat.JSON:
        rows = [dict(zip(found.columns, row, strict=True)) for row in found.rules]
        return json.dumps(rows, default=str, ensure_ascii=False, indent=2) + "\n"
    lines = StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(found.columns)
    writer.writerows(["" if v is None else v for v in row] for row in found.rules)
    return lines.getvalue()


def _text(file: Path) -> str:
    with errors():
        try:
            return file.read_text("utf-8")
        except UnicodeDecodeError:
            raise InvalidOptionError(f"{file} is no text") from None


def _print(difference: Difference) -> None:
    out.print(Text(f"{_MARKS[difference.effect]} {difference.name}: {difference.effect}"))
    for change in difference.changes:
        out.print(Text(f"    {change}"))


def _name(name: str) -> str:
    """Return a name with its parts quoted."""
    cursor = Cursor(name)
    found = cursor.name()
    cursor.end()
    return found.sql()
