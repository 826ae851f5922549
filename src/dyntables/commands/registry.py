"""The commands of all statements, found by listing the modules that run them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

from dyntables.commands import statements
from dyntables.commands.command import Command
from dyntables.commands.session import Session


@cache
def commands() -> Mapping[type[Any], Command[Any]]:
    """Return the command of each class of statements."""
    modules = [m.name for m in walk_packages(statements.__path__, f"{statements.__name__}.") if not m.ispkg]
    found = [command for name in modules if (command := getattr(import_module(name), "COMMAND", None)) is not None]
    return {command.statement: command for command in found}


def require(session: Session, statement: object) -> None:
    """Check the rights of the role for which the session acts.

    Raises:
        PermissionDeniedError: with the right that is missing, and the table.
    """
    commands()[type(statement)].require(session, statement)
