"""``show``, ``refresh``, ``verify``, ``history``, ``explain``: look at dynamic tables and bring them up to date."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from dyntables import Client, Result, clock
from dyntables.catalog import Connection, store
from dyntables.catalog.quality.results import standings
from dyntables.catalog.reports.reports import ended_refreshes, lags_of_last_hour, lateness, latest_refreshes
from dyntables.cli.common import (
    Database,
    DataDir,
    Format,
    OutputFormat,
    client,
    err,
    opened_with_connection,
    print_result,
)
from dyntables.compiler.names import quote_qualified
from dyntables.compiler.statements.cursor import Cursor
from dyntables.errors import CatalogError
from dyntables.health.judge import Ended, judge, known_of
from dyntables.health.targets import effective_targets

_SHOWN = [
    "schema_name", "name", "refresh_mode", "target_lag", "scheduling_state", "lag_sec", "last_refresh_action",
    "last_refresh_reason", "last_refresh_duration_ms", "refresh_mode_reason",
]  # fmt: skip


class PlanFormat(StrEnum):
    """How an explanation is printed."""

    TEXT = "text"
    JSON = "json"


Name = Annotated[str, typer.Argument(help="A dynamic table, as in SQL: schema.name.")]


def show(
    like: Annotated[str | None, typer.Argument(help="A pattern such as 'cust%'.")] = None,
    output: OutputFormat = Format.TABLE,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """List the dynamic tables with health, mode, last refresh, and their lag over the last hour."""
    with opened_with_connection(database, data_dir) as (opened, connection):
        result = opened.execute("SHOW DYNAMIC TABLES" + (f" LIKE {_literal(like)}" if like else ""))
        lags = lags_of_last_hour(connection)
        health = _health(connection)
        picked = [result.columns.index(c) for c in _SHOWN]
        rows = [tuple(r[i] for i in picked) for r in result.rows]
        shown = [
            (*row[:2], health.get(row[:2]), *row[2:], *lags.get(row[:2], (None, None, None, None))) for row in rows
        ]
        columns = [*_SHOWN[:2], "health", *_SHOWN[2:], "mean_lag_sec", "p95_lag_sec", "max_lag_sec", "within_target"]
        print_result(Result(columns, [tuple(_short(v) for v in row) for row in shown]), output)


def why(name: Name, output: OutputFormat = Format.TABLE, database: Database = None, data_dir: DataDir = None) -> None:
    """Say why a table is late: which table of its pipeline, which phase, which lock or query."""
    with opened_with_connection(database, data_dir) as (_, connection):
        schema, table = _schema_and_name(name)
        found = lateness(connection, schema=schema, name=table)
        if not found.rows:
            raise CatalogError(f'dynamic table "{name}" does not exist')
        print_result(Result(found.columns, found.rows), output)


def refresh(
    name: Name, output: OutputFormat = Format.TABLE, database: Database = None, data_dir: DataDir = None
) -> None:
    """Refresh a table and what it reads, now."""
    with client(database, data_dir) as opened:
        print_result(opened.execute(f"ALTER DYNAMIC TABLE {_name(name)} REFRESH"), output)


def verify(
    names: Annotated[list[str] | None, typer.Argument(help="Dynamic tables; without names, all.")] = None,
    output: OutputFormat = Format.TABLE,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Refresh tables and compare them with their definitions; exit 1 if any differs."""
    with client(database, data_dir) as opened:
        result = verify_all(opened, [_name(n) for n in names] if names else None)
        print_result(result, output)
        wrong = [row for row in result.rows if not row[1]]
    if wrong:
        err.print(f"{len(wrong)} dynamic tables differ from their definition", style="bold red")
        raise typer.Exit(1)


def verify_all(opened: Client, names: list[str] | None) -> Result:
    """Verify the named dynamic tables, or all; return a row for each."""
    if names is None:
        names = [quote_qualified(*table) for table in shown_tables(opened)]
    merged = Result()
    for name in names:
        result = opened.execute(f"ALTER DYNAMIC TABLE {name} VERIFY")
        merged = Result(result.columns, [*merged.rows, *result.rows])
    return merged


def shown_tables(opened: Client) -> list[tuple[str, str]]:
    """Return schema and name of all dynamic tables."""
    result = opened.execute("SHOW DYNAMIC TABLES")
    schema, name = result.columns.index("schema_name"), result.columns.index("name")
    return sorted((row[schema], row[name]) for row in result.rows)


def history(
    name: Annotated[str | None, typer.Argument(help="A dynamic table; without it, all.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many refreshes.")] = 30,
    output: OutputFormat = Format.TABLE,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """List the latest refreshes."""
    with opened_with_connection(database, data_dir) as (_, connection):
        schema, table = _schema_and_name(name) if name is not None else (None, None)
        found = latest_refreshes(connection, schema=schema, name=table, limit=limit)
        print_result(Result(found.columns, found.rows), output)


def explain(
    name: Name,
    output: Annotated[PlanFormat, typer.Option("--format", "-F", help="text for people, json for programs.")] = (
        PlanFormat.TEXT
    ),
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Also the statements of a refresh.")] = False,
    analyze: Annotated[bool, typer.Option("--analyze", help="Refresh for real, and show what that took.")] = False,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Show how a table is kept fresh, or why it is refreshed in full."""
    with client(database, data_dir) as opened:
        options = f"FORMAT {output.upper()}, VERBOSE {verbose}, ANALYZE {analyze}"
        result = opened.execute(f"EXPLAIN ({options}) DYNAMIC TABLE {_name(name)}")
        for (line,) in result.rows:
            typer.echo(line)


def _health(connection: Connection) -> dict[tuple[Any, ...], str]:
    """Return the health of each table, the worst of refresh, lag and quality, by schema and name."""
    tables = store.load_all(connection)
    targets, quality, now = effective_targets(tables), standings(connection)[0], clock.now()
    ended = {i: Ended(*found) for i, found in ended_refreshes(connection).items()}
    return {
        (table.schema, table.name): str(
            judge(known_of(table, now, targets[i], ended.get(i), quality=quality.get(i))).health
        )
        for i, table in tables.items()
    }


def _name(text: str) -> str:
    cursor = Cursor(text)
    name = cursor.name()
    cursor.end()
    return name.sql()


def _schema_and_name(text: str) -> tuple[str | None, str]:
    parts = Cursor(text).name().parts
    return (parts[-2] if len(parts) > 1 else None), parts[-1]


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _short(value: object) -> object:
    return round(value, 3) if isinstance(value, float) else value
