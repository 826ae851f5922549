"""The pipelines of the demonstration, one SQL file each, and the dashboard over the quality of their data."""

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
    """Return the six pipelines, of seven tables, in the order in which they can be created."""
    entries = sorted(resources.files(__name__).iterdir(), key=lambda e: e.name)
    return [_pipeline(e.name) for e in entries if e.name.endswith(".sql") and e.name[0].isdecimal()]


def dashboard() -> Pipeline:
    """Return the table of scores, which is over checks of the quality rules."""
    return _pipeline("data_quality_dashboard.sql")


def templates() -> list[Template]:
    """Return the pipelines as statements to begin with."""
    found = []
    for pipeline in [*pipelines(), dashboard()]:
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


def _pipeline(file: str) -> Pipeline:
    text = resources.files(__name__).joinpath(file).read_text("utf-8")
    statement = parse_statement(text)
    if not isinstance(statement, CreateDynamicTable):
        raise InternalError(f"{file} is not a CREATE DYNAMIC TABLE statement")
    return Pipeline(str(statement.name), text, statement.query)
