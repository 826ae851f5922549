"""sqlglot as a reader of the server's canonical text: calls are kept verbatim, nothing is normalised."""

from __future__ import annotations

from typing import Any, ClassVar

import sqlglot
from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.errors import SqlglotError
from sqlglot.parsers.postgres import PostgresParser

from dyntables.compiler.reasons import NotIncremental, Reason


class CanonicalPostgres(Postgres):
    """PostgreSQL without sqlglot's knowledge of functions, so that each call comes out as it went in."""

    class Parser(PostgresParser):  # noqa: D106
        FUNCTIONS: ClassVar[dict[str, Any]] = {}


def parse(sql: str) -> exp.Expr:
    """Parse one canonical query."""
    try:
        return sqlglot.parse_one(sql, dialect=CanonicalPostgres)
    except SqlglotError as error:
        raise NotIncremental(
            Reason.SYNTAX, f"the parser cannot read the query: {str(error).splitlines()[0]}"
        ) from error


def generate(expression: exp.Expr) -> str:
    """Return SQL for a parsed fragment."""
    return str(expression.sql(dialect=CanonicalPostgres, normalize_functions=False, comments=False))
