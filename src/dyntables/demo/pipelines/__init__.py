"""The six pipelines of the demonstration, one SQL file each, in the order of creation."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

from dyntables.compiler.statements import CreateDynamicTable, parse_statement
from dyntables.errors import InternalError
from dyntables.server.schemas.catalog import Template


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A CREATE DYNAMIC TABLE statement; ``name`` is schema and table, ``query`` its SELECT alone."""

    name: str
    sql: str
    query: str


def pipelines() -> list[Pipeline]:
    """Return the pipelines in the order in which they can be created."""
    found = []
    for entry in sorted(resources.files(__name__).iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".sql"):
            text = entry.read_text()
            statement = parse_statement(text)
            if not isinstance(statement, CreateDynamicTable):
                raise InternalError(f"{entry.name} is not a CREATE DYNAMIC TABLE statement")
            found.append(Pipeline(str(statement.name), text, statement.query))
    return found


def templates() -> list[Template]:
    """Return the pipelines as statements to begin with."""
    found = []
    for pipeline in pipelines():
        description, sql = pipeline.sql.split("\n", 1)
        found.append(
            Template(
                id=pipeline.name.split(".")[-1].replace("_", "-"),
                title=pipeline.name.split(".")[-1].upper(),
                category="Pipelines of the demonstration",
                description=description.removeprefix("-- "),
                sql=sql,
            )
        )
    return found
