"""Dynamic tables as files: SHOW CREATE writes them, EXPLAIN CREATE OR ALTER compares, CREATE OR ALTER applies."""

from __future__ import annotations

import re

from dyntables.client import Client
from dyntables.compiler.names import quote_qualified
from dyntables.compiler.statements import CreateDynamicTable, CreateOrAlter, parse_statement, split_statements
from dyntables.errors import InvalidOptionError

_HEAD = re.compile(r"\A((?:\s|--[^\n]*\n)*)CREATE(?:\s+OR\s+(?:REPLACE|ALTER))?\b", re.IGNORECASE)


class Tables:
    """The kind of dynamic tables."""

    folder = "tables"

    def present(self, client: Client) -> list[str]:
        """Return the names of all dynamic tables."""
        result = client.execute("SHOW DYNAMIC TABLES")
        schema, name = result.columns.index("schema_name"), result.columns.index("name")
        return sorted(quote_qualified(row[schema], row[name]) for row in result.rows)

    def text(self, client: Client, name: str) -> str:
        """Return the statement that makes a table as it is."""
        return str(client.execute(f"SHOW CREATE DYNAMIC TABLE {name}").rows[0][0]) + ";\n"

    def name(self, text: str) -> str:
        """Return the quoted name of the table that a file makes; it must have a schema."""
        statements = split_statements(text)
        parsed = parse_statement(statements[0].text) if len(statements) == 1 else None
        target = parsed.target if isinstance(parsed, CreateOrAlter) else parsed
        if not isinstance(target, CreateDynamicTable):
            raise InvalidOptionError("a file of tables holds one CREATE DYNAMIC TABLE statement, and nothing else")
        if len(target.name.parts) != 2:
            raise InvalidOptionError(f'"{target.name}" needs a schema', hint="Write CREATE DYNAMIC TABLE schema.name.")
        return quote_qualified(*target.name.parts)

    def changes(self, client: Client, text: str) -> tuple[str, ...]:
        """Return what CREATE OR ALTER would change, and what that costs; the tables above are named if they pay."""
        result = client.execute("EXPLAIN " + _or_alter(text))
        rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows]
        if all(row["change"] == "nothing" for row in rows if row["role"] == "TARGET"):
            return ()
        return tuple(
            f"{row['change']}: {row['before']} -> {row['after']} ({row['effect']}: {row['why']})"
            if row["role"] == "TARGET"
            else f"{row['name']}: {row['effect']}: {row['why']}"
            for row in rows
        )

    def apply(self, client: Client, text: str) -> None:
        """Create or alter the table; an alteration keeps what it can."""
        client.execute(_or_alter(text))

    def drop(self, client: Client, name: str) -> None:
        """Drop a table; UNDROP finds it as long as its retention says."""
        client.execute(f"DROP DYNAMIC TABLE {name}")


def _or_alter(text: str) -> str:
    return _HEAD.sub("CREATE OR ALTER", text, count=1)
