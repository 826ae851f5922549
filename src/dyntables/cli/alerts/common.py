"""The group of verbs, and what they share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from dyntables.catalog import Connection
from dyntables.catalog.alerts import listing
from dyntables.cli.common import opened_with_connection
from dyntables.errors import NotFoundError

app = typer.Typer(help="Alerts: what fires, rules, silences, channels.", no_args_is_help=True)

Fingerprint = Annotated[str, typer.Argument(help="The alert's fingerprint, or the beginning of it.")]


@contextmanager
def connected(database: str | None, data_dir: Path | None) -> Iterator[Connection]:
    """Lend a connection of the service."""
    with opened_with_connection(database, data_dir) as (_, connection):
        yield connection


def found_alert(connection: Connection, beginning: str) -> listing.Listed:
    """Return the one alert whose fingerprint begins so.

    Raises:
        NotFoundError: there is none, or several.
    """
    found = [a for a in listing.listed(connection, listing.Wanted()) if a.fingerprint.startswith(beginning)]
    if len(found) != 1:
        raise NotFoundError(f'{len(found) or "no"} alerts begin with "{beginning}"')
    return found[0]
