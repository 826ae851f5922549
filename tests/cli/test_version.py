"""The command line says which version it is of."""

from __future__ import annotations

from importlib.metadata import version

from typer.testing import CliRunner

from dyntables.cli import app


def test_the_version_is_told_before_anything_else() -> None:
    told = CliRunner().invoke(app, ["--version", "serve"])
    assert (told.exit_code, told.output) == (0, f"dyntables {version('dyntables')}\n")
