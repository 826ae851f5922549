"""``export``, ``plan``, ``apply``, ``import``: definitions as files, for version control and for another database."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from dyntables.cli.common import Database, DataDir, client, out
from dyntables.files import folder as folders
from dyntables.files.kind import Difference, Effect

Folder = Annotated[Path, typer.Argument(help="The folder of the files.")]
_DIFFERENT = 2
_MARKS = {Effect.NONE: " ", Effect.CREATE: "+", Effect.ALTER: "~", Effect.EXTRA: "-"}


def export(folder: Folder, database: Database = None, data_dir: DataDir = None) -> None:
    """Write every definition to a file of its own."""
    with client(database, data_dir) as opened:
        for path in folders.export(opened, folder):
            out.print(Text(str(path)))


def plan(folder: Folder, database: Database = None, data_dir: DataDir = None) -> None:
    """Show what apply would change; exit 2 if database and files differ."""
    with client(database, data_dir) as opened:
        differences = folders.compare(opened, folder)
    _print(d for d in differences if d.effect is not Effect.NONE)
    count = sum(d.effect is not Effect.NONE for d in differences)
    out.print(f"{count} of {len(differences)} differ")
    if count:
        raise typer.Exit(_DIFFERENT)


def apply(
    folder: Folder,
    prune: Annotated[bool, typer.Option("--prune", help="Also drop what the folder does not have.")] = False,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Create and alter until the database is as the files say."""
    with client(database, data_dir) as opened:
        _print(folders.apply(opened, folder, prune=prune))


def bring(folder: Folder, database: Database = None, data_dir: DataDir = None) -> None:
    """Create what the files define and the database lacks."""
    with client(database, data_dir) as opened:
        _print(folders.bring(opened, folder))


def _print(differences: Iterable[Difference]) -> None:
    for difference in differences:
        out.print(Text(f"{_MARKS[difference.effect]} {difference.name}: {difference.effect}"))
        for change in difference.changes:
            out.print(Text(f"    {change}"))
