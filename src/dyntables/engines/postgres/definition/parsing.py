"""The server parses what other owners wrote by their hands, never first by those of the service.

The server evaluates literals while it parses them. One of a composite type goes through the input functions of its
attributes, and that of a domain runs the domain's CHECK: code of whoever made the domain, with the rights of whoever
parses. So does an array, a range or a multirange with a domain inside. Therefore the owner of a definition parses it
first; a definition with such a constant is refused, and the service parses only text that was found to have none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

from dyntables.compiler.names import quote_qualified
from dyntables.engines.postgres.called.resolution import FIRST_OF_USERS
from dyntables.engines.postgres.connection.errors import translate
from dyntables.engines.postgres.connection.session import set_local
from dyntables.engines.postgres.connection.settings import NEUTRAL, OF_TEXT, spoken, steady_settings
from dyntables.engines.postgres.rights.hands import SAFE_PATH, Hands, hands_of
from dyntables.errors import CatalogError, EngineError, InvalidQueryError

_CONSTANT = re.compile(r"\{CONST :consttype (\d+)([^{}]*)")
# How a tree names the columns of the subquery dt_vet.
_COLUMNS = re.compile(r":aliasname dt_vet :colnames \(((?:\\.|[^()\\])*)\)", re.DOTALL)
# A token ends at a space without a backslash; a quote within it has none.
_NAME = re.compile(r'"((?:\\.|[^\s\\])*)"(?=\s|\Z)', re.DOTALL)
SAFE_UNDER = {"search_path": SAFE_PATH}
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
    """Lets the server parse texts of one owner; texts of the service itself go the short way.

    ``own_types``: whether one that was checked has constants of types that somebody made, and may replace at any time.
    """

    def __init__(self, connection: psycopg.Connection, owner: str) -> None:
        self.connection = connection
        self.owner = owner
        self.trusted = owner == connection.info.user
        self.own_types = False
        self._hands: Hands | None = None

    @contextmanager
    def rolled_back(self) -> Iterator[str]:
        """Do something of which nothing stays, whatever ran while a text was parsed; give a schema for it."""
        with self.connection.transaction(force_rollback=True):
            self._hands = hands_of(self.connection, self.owner)
            yield self._hands.staging

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Read several texts one after another, faster; whatever is written is rolled back."""
        if self.trusted:
            yield
            return
        with self.rolled_back():
            yield

    def create_view(self, view: str, text: str, under: Mapping[str, str], head: str = "", tail: str = "") -> str:
        """Make a view of head, text and tail, inside ``rolled_back``; return its qualified name.

        ``under``: the settings of the text, its search path among them. Afterwards the path of the service is safe, and
        the settings are those under which it works for such a text.

        Raises:
            InvalidQueryError: the server's message, placed in the text.
        """
        hands = self._hands
        assert hands is not None
        head = f"CREATE VIEW {hands.staging}.{view} AS {head}"
        sent = f"{head}{text}{tail}"
        try:
            if not self.trusted:
                self._refuse_several(sent, under)
            hands.parse(sent, under)
        except psycopg.Error as error:
            raise translate(error, text, len(head)) from error
        set_local(self.connection, {**steady_settings(under), "search_path": SAFE_PATH})
        return f"{hands.staging}.{view}"

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
        types = sorted(t for t in constants if t >= FIRST_OF_USERS)
        self.own_types |= bool(types)
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

    def column_names(self, sql: str) -> tuple[str, ...] | None:
        """Return the names of a query's columns under the present search path, or None if the server refuses it.

        Raises:
            InvalidQueryError: it has a constant that is refused.
        """
        if self.trusted:
            result = self._prepare(sql)
            return (
                None
                if isinstance(result, str)
                else tuple((result.fname(i) or b"").decode() for i in range(result.nfields))
            )
        row = self.connection.execute("SELECT current_setting('search_path')").fetchone()
        assert row is not None
        with self.rolled_back():
            # Below another query its columns may have no names, or the same ones.
            try:
                with self.connection.transaction():
                    view = self.create_view("dt_vet", sql, {"search_path": row[0]}, "SELECT FROM (", "\n) AS dt_vet")
            except (EngineError, InvalidQueryError):
                return None
            tree = stored_query(self.connection, view)[0]
            self.check(tree)
            return _below(tree)

    def column_types(self, sql: str) -> tuple[tuple[int, int], ...]:
        """Return the types, with modifiers, of the columns of a query made of one that was checked.

        Raises:
            CatalogError: the server refuses it.
        """
        if self.trusted or not self.own_types:
            result = self._prepare(sql)
            if isinstance(result, str):
                raise CatalogError(result, detail=sql)
            return tuple((result.ftype(i), result.fmod(i)) for i in range(result.nfields))
        names = self.column_names(sql)
        if names is None:
            raise CatalogError("the server refuses a part of the definition", detail=sql)
        columns = ", ".join(f"c{number}" for number in range(len(names)))
        with self.rolled_back():
            view = self.create_view(f"dt_types ({columns})", sql, SAFE_UNDER).partition(" ")[0]
            rows = self.connection.execute(
                "SELECT atttypid, atttypmod FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
                "ORDER BY attnum",
                (view,),
            ).fetchall()
        return tuple((type_, modifier) for type_, modifier in rows)

    def _prepare(self, sql: str) -> PGresult | str:
        """Let the server parse a query by the hands of the service; return its description, or what is wrong."""
        connection = self.connection.pgconn
        prepared = connection.prepare(b"", sql.encode())
        if prepared.error_message:
            return prepared.error_message.decode().strip()
        return connection.describe_prepared(b"")

    def _refuse_several(self, sent: str, under: Mapping[str, str]) -> None:
        """Let the server look at the grammar alone: CREATE VIEW is analysed only when it is run."""
        quoted = {name: under[name] for name in OF_TEXT if under.get(name, NEUTRAL[name]) != NEUTRAL[name]}
        with spoken(self.connection, quoted):
            result = self.connection.pgconn.prepare(b"", sent.encode())
            if result.status == ExecStatus.FATAL_ERROR:
                raise error_from_result(result)


def read_over(parser: Parser, text: str, schema: str, name: str, columns: Sequence[tuple[str, str]]) -> None:
    """Have a query read over a relation that there is not yet, of columns as (name, type); nothing is kept of it.

    Raises:
        psycopg.Error, DyntablesError: it cannot be read.
    """
    items = ", ".join(f"NULL::{type_} AS {quote_qualified(column)}" for column, type_ in columns)
    connection = parser.connection
    with parser.rolled_back():
        connection.execute("SELECT set_config('search_path', 'pg_catalog, pg_temp', true)")
        connection.execute(f"CREATE SCHEMA {quote_qualified(schema)}")
        connection.execute(f"CREATE TABLE {quote_qualified(schema, name)} AS SELECT {items} WITH NO DATA")
        parser.let_use(schema)
        parser.create_view("dt_what_if", text, SAFE_UNDER)


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


def _below(tree: str) -> tuple[str, ...]:
    """Return the names of the columns of the one subquery of a stored query."""
    found = _COLUMNS.search(tree)
    names = _NAME.findall(found[1]) if found is not None else []
    return tuple(re.sub(r"\\(.)", r"\1", name, flags=re.DOTALL) for name in names)
