"""The server's opinion of a predicate over the columns of a table: its canonical text, columns and functions."""

from __future__ import annotations

import re
from dataclasses import dataclass

import psycopg

from dyntables.compiler.names import quote_qualified
from dyntables.compiler.plan.nodes import SqlType
from dyntables.engines.postgres.errors import translate
from dyntables.errors import InvalidOptionError, InvalidQueryError

_TABLE = "dt_predicate"
_HEAD = f"ALTER TABLE pg_temp.{_TABLE} ADD CONSTRAINT dt_predicate CHECK ("
# What a check constraint may not contain either, by what the server says of it; its words may be in any language.
_REFUSED = {
    "0A000": "a subquery or a set-returning function",
    "42803": "an aggregate function",
    "42P20": "a window function",
}
_STATES = {9: "current_role", 10: "current_user", 11: "user", 12: "session_user", 14: "current_schema"}


@dataclass(frozen=True, slots=True)
class Predicate:
    """A predicate as the server writes it with nothing in the search path, and the columns that it reads."""

    sql: str
    columns: tuple[str, ...]


def read_predicate(
    connection: psycopg.Connection, text: str, columns: tuple[tuple[str, SqlType], ...], search_path: str
) -> Predicate:
    """Let the server read a predicate without running it.

    Raises:
        InvalidQueryError: the server does not understand it; the place is in ``text``.
        InvalidOptionError: it has a subquery, an aggregate, or a function that need not give the same again.
    """
    with connection.transaction(force_rollback=True):
        connection.execute("SELECT set_config('search_path', 'pg_catalog, pg_temp', true)")
        typed = ", ".join(f"{quote_qualified(name)} {type_.name}" for name, type_ in columns)
        connection.execute(f"CREATE TEMP TABLE {_TABLE} ({typed})")
        connection.execute("SELECT set_config('search_path', %s, true)", (search_path,))
        try:
            # In binary, so that it is one statement; NOT VALID, so that nothing is planned, and so nothing run.
            connection.execute(f"{_HEAD}{text}\n) NOT VALID", binary=True)
        except psycopg.Error as error:
            if error.sqlstate in _REFUSED:
                raise InvalidOptionError(
                    f"the predicate of a frozen region has {_REFUSED[error.sqlstate]}",
                    detail=error.diag.message_primary,
                    hint="Compare columns of the table with constants.",
                ) from error
            raise translate(error, text, len(_HEAD)) from error
        connection.execute("SELECT set_config('search_path', 'pg_catalog, pg_temp', true)")
        row = connection.execute(
            "SELECT pg_get_expr(c.conbin, c.conrelid), c.conbin::text, ARRAY(SELECT a.attname::text "
            "FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) ORDER BY a.attnum) "
            f"FROM pg_constraint c WHERE c.conrelid = 'pg_temp.{_TABLE}'::regclass AND c.contype = 'c'"
        ).fetchone()
        assert row is not None
        _check_functions(connection, row[1])
        if not row[2]:
            raise InvalidQueryError("the predicate of a frozen region reads no column")
        return Predicate(row[0], tuple(row[2]))


def _check_functions(connection: psycopg.Connection, tree: str) -> None:
    """Refuse what need not give the same again, and functions of the user, which may be replaced."""
    for number in re.findall(r"\{SQLVALUEFUNCTION :op (\d+)", tree):
        if int(number) in _STATES:
            raise _unsteady(_STATES[int(number)], "depends on the session")
    functions = {int(n) for n in re.findall(r":funcid (\d+)", tree)}
    operators = {int(n) for n in re.findall(r":opno (\d+)", tree)}
    for name, schema, volatility in connection.execute(
        "SELECT p.proname, n.nspname, p.provolatile FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "WHERE p.oid = ANY(%s) OR p.oid IN (SELECT oprcode FROM pg_operator WHERE oid = ANY(%s)) ORDER BY 1",
        (list(functions), list(operators)),
    ):
        if schema not in ("pg_catalog", "dyntables_snowflake"):
            raise _unsteady(name, "is not the server's own, and could be replaced")
        if volatility == "v":
            raise _unsteady(name, "is volatile")
        if name in ("statement_timestamp", "current_setting", "pg_backend_pid", "age") and volatility == "s":
            raise _unsteady(name, "reads the clock or the session" if name == "age" else "depends on the session")


def _unsteady(name: str, why: str) -> InvalidOptionError:
    return InvalidOptionError(
        f'the predicate of a frozen region calls "{name}", which {why}',
        hint="Compare columns with constants, or with now(), current_timestamp or current_date.",
    )
