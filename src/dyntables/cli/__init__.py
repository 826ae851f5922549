"""The command line: one verb a file."""

from __future__ import annotations

import typer

from dyntables.cli import demo, doctor, inspect, migrate, run, sql, tpch

app = typer.Typer(
    name="dyntables",
    help="Dynamic tables for PostgreSQL: tables that stay equal to their query by themselves.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.demo)
app.command("run")(run.run)
app.command("sql")(sql.sql)
app.command("show")(inspect.show)
app.command("refresh")(inspect.refresh)
app.command("verify")(inspect.verify)
app.command("history")(inspect.history)
app.command("explain")(inspect.explain)
app.add_typer(tpch.app, name="tpch")
app.command("migrate")(migrate.migrate)
app.command("doctor")(doctor.doctor)


def main() -> None:
    """Run the command line."""
    app()
