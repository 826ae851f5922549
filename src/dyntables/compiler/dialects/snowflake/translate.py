"""The door of the dialect: one query in Snowflake's SQL → one in PostgreSQL's."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from dyntables.compiler.dialects.snowflake.query import Queries
from dyntables.compiler.dialects.snowflake.read import place, read, refuse
from dyntables.compiler.dialects.snowflake.shape import check_shape
from dyntables.errors import InvalidQueryError

Columns = Callable[[str], Sequence[str] | None]
"""Returns the names of the columns of a query in PostgreSQL's SQL, or None if the server refuses it."""


def translate(text: str, columns: Columns, *, named: bool = False) -> str:
    """Return a query in PostgreSQL's SQL.

    Args:
        text: one query as the user wrote it.
        columns: asks the server for the columns of a query; names are resolved by Snowflake's rules with it.
        named: whether the columns get their names from a column list.

    Raises:
        InvalidQueryError: it is not Snowflake's SQL, or a column has no name.
        UnsupportedQueryError: a construct has no counterpart of the same meaning.
    """
    tree = read(text)
    check_shape(tree, lambda node, what, why: refuse(text, node, what, why))
    if not named:
        _check_names(text, tree)
    return Queries(text, columns).query(tree)


def _check_names(text: str, tree: exp.Expr) -> None:
    while isinstance(tree, (exp.SetOperation, exp.Subquery)):
        tree = tree.this
    for item in tree.expressions if isinstance(tree, exp.Select) else []:
        if not isinstance(item, (exp.Alias, exp.Column, exp.Star)):
            raise InvalidQueryError(
                "a column of the query has no name", hint="Add AS name, or a list of columns.", span=place(text, item)
            )
