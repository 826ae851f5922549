"""``dyntables console-role``: the role by which the SQL console of a web server reads a database of your own."""

from __future__ import annotations

import secrets
import sys
from typing import Annotated

import typer

from dyntables.cli.common import Database, err, opened_with_connection, out
from dyntables.engines.postgres.connection.errors import translated
from dyntables.engines.postgres.people.reader import READER, grant_reading, make_reader, reader_url
from dyntables.engines.postgres.rights.membership import role_exists, user_of
from dyntables.errors import CatalogError, InsufficientPrivilegeError, PermissionDeniedError

app = typer.Typer(help="The role by which the SQL console of a web server reads.", no_args_is_help=True)

RoleName = Annotated[str, typer.Option("--role", help="Name of the role.")]
Schemas = Annotated[
    list[str] | None,
    typer.Option("--schema", help="Schema that it may read, with what is made there later; repeat it."),
]


@app.command("create")
def create(
    schema: Schemas = None,
    role: RoleName = READER,
    new_password: Annotated[bool, typer.Option("--new-password", help="Give one that exists a new password.")] = False,
    database: Database = None,
) -> None:
    """Make the role, and print the setting for .env: dyntables console-role create >> .env."""
    with opened_with_connection(_own(database), None) as (opened, connection):
        if role_exists(connection, role) and not new_password:
            raise CatalogError(
                f'role "{role}" exists already',
                hint="--new-password makes its old one useless; console-role grant lets it read more.",
            )
        password = secrets.token_urlsafe(24)
        try:
            with translated():
                unset = make_reader(connection, role, password)
                grant_reading(connection, role, schema or ())
        except InsufficientPrivilegeError as error:
            raise PermissionDeniedError(
                f'user "{user_of(connection)}" may not make roles: {error}',
                hint="Run it with --database of a user who has CREATEROLE, such as a superuser.",
            ) from error
        if unset:
            err.print(f"not set, as only a superuser may: {', '.join(unset)}")
        sys.stdout.write(f"DYNTABLES_QUERY_DATABASE={reader_url(opened.url, role, password)}\n")


@app.command("grant")
def grant(schema: Schemas = None, role: RoleName = READER, database: Database = None) -> None:
    """Let the role read what is in some schemas, now and later."""
    if not schema:
        raise typer.BadParameter("name at least one --schema")
    with opened_with_connection(_own(database), None) as (_, connection):
        out.print(f"{grant_reading(connection, role, schema)} grants were missing")


def _own(database: str | None) -> str:
    if not database:
        raise typer.BadParameter("the embedded server makes this role by itself; name a --database of your own")
    return database
