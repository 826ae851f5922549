"""Give a definition the present names of relations that were renamed: the server itself rewrites its text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import psycopg

from dyntables.compiler.names import quote_qualified
from dyntables.compiler.renames import Name, rename_relations
from dyntables.engines.postgres.definition.parsing import SAFE_UNDER, Parser, stored_query


@dataclass(frozen=True, slots=True)
class Moved:
    """A relation under its old and its new name; ``columns`` are those renamed, as (present, former)."""

    oid: int
    old: Name
    new: Name
    columns: tuple[tuple[str, str], ...]

    @property
    def shadow(self) -> Name:
        """The stand-in under the old name, in a schema of its own."""
        return f"dyntables_follow_{self.oid}", self.old[1]


def follow(connection: psycopg.Connection, canonical: str, moved: list[Moved], owner: str) -> str:
    """Return an owner's definition with the present names.

    The server itself rewrites it: the definition is read over stand-ins with the old names, and these are renamed.

    Raises:
        InvalidQueryError: the server does not understand it under the old names, or the service may not parse it.
    """
    text = rename_relations(canonical, {m.old: m.shadow for m in moved})
    parser = Parser(connection, owner)
    with parser.rolled_back():
        connection.execute("SELECT set_config('search_path', 'pg_catalog, pg_temp', true)")
        for relation in moved:
            shadow = quote_qualified(*relation.shadow)
            connection.execute(f"CREATE SCHEMA {quote_qualified(relation.shadow[0])}")
            connection.execute(f"CREATE TABLE {shadow} (LIKE {quote_qualified(*relation.new)})")
            parser.let_use(relation.shadow[0])
            _take_key(connection, relation)
            rename_columns(connection, relation.shadow, relation.columns)
        view = parser.create_view("dt_follow", text, SAFE_UNDER)
        parser.check(stored_query(connection, view)[0])
        for relation in moved:
            rename_columns(connection, relation.shadow, [(former, present) for present, former in relation.columns])
            if relation.old[1] != relation.new[1]:
                shadow, name = quote_qualified(*relation.shadow), quote_qualified(relation.new[1])
                connection.execute(f"ALTER TABLE {shadow} RENAME TO {name}")
        _, text = stored_query(connection, view)
    present_names = {(m.shadow[0], m.new[1]): m.new for m in moved}
    return rename_relations(text, present_names)


def _take_key(connection: psycopg.Connection, relation: Moved) -> None:
    """Give a stand-in the primary key, by which a GROUP BY may be complete.

    No other index is taken over: the server would run the functions in its expressions, with the rights of the service.
    """
    rows = connection.execute(
        "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) "
        "WHERE i.indrelid = %s AND i.indisprimary AND i.indimmediate "
        "AND array_position(i.indkey::int2[], a.attnum) < i.indnkeyatts",
        (relation.oid,),
    ).fetchall()
    if rows:
        columns = ", ".join(quote_qualified(name) for (name,) in rows)
        connection.execute(f"ALTER TABLE {quote_qualified(*relation.shadow)} ADD PRIMARY KEY ({columns})")


def rename_columns(connection: psycopg.Connection, table: Name, columns: Iterable[tuple[str, str]]) -> None:
    """Rename columns, given as (old, new), all at once: they may have exchanged their names."""
    between = [(old, f"dyntables_between_{number}", new) for number, (old, new) in enumerate(columns)]
    steps = [*((old, middle) for old, middle, _ in between), *((middle, new) for _, middle, new in between)]
    for old, new in steps:
        connection.execute(
            f"ALTER TABLE {quote_qualified(*table)} RENAME COLUMN {quote_qualified(old)} TO {quote_qualified(new)}"
        )
