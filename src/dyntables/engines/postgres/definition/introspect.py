"""The server's own opinion of a query: its canonical text, columns, functions and the relations that it reads.

Everything is read from the catalog after ``CREATE VIEW`` in a savepoint that is rolled back. The owner of the query
creates that view (``parsing``); the service itself parses only what was made of a text that passed there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from dyntables.compiler.plan.algebra.nodes import SqlType
from dyntables.compiler.plan.environment import RelationInfo, RelationKind, Resolved, ViewText
from dyntables.compiler.plan.text.explicit import explicit
from dyntables.compiler.reasons import NotIncremental, Reason, placed
from dyntables.engines.postgres.called.calls import Calls, called
from dyntables.engines.postgres.called.resolution import FIRST_OF_USERS, resolved
from dyntables.engines.postgres.connection.session import set_local
from dyntables.engines.postgres.connection.settings import steady_settings
from dyntables.engines.postgres.definition.parsing import SAFE_UNDER, Parser, stored_query
from dyntables.engines.postgres.definition.types import FACT_COLUMNS, FACTS, sql_type
from dyntables.engines.postgres.rights.hands import SAFE_PATH
from dyntables.errors import CatalogError, EngineError, InvalidQueryError

_VIEW = "dt_bind"
_NO_RIGHT = "42501"
# Since PostgreSQL 18 a NOT NULL that was not checked yet counts for new rows only.
_NOT_NULL = (
    "(a.attnotnull AND NOT EXISTS (SELECT FROM pg_constraint n WHERE n.conrelid = a.attrelid AND n.contype = 'n' "
    "AND n.conkey = ARRAY[a.attnum] AND NOT n.convalidated))"
)


@dataclass(frozen=True, slots=True)
class Described:
    """A query as the server understands it; ``relations`` are the OIDs that it reads directly."""

    view: ViewText
    relations: frozenset[int]


class Introspection:
    """Reads the catalog over one connection, for the owner of a query.

    ``dynamic_tables`` are the OIDs of the users' views of ours; ``trusts_stable``: the owner answers for functions that
    are declared STABLE.
    """

    def __init__(
        self,
        connection: psycopg.Connection,
        dynamic_tables: frozenset[int],
        owner: str,
        *,
        trusts_stable: bool = False,
    ) -> None:
        self.connection = connection
        self.parser = Parser(connection, owner)
        self.dynamic_tables = dynamic_tables
        self.trusts_stable = trusts_stable
        # Of all queries and views that were described.
        self.calls = Calls()
        self._types: dict[tuple[int, int], SqlType] = {}
        self._meant: list[Resolved] = []
        self._known: dict[tuple[str, str], RelationInfo] = {}

    def describe_query(self, query: str, under: Mapping[str, str]) -> Described:
        """Return the server's reading of a user's query; ``under``: its settings, its search path among them.

        Raises:
            InvalidQueryError: the server's message, placed in the text; or it may not be parsed by the service.
        """
        with self.parser.rolled_back():
            view = self.parser.create_view(_VIEW, query, under)
            oid = self._one("SELECT %s::regclass::oid", view)
            described = Described(self._view_text(oid), self._relations(oid))
        if not under["search_path"]:
            # Its names cannot mean anything else.
            return described
        try:
            with self.connection.transaction():
                set_local(self.connection, {**steady_settings(under), "search_path": SAFE_PATH})
                return replace(described, view=self._explicit(described.view))
        except NotIncremental as error:
            raise InvalidQueryError(error.reason.detail, hint=error.reason.hint) from error

    def canonical(self, sql: str) -> str:
        """Return a query as the server writes it, or the empty string if it refuses the query.

        Raises:
            NotIncremental: the owner may not use a schema in it; it is in a view of somebody else's.
            InvalidQueryError: it may not be parsed by the service.
        """
        tree, text = self._stored(sql) or ("", "")
        self._meant.append(resolved(self.connection, tree))
        return text

    def prove(self, sql: str, types: Iterable[SqlType]) -> None:
        """Check that a query made of those that ``canonical`` was asked for finds no other operators and functions.

        Beside theirs it may compare by the equality of ``types``.

        Raises:
            NotIncremental: it finds others.
        """
        stored = self._stored(sql)
        got = resolved(self.connection, stored[0]) if stored is not None else None
        known = {key for meant in self._meant for key in meant.objects}
        coerced = {pair for meant in self._meant for pair in meant.coerced}
        equalities = {t.equals for t in types}
        if (
            got is None
            or not got.coerced <= coerced
            or any(
                int(key.split()[1]) >= FIRST_OF_USERS and key not in known and got.operators.get(key) not in equalities
                for key in got.objects
            )
        ):
            detail = "the plan of the query would compare by other operators than the query"
            raise NotIncremental(Reason.OPERATOR, detail)

    def _stored(self, sql: str) -> tuple[str, str] | None:
        """Return tree and text of a query under an empty path, or None if the server refuses it."""
        with self.parser.rolled_back():
            try:
                with self.connection.transaction():
                    view = self.parser.create_view(_VIEW, sql, SAFE_UNDER)
            except (EngineError, InvalidQueryError) as error:
                if error.sqlstate == _NO_RIGHT and not self.parser.trusted:
                    detail = f'"{self.parser.owner}" may read through a view only: {error.message}'
                    raise NotIncremental(Reason.RIGHTS, detail) from error
                return None
            tree, text = stored_query(self.connection, view)
            self.parser.check(tree)
            return tree, text

    def _explicit(self, view: ViewText) -> ViewText:
        """Return a view's text such that it means under an empty path what the view means.

        Raises:
            NotIncremental: there is none.
        """
        if not view.resolved.operators:
            return view
        stored = self._stored(view.sql)
        if stored is not None and resolved(self.connection, stored[0]).objects == view.resolved.objects:
            return view
        text = explicit(view.sql, view.resolved.equals, self, lambda sql: self._stored(sql) is not None)
        stored = self._stored(text) if text is not None else None
        if stored is None or not resolved(self.connection, stored[0]).means(view.resolved):
            detail = "a comparison finds its operator by the search path, and would find another one in a refresh"
            raise NotIncremental(Reason.OPERATOR, detail)
        return replace(view, sql=stored[1])

    def describe(self, sql: str) -> tuple[SqlType, ...]:
        """Return the column types of a query made of one that was described.

        Raises:
            NotIncremental: the server refuses it, which is a fault of ours.
        """
        try:
            found = self.parser.column_types(sql)
        except CatalogError as error:
            detail = f"the server refuses what was made of the query: {error.message}"
            raise NotIncremental(Reason.NOT_PLANNED, detail) from error
        return tuple(self._type(type_, modifier) for type_, modifier in found)

    def relation(self, schema: str, name: str) -> RelationInfo:
        """Return what the catalog knows of a relation; a query may name it many times, it is asked about once."""
        if (schema, name) not in self._known:
            self._known[schema, name] = self._relation(schema, name)
        return self._known[schema, name]

    def _relation(self, schema: str, name: str) -> RelationInfo:
        row = self.connection.execute(
            "SELECT c.oid, c.relkind, c.relpersistence, dyntables.capture_obstacle(c.oid) "
            "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = %s",
            (schema, name),
        ).fetchone()
        if row is None:
            raise CatalogError(f'relation "{schema}.{name}" does not exist')
        oid, kind, persistence, obstacle = row
        view = None
        if kind == "v" and oid not in self.dynamic_tables:
            with placed(name):
                view = self._explicit(self._view_text(oid))
        relation_kind = self._kind(oid, kind, schema, persistence)
        captured = Reason(obstacle) if obstacle and relation_kind is RelationKind.TABLE else None
        return RelationInfo(oid, schema, name, relation_kind, self._columns(oid), view, self._unique(oid), captured)

    def sources(self, described: Described) -> frozenset[int]:
        """Return the OIDs of the tables and dynamic tables below a query, views expanded."""
        return frozenset(oid for oid, expanded in self._below(described).items() if not expanded)

    def views(self, described: Described) -> frozenset[int]:
        """Return the OIDs of the plain views that a query reads, directly or through others."""
        return frozenset(oid for oid, expanded in self._below(described).items() if expanded)

    def temporary(self, described: Described) -> str | None:
        """Return the name of a temporary relation that a query reads, if there is one."""
        row = self.connection.execute(
            "SELECT relname FROM pg_class WHERE oid = ANY(%s) AND relpersistence = 't' LIMIT 1",
            (list(described.relations),),
        ).fetchone()
        return str(row[0]) if row else None

    def dependency_kind(self, oid: int) -> str:
        """Return TABLE, DYNAMIC_TABLE, VIEW or OTHER."""
        if oid in self.dynamic_tables:
            return "DYNAMIC_TABLE"
        kind = self._one("SELECT relkind FROM pg_class WHERE oid = %s", oid)
        return {"r": "TABLE", "p": "TABLE", "v": "VIEW"}.get(kind, "OTHER")

    def _below(self, described: Described) -> dict[int, bool]:
        found: dict[int, bool] = {}
        waiting = list(described.relations)
        while waiting:
            oid = waiting.pop()
            if oid in found:
                continue
            kind = self._one("SELECT relkind FROM pg_class WHERE oid = %s", oid)
            found[oid] = kind == "v" and oid not in self.dynamic_tables
            if found[oid]:
                waiting += self._relations(oid)
        return found

    def _kind(self, oid: int, kind: str, schema: str, persistence: str) -> RelationKind:
        if oid in self.dynamic_tables:
            return RelationKind.DYNAMIC_TABLE
        if schema in ("pg_catalog", "information_schema", "dyntables", "pg_toast") or persistence == "t":
            return RelationKind.SYSTEM_TABLE
        return {
            "v": RelationKind.VIEW,
            "m": RelationKind.MATERIALIZED_VIEW,
            "f": RelationKind.FOREIGN_TABLE,
        }.get(kind, RelationKind.TABLE)

    def _columns(self, oid: int) -> tuple[tuple[str, SqlType, bool], ...]:
        rows = self.connection.execute(
            f"SELECT a.attname, a.atttypid, a.atttypmod, NOT {_NOT_NULL} FROM pg_attribute a "
            "WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
            (oid,),
        ).fetchall()
        return tuple((name, self._type(type_, modifier), nullable) for name, type_, modifier, nullable in rows)

    def _unique(self, oid: int) -> frozenset[str]:
        rows = self.connection.execute(
            "SELECT a.attname FROM pg_index i "
            "JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] "
            "WHERE i.indrelid = %s AND i.indisunique AND i.indisvalid AND i.indnkeyatts = 1 AND i.indpred IS NULL "
            f"AND i.indexprs IS NULL AND {_NOT_NULL}",
            (oid,),
        ).fetchall()
        return frozenset(row[0] for row in rows)

    def _view_text(self, oid: int) -> ViewText:
        tree, text = stored_query(self.connection, oid)
        self.parser.check(tree)
        found = called(self.connection, tree, trusted=self.trusts_stable)
        self.calls.add(found.calls)
        columns = tuple((name, type_) for name, type_, _ in self._columns(oid))
        meaning = resolved(self.connection, tree)
        return ViewText(text, columns, found.functions, found.clock, found.session, meaning)

    def _relations(self, view: int) -> frozenset[int]:
        rows = self.connection.execute(
            "SELECT DISTINCT d.refobjid FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid "
            "JOIN pg_class c ON c.oid = d.refobjid AND c.relkind <> 'c' "  # the attribute of a composite type
            "WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass "
            "AND r.ev_class = %s AND d.refobjid <> %s",
            (view, view),
        ).fetchall()
        return frozenset(row[0] for row in rows)

    def column_names(self, sql: str) -> tuple[str, ...] | None:
        """Return the names of the columns of any query of the owner's, or None if the server refuses it.

        Raises:
            InvalidQueryError: it may not be parsed by the service.
        """
        return self.parser.column_names(sql)

    def _type(self, oid: int, modifier: int) -> SqlType:
        known = self._types.get((oid, modifier))
        if known is None:
            row = self.connection.execute(
                f"SELECT format_type(t.oid, %s), {FACT_COLUMNS}, f.deterministic FROM pg_type t, {FACTS} "
                "WHERE t.oid = %s",
                (modifier, oid),
            ).fetchone()
            assert row is not None
            known = self._types[oid, modifier] = sql_type(*row)
        return known

    def _one(self, sql: str, *parameters: object) -> Any:
        row = self.connection.execute(sql, parameters).fetchone()
        if row is None:
            raise CatalogError("the relation does not exist any more")
        return row[0]
