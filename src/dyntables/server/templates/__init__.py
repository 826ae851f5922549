"""Statements to begin with: common patterns, one SQL file each; the first lines are title and description."""

from __future__ import annotations

from importlib import resources

from dyntables.server.schemas.catalog import Template


def patterns() -> list[Template]:
    """Return the patterns, in the order of their numbers."""
    found = []
    for entry in sorted(resources.files(__name__).iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".sql"):
            title, description, sql = entry.read_text().split("\n", 2)
            found.append(
                Template(
                    id=entry.name.removesuffix(".sql").split("_", 1)[1].replace("_", "-"),
                    title=title.removeprefix("-- "),
                    category="Patterns",
                    description=description.removeprefix("-- "),
                    sql=sql,
                )
            )
    return found
