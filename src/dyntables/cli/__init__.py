"""The command line: a file for each verb, or for a few that belong together."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from dyntables.cli import inspect
from dyntables.cli.demo import demo
from dyntables.cli.installation.capture import capture
from dyntables.cli.installation.console_role import app as console_role
from dyntables.cli.installation.doctor import doctor
from dyntables.cli.installation.migrate import migrate
from dyntables.cli.installation.uninstall import uninstall
from dyntables.cli.run import run
from dyntables.cli.serve import serve
from dyntables.cli.sql import sql
from dyntables.cli.tpch import app as tpch
from dyntables.cli.user import app as user

app = typer.Typer(
    name="dyntables",
    help="Dynamic tables for PostgreSQL: tables that stay equal to their query by themselves.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"dyntables {version('dyntables')}")
        raise typer.Exit


@app.callback()
def _common(
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version, and end.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    pass


app.command("demo")(demo)
app.command("serve")(serve)
app.command("run")(run)
app.command("sql")(sql)
app.command("show")(inspect.show)
app.command("refresh")(inspect.refresh)
app.command("verify")(inspect.verify)
app.command("history")(inspect.history)
app.command("why")(inspect.why)
app.command("explain")(inspect.explain)
app.command("capture")(capture)
app.add_typer(tpch, name="tpch")
app.add_typer(user, name="user")
app.add_typer(console_role, name="console-role")
app.command("migrate")(migrate)
app.command("doctor")(doctor)
app.command("uninstall")(uninstall)


def main() -> None:
    """Run the command line."""
    app()
