"""Each statement has one record beside its code; the one door finds it by listing the modules."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from pkgutil import walk_packages
from typing import get_args

from dyntables.commands import statements
from dyntables.commands.command import Command
from dyntables.commands.registry import commands
from dyntables.compiler.statements import Passthrough, Statement


def test_every_statement_has_one_record() -> None:
    modules = [import_module(m.name) for m in walk_packages(statements.__path__, f"{statements.__name__}.")]
    recorded = Counter(
        value.statement
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, Command) and name == "COMMAND"
    )
    assert recorded == {statement: 1 for statement in get_args(Statement) if statement is not Passthrough}
    assert set(commands()) == set(recorded)
