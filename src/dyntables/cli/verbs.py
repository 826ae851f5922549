"""The verbs: where each is, and what it is for; its module is imported when it is chosen.

So ``dyntables --help`` waits neither for the web server nor for the compiler.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

import typer
from typer.core import TyperGroup
from typer.main import get_group

if TYPE_CHECKING:
    # Typer carries a Click of its own, and offers its types under no other name.
    from typer._click.core import Command, Context
    from typer._click.formatting import HelpFormatter


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb, or a group of them: its module below ``dyntables.cli``, and what ``--help`` says of it.

    ``member``: the function that runs it, or the group.
    """

    name: str
    summary: str
    module: str
    member: str = "app"

    def load(self) -> Command:
        """Import it."""
        member = getattr(import_module(f".{self.module}", __package__), self.member)
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        if isinstance(member, typer.Typer):
            app.add_typer(member, name=self.name)
        else:
            app.command(self.name)(member)
        return get_group(app).commands[self.name]


VERBS = {
    verb.name: verb
    for verb in (
        Verb("demo", "Load TPC-H, create six pipelines, and watch them in the web app.", "demo", "demo"),
        Verb("learn", "Learn by doing: scenarios whose steps check themselves.", "learn", "learn"),
        Verb("serve", "Schedule refreshes, and serve the API and the web app.", "serve", "serve"),
        Verb("run", "Keep all dynamic tables within their target lag.", "run", "run"),
        Verb("sql", "Run SQL, ours or PostgreSQL's, and print the results.", "sql", "sql"),
        Verb("show", "List the dynamic tables with health, mode, last refresh, and their lag.", "inspect", "show"),
        Verb("refresh", "Refresh a table and what it reads, now.", "inspect", "refresh"),
        Verb("verify", "Refresh tables and compare them with their definitions.", "inspect", "verify"),
        Verb("history", "List the latest refreshes.", "inspect", "history"),
        Verb("why", "Say why a table is late.", "inspect", "why"),
        Verb("quality", "Rules of quality, and whether they hold.", "quality"),
        Verb("explain", "Show how a table is kept fresh, or why it is refreshed in full.", "inspect", "explain"),
        Verb("export", "Write every definition to a file of its own.", "files", "export"),
        Verb("plan", "Show what apply would change.", "files", "plan"),
        Verb("apply", "Create and alter until the database is as the files say.", "files", "apply"),
        Verb("import", "Create what the files define and the database lacks.", "files", "bring"),
        Verb("alerts", "Alerts: what fires, rules, silences, channels.", "alerts"),
        Verb("capture", "Show which tables are captured.", "installation.capture", "capture"),
        Verb("migrate", "Migrate the catalog up or down.", "installation.migrate", "migrate"),
        Verb("doctor", "Check the server and the dynamic tables.", "installation.doctor", "doctor"),
        Verb("uninstall", "Remove dyntables from a database.", "installation.uninstall", "uninstall"),
        Verb("tpch", "TPC-H: load the data, stream changes, inject faults, drop it.", "tpch"),
        Verb("user", "People who may use the web server.", "user"),
        Verb("console-role", "The role by which the SQL console of a web server reads.", "installation.console_role"),
    )
}


class Verbs(TyperGroup):
    """The command line as the table has it."""

    def list_commands(self, ctx: Context) -> list[str]:
        """Return the names of all verbs, in the order of the help."""
        return list(VERBS)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """Return a verb, or None if there is none of that name."""
        return VERBS[cmd_name].load() if cmd_name in VERBS else None

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """List the verbs from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(verb.name, verb.summary) for verb in VERBS.values()])
