"""The command line: a file for each verb, or for a few that belong together, and a table of them in ``verbs``."""

from __future__ import annotations

from typing import Annotated

import typer

from dyntables.cli.verbs import Verbs

app = typer.Typer(
    cls=Verbs,
    name="dyntables",
    help="Dynamic tables for PostgreSQL: tables that stay equal to their query by themselves.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"dyntables {version('dyntables')}")
        raise typer.Exit


@app.callback()
def _common(
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version, and end.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line."""
    app()
