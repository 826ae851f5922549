"""The server's opinion of a predicate over the columns of a table: its canonical text, and what it calls.

The predicate becomes the one column of a view that is rolled back. The server only parses it: nothing in it is planned
or run, whatever its owner has hidden in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import psycopg

from dyntables.compiler.names import FROZEN, quote_qualified
from dyntables.compiler.plan.algebra.nodes import SqlType
from dyntables.engines.postgres.definition.following import rename_columns
from dyntables.engines.postgres.definition.parsing import SAFE_UNDER, Parser
from dyntables.errors import EngineError, InvalidOptionError, InvalidQueryError

REGION = "the predicate of a frozen region"
_TABLE, _VIEW, _COLUMN = "dt_predicate_of", "dt_predicate", "__dt_predicate"
# How the server writes the view.
_WRITTEN = re.compile(rf"\s*SELECT (.*) AS {_COLUMN}\s+FROM (?:\w+\.)?{_TABLE} {FROZEN}\s*;?\s*", re.DOTALL)
_PARTS = {
    "SUBLINK": "a subquery",
    "AGGREF": "an aggregate function",
    "GROUPINGFUNC": "an aggregate function",
    "WINDOWFUNC": "a window function",
    "COERCETODOMAIN": "a cast to a domain, whose condition may be changed",
    "NEXTVALUEEXPR": "a sequence",
}
_STATES = {
    9: "current_role", 10: "current_user", 11: "user", 12: "session_user", 13: "current_catalog", 14: "current_schema",
}  # fmt: skip
_SESSION = {"statement_timestamp", "current_setting", "pg_backend_pid", "current_database", "current_schemas", "age"}


def read_predicate(
    connection: psycopg.Connection,
    text: str,
    columns: tuple[tuple[str, SqlType], ...],
    under: Mapping[str, str],
    owner: str,
    what: str = REGION,
) -> str:
    """Return an owner's predicate as the server writes it, with nothing in the search path, over ``frozen_q``.

    ``under``: the settings of the text, its search path among them. ``what``: the predicate is, for people.

    Raises:
        InvalidQueryError: the server does not understand it; the place is in ``text``.
        InvalidOptionError: it has a subquery, an aggregate, or a function that need not give the same again.
    """
    parser = Parser(connection, owner)
    with parser.rolled_back() as schema:
        connection.execute("SELECT set_config('search_path', 'pg_catalog, pg_temp', true)")
        typed = ", ".join(f"{quote_qualified(name)} {type_.name}" for name, type_ in columns)
        connection.execute(f"CREATE TABLE {schema}.{_TABLE} ({typed})")
        try:
            tail = f"\n) AS {_COLUMN} FROM {schema}.{_TABLE} AS {FROZEN}"
            view = parser.create_view(_VIEW, text, under, "SELECT (", tail)
        except (EngineError, InvalidQueryError) as error:
            if error.sqlstate == "42803":
                raise _has(what, "an aggregate function") from error
            raise
        written, tree, types = _read(connection, view)
        if written is None or types != ["boolean"]:
            raise InvalidQueryError(f"{what} is not an expression of type boolean")
        parser.check(tree)
        _check_parts(connection, tree, what)
        return written


def is_immutable(
    connection: psycopg.Connection, texts: Sequence[str], columns: tuple[tuple[str, SqlType], ...], owner: str
) -> bool:
    """Tell whether predicates that ``read_predicate`` gave are always the same of the same row; the server says so.

    It takes no other into an index. As they call its own functions alone, what it does for that is nobody else's code.
    """
    if not texts:
        return True
    with Parser(connection, owner).rolled_back() as schema:
        connection.execute("SELECT set_config('search_path', 'pg_catalog, pg_temp', true)")
        typed = ", ".join(f"{quote_qualified(name)} {type_.name}" for name, type_ in columns)
        connection.execute(f"CREATE TABLE {schema}.{FROZEN} ({typed})")
        for text in texts:
            try:
                with connection.transaction():
                    connection.execute(f"CREATE INDEX ON {schema}.{FROZEN} (({text}))")
            except psycopg.errors.InvalidObjectDefinition:
                return False
    return True


def follow_predicate(
    connection: psycopg.Connection, text: str, columns: Sequence[tuple[str, str, SqlType]], owner: str
) -> str | None:
    """Return a predicate that ``read_predicate`` gave over columns that have other names now.

    ``columns``: as (former name, present name, present type). None: the server does not understand it any more.
    """
    parser = Parser(connection, owner)
    with parser.rolled_back() as schema:
        connection.execute("SELECT set_config('search_path', 'pg_catalog, pg_temp', true)")
        typed = ", ".join(f"{quote_qualified(former)} {type_.name}" for former, _, type_ in columns)
        connection.execute(f"CREATE TABLE {schema}.{_TABLE} ({typed})")
        tail = f"\n) AS {_COLUMN} FROM {schema}.{_TABLE} AS {FROZEN}"
        try:
            view = parser.create_view(_VIEW, text, SAFE_UNDER, "SELECT (", tail)
        except (EngineError, InvalidQueryError):
            return None
        parser.check(_read(connection, view)[1])
        rename_columns(connection, (schema, _TABLE), [(former, present) for former, present, _ in columns])
        return _read(connection, view)[0]


def _read(connection: psycopg.Connection, view: str) -> tuple[str | None, str, list[str]]:
    """Return the predicate in a view as the server writes it, the tree of the view, and the types of its columns."""
    row = connection.execute(
        "SELECT pg_get_viewdef(c.oid), r.ev_action::text, ARRAY(SELECT format_type(a.atttypid, NULL) "
        "FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0) FROM pg_class c JOIN pg_rewrite r "
        "ON r.ev_class = c.oid WHERE c.oid = %s::regclass",
        (view,),
    ).fetchone()
    assert row is not None
    written = _WRITTEN.fullmatch(row[0])
    return written[1] if written is not None else None, row[1], row[2]


def _check_parts(connection: psycopg.Connection, tree: str, whose: str) -> None:
    """Refuse what looks at other rows, what need not give the same again, and what its owner may replace."""
    for node, what in _PARTS.items():
        if f"{{{node} " in tree:
            raise _has(whose, what)
    for number in re.findall(r"\{SQLVALUEFUNCTION :op (\d+)", tree):
        if int(number) in _STATES:
            raise _unsteady(whose, _STATES[int(number)], "depends on the session")
    functions = {int(n) for n in re.findall(r":(?:funcid|elemfuncid) (\d+)", tree)}
    operators = {int(n) for n in re.findall(r":opno (\d+)", tree)}
    for name, schema, volatility, many in connection.execute(
        "SELECT p.proname, n.nspname, p.provolatile, p.proretset FROM pg_proc p JOIN pg_namespace n "
        "ON n.oid = p.pronamespace WHERE p.oid = ANY(%s) "
        "OR p.oid IN (SELECT oprcode FROM pg_operator WHERE oid = ANY(%s)) ORDER BY 1",
        (list(functions), list(operators)),
    ):
        if many:
            raise _has(whose, "a set-returning function")
        if schema not in ("pg_catalog", "dyntables_snowflake"):
            raise _unsteady(whose, name, "is not the server's own, and could be replaced")
        if volatility == "v":
            raise _unsteady(whose, name, "is volatile")
        if name in _SESSION and volatility == "s":
            raise _unsteady(whose, name, "reads the clock or the session")


def _has(whose: str, what: str) -> InvalidOptionError:
    return InvalidOptionError(f"{whose} has {what}", hint="Compare columns of the table with constants.")


def _unsteady(whose: str, name: str, why: str) -> InvalidOptionError:
    return InvalidOptionError(
        f'{whose} calls "{name}", which {why}',
        hint="Compare columns with constants, or with now(), current_timestamp or current_date.",
    )


def is_null(connection: psycopg.Connection, boundary: str) -> bool:
    """Tell whether a boundary is unknown at present; the functions in it are the server's own."""
    row = connection.execute(f"SELECT ({boundary}) IS NULL").fetchone()
    return bool(row and row[0])
