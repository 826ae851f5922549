"""The server parses what other owners wrote by their hands, never first by those of the service.

The server evaluates literals while it parses them. One of a composite type goes through the input functions of its
attributes, and that of a domain runs the domain's CHECK: code of whoever made the domain, with the rights of whoever
parses. So does an array, a range or a multirange with a domain inside. Therefore the owner of a definition parses it
first; a definition with such a constant is refused, and the service parses only text that was found to have none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

from dyntables.compiler.names import literal, quote_qualified
from dyntables.engines.postgres.errors import translate
from dyntables.engines.postgres.hands import SAFE_PATH, Hands, OwnerHands
from dyntables.errors import CatalogError, EngineError, InvalidQueryError

_SAFE = f"SELECT set_config('search_path', '{SAFE_PATH}', true)"
_CONSTANT = re.compile(r"\{CONST :consttype (\d+)([^{}]*)")
# Types with lower numbers came with the server.
_FIRST_OF_USERS = 16384
# By structure alone, which no ALTER changes. A type that the snapshot does not show has been made since.
_HAZARDS = """
WITH RECURSIVE part (top, oid, nested) AS (
    SELECT c, c, false FROM unnest(%s::oid[]) c
    UNION
    SELECT p.top, x.oid, x.nested FROM part p JOIN pg_type t ON t.oid = p.oid
    LEFT JOIN pg_range r ON r.rngtypid = t.oid LEFT JOIN pg_range m ON m.rngmultitypid = t.oid
    CROSS JOIN LATERAL (VALUES (t.typbasetype, p.nested), (t.typelem, true), (r.rngsubtype, true), (m.rngtypid, true))
        x (oid, nested) WHERE x.oid <> 0
)
SELECT format_type(p.top, NULL), CASE WHEN whole.typcategory = 'A' THEN 'A' ELSE whole.typtype END
FROM part p LEFT JOIN pg_type t ON t.oid = p.oid LEFT JOIN pg_type whole ON whole.oid = p.top
WHERE t.oid IS NULL OR t.typtype = 'c' AND t.typnamespace <> 'pg_catalog'::regnamespace OR t.typtype = 'd' AND p.nested
LIMIT 1
"""
_INSTEAD = {"A": "ARRAY[…]::{}", "r": "{}(lower, upper)", "m": "{}(range, …)"}


class Parser:
    """Lets the server parse texts of one owner; texts of the service itself go the short way."""

    def __init__(self, connection: psycopg.Connection, owner: str) -> None:
        self.connection = connection
        self.owner = owner
        self.trusted = owner == connection.info.user
        self._hands: Hands | None = None

    @contextmanager
    def rolled_back(self) -> Iterator[None]:
        """Do something of which nothing stays, whatever ran while a text was parsed."""
        if not self.trusted and self._hands is None:
            with self.connection.transaction():
                self._hands = OwnerHands(self.connection, self.owner)
        try:
            with self.connection.transaction(force_rollback=True):
                yield
        except Exception:
            if not self.trusted and not self.connection.closed:
                self.connection.execute("DEALLOCATE ALL")  # the one thing that a rollback leaves
            raise

    def create_view(self, head: str, text: str, search_path: str, tail: str = "") -> None:
        """Run a ``CREATE TEMP VIEW`` made of head, text and tail, inside ``rolled_back``.

        Afterwards the search path of the service is safe, and not the one that was asked for.

        Raises:
            InvalidQueryError: the server's message, placed in the text.
        """
        sent = f"{head}{text}{tail}"
        set_path = f"SELECT pg_catalog.set_config('search_path', {literal(search_path)}, true); "
        try:
            if self.trusted:
                self.connection.execute("SELECT set_config('search_path', %s, true)", (search_path,))
                # In binary, so that the extended protocol is used: it takes one statement and no second one after it.
                self.connection.execute(sent, binary=True)
                self.connection.execute(_SAFE)
                return
            self._refuse_several(sent)
            assert self._hands is not None
            self._hands.run(set_path + sent)
        except psycopg.Error as error:
            raise translate(error, text, len(head), set_path) from error

    def let_use(self, schema: str) -> None:
        """Let the owner name what is in a schema of the service's, inside ``rolled_back``."""
        if not self.trusted:
            self.connection.execute(f"GRANT USAGE ON SCHEMA {quote_qualified(schema)} TO {quote_qualified(self.owner)}")

    def check(self, tree: str) -> None:
        """Refuse a stored query whose text would run somebody's code when it is parsed; a NULL runs none.

        Raises:
            InvalidQueryError: with the type of the constant.
        """
        if self.trusted:
            return
        constants = {int(m[1]) for m in _CONSTANT.finditer(tree) if ":constisnull true" not in m[2]}
        types = sorted(t for t in constants if t >= _FIRST_OF_USERS)
        row = self.connection.execute(_HAZARDS, (types,)).fetchone() if types else None
        if row is None:
            return
        name, kind = row
        if kind is None:
            raise EngineError("a type in the definition was replaced just now", hint="Try again.", retryable=True)
        raise InvalidQueryError(
            f"the definition, or a view that it reads, has a constant of type {name}",
            detail="The server runs the checks of the domains in it while it reads the text, before it is known with "
            "whose rights.",
            hint=f"Write {_INSTEAD.get(kind, 'ROW(…)::{}').format(name)}, which is evaluated with the rights of the "
            "owner.",
        )

    def vet(self, sql: str) -> bool:
        """Let the owner parse a query under the present search path, before the service does; tell if that went well.

        Raises:
            InvalidQueryError: it has a constant that is refused.
        """
        if self.trusted:
            return True
        row = self.connection.execute("SELECT current_setting('search_path')").fetchone()
        assert row is not None
        with self.rolled_back():
            # Below another query its columns may have no names, or the same ones.
            try:
                with self.connection.transaction():
                    self.create_view("CREATE TEMP VIEW dt_vet AS SELECT FROM (", sql, row[0], "\n) AS dt_vet")
            except (EngineError, InvalidQueryError):
                return False
            self.check(stored_query(self.connection, "pg_temp.dt_vet")[0])
            return True

    def _refuse_several(self, sent: str) -> None:
        """Let the server look at the grammar alone: CREATE VIEW is analysed only when it is run."""
        result = self.connection.pgconn.prepare(b"", sent.encode())
        if result.status == ExecStatus.FATAL_ERROR:
            raise error_from_result(result)


def stored_query(connection: psycopg.Connection, view: str | int) -> tuple[str, str]:
    """Return the tree and the text of a view, both as of the same instant.

    Raises:
        CatalogError: it does not exist.
    """
    row = connection.execute(
        "SELECT ev_action::text, pg_get_viewdef(ev_class) FROM pg_rewrite WHERE ev_class = %s::regclass "
        "AND rulename = '_RETURN'",
        (str(view),),
    ).fetchone()
    if row is None:
        raise CatalogError("the relation does not exist any more")
    return str(row[0]), str(row[1]).strip().rstrip(";")
