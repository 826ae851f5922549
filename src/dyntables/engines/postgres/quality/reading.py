"""The server's opinion of the query of a rule that is about more than a row; it is parsed, and not run."""

from __future__ import annotations

import re
from collections.abc import Mapping

import psycopg

from dyntables.engines.postgres.definition.parsing import Parser, stored_query
from dyntables.errors import InvalidOptionError

_VOLATILE = """
SELECT p.proname FROM pg_proc p WHERE p.provolatile = 'v' AND (p.oid = ANY(%(functions)s)
    OR p.oid IN (SELECT oprcode FROM pg_operator WHERE oid = ANY(%(operators)s))) ORDER BY 1 LIMIT 1
"""


def read_query(connection: psycopg.Connection, text: str, under: Mapping[str, str], owner: str) -> str:
    """Return an owner's query as the server writes it, with nothing in the search path.

    ``under``: the settings of the text, its search path among them.

    Raises:
        InvalidQueryError: the server does not understand it; the place is in ``text``.
        InvalidOptionError: it calls a volatile function.
    """
    parser = Parser(connection, owner)
    with parser.rolled_back():
        view = parser.create_view("dt_rule", text, under)
        tree, written = stored_query(connection, view)
        parser.check(tree)
        called = {
            "functions": [int(n) for n in re.findall(r":(?:funcid|elemfuncid|aggfnoid|winfnoid) (\d+)", tree)],
            "operators": [int(n) for n in re.findall(r":opno (\d+)", tree)],
        }
        row = connection.execute(_VOLATILE, called).fetchone()
        if row is not None:
            raise InvalidOptionError(
                f'the query of the rule calls "{row[0]}", which is volatile',
                hint="Such a function gives something else at each check. now() is the time of the check.",
            )
        return written
