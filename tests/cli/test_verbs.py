"""The table of verbs and what it stands for; and that help costs little."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from dyntables.cli import app
from dyntables.cli.verbs import VERBS, Verb

HEAVY = ("fastapi", "uvicorn", "sqlglot", "psycopg", "dyntables.client", "dyntables.server.app")
_HELP = """
import sys
from dyntables.cli import main
sys.argv = ["dyntables", "--help"]
try:
    main()
finally:
    print("imported:", *sorted(sys.modules))
"""


def test_help_imports_nothing_that_only_a_verb_needs() -> None:
    ran = subprocess.run([sys.executable, "-c", _HELP], capture_output=True, text=True, check=True)
    listed, _, imported = ran.stdout.partition("imported: ")
    assert all(f"  {name} " in listed for name in VERBS)
    assert set(imported.split()) & set(HEAVY) == set()


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_the_table_says_of_a_verb_what_itself_does(verb: Verb) -> None:
    told = CliRunner().invoke(app, [verb.name, "--help"])
    assert told.exit_code == 0
    assert " ".join(told.output.split()).startswith(f"Usage: dyntables {verb.name} [OPTIONS]")
    assert f" {verb.summary.removesuffix('.')}" in " ".join(told.output.split())


def test_a_verb_that_is_none_is_said_to_be() -> None:
    told = CliRunner().invoke(app, ["nonsense"])
    assert told.exit_code == 2
    assert "No such command 'nonsense'" in told.output
