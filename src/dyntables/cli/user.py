"""``dyntables user``: the people who may use the web server."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from dyntables import Result
from dyntables.cli.common import Database, DataDir, Format, OutputFormat, client, out, print_result
from dyntables.server.security import tokens, users
from dyntables.server.security.roles import Role
from dyntables.wiring import open_session

app = typer.Typer(help="People who may use the web server.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The user's name.")]
RoleOption = Annotated[
    Role, typer.Option("--role", help="viewer looks, operator refreshes, editor creates, admin all.")
]
FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input, not from the terminal.")
]


DatabaseRole = Annotated[
    str | None,
    typer.Option("--database-role", help="Role of the database that the user acts for; its rights count then."),
]


@app.command("add")
def add(
    name: Name,
    role: RoleOption = Role.VIEWER,
    password_stdin: FromInput = False,
    no_password: Annotated[bool, typer.Option("--no-password", help="Signs in by OpenID Connect only.")] = False,
    database_role: DatabaseRole = None,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Add a user; the first must be an admin."""
    with client(database, data_dir) as opened:
        password = None if no_password else _password(from_input=password_stdin)
        with open_session(opened.url).connection as connection:
            users.add_user(connection, name, role, password, database_role)
        acts = f", acts for the role {database_role}" if database_role else ""
        out.print(f"added {name}, {role}{acts}")


@app.command("list")
def list_all(output: OutputFormat = Format.TABLE, database: Database = None, data_dir: DataDir = None) -> None:
    """List the users."""
    with client(database, data_dir) as opened, open_session(opened.url).connection as connection:
        rows = [
            (u.name, str(u.role), u.database_role, u.password_hash is not None, u.issuer, u.disabled, u.last_seen_at)
            for u in users.list_users(connection)
        ]
        print_result(
            Result(["name", "role", "database_role", "password", "issuer", "disabled", "last_seen"], rows), output
        )


@app.command("role")
def change_role(
    name: Name, role: Annotated[Role, typer.Argument()], database: Database = None, data_dir: DataDir = None
) -> None:
    """Give a user another role; their sign-ins end."""
    with client(database, data_dir) as opened, open_session(opened.url).connection as connection:
        users.change_user(connection, name, role=role)
        out.print(f"{name} is {role}")


@app.command("database-role")
def change_database_role(
    name: Name,
    role: Annotated[str, typer.Argument(help="A role of the database; empty to take it away.")],
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Let a user act for another role of the database; their sign-ins end."""
    with client(database, data_dir) as opened, open_session(opened.url).connection as connection:
        users.change_user(connection, name, database_role=role)
        out.print(f"{name} acts for the role {role}" if role else f"{name} acts for the service user")


@app.command("password")
def change_password(
    name: Name,
    password_stdin: FromInput = False,
    keep_tokens: Annotated[bool, typer.Option("--keep-tokens", help="Let the user's tokens live on.")] = False,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Set a user's password; their sign-ins and tokens end."""
    with client(database, data_dir) as opened, open_session(opened.url).connection as connection:
        users.change_user(connection, name, password=_password(from_input=password_stdin), keep_tokens=keep_tokens)
        out.print(f"the password of {name} is changed")


@app.command("disable")
def disable(name: Name, database: Database = None, data_dir: DataDir = None) -> None:
    """Keep a user from signing in."""
    with client(database, data_dir) as opened, open_session(opened.url).connection as connection:
        users.change_user(connection, name, disabled=True)
        out.print(f"{name} may not sign in any more")


@app.command("enable")
def enable(name: Name, database: Database = None, data_dir: DataDir = None) -> None:
    """Let a disabled user sign in again."""
    with client(database, data_dir) as opened, open_session(opened.url).connection as connection:
        users.change_user(connection, name, disabled=False)
        out.print(f"{name} may sign in")


@app.command("remove")
def remove(name: Name, database: Database = None, data_dir: DataDir = None) -> None:
    """Remove a user with their tokens."""
    with client(database, data_dir) as opened, open_session(opened.url).connection as connection:
        users.remove_user(connection, name)
        out.print(f"removed {name}")


@app.command("token")
def make_token(
    name: Name,
    role: RoleOption = Role.VIEWER,
    label: Annotated[str, typer.Option("--label", help="What the token is for.")] = "command line",
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="How long it is good for.")] = 90,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Make an access token for a program, and print it this once."""
    with client(database, data_dir) as opened, open_session(opened.url).connection as connection:
        secret, _ = tokens.make_token(connection, users.find_user(connection, name).id, label, role, days)
        sys.stdout.write(secret + "\n")


def _password(*, from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\n")
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password
