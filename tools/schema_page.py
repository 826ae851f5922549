"""Write docs/schema.md from a migrated database: ``make docs``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import psycopg

import dyntables

PAGE = Path(__file__).parent.parent / "docs" / "schema.md"

_HEAD = """# Schema

Generated from the database by `make docs`; do not edit. The private schema `dyntables` is the catalog. Storage of
dynamic tables is in `dyntables_data`, change logs are in `dyntables_log`; both belong to the program and may change at
any time. The views are for reading by anyone.
"""

_RELATIONS = """
SELECT c.oid, c.relname, CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END, coalesce(obj_description(c.oid), '')
FROM pg_class c WHERE c.relnamespace = 'dyntables'::regnamespace AND c.relkind IN ('r', 'v')
ORDER BY c.relkind = 'r', c.relname
"""

_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'no' ELSE 'yes' END,
       coalesce(pg_get_expr(d.adbin, d.adrelid), ''), coalesce(col_description(a.attrelid, a.attnum), '')
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""

# PostgreSQL 18 also lists NOT NULL constraints; the columns say those.
_CONSTRAINTS = """
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s AND contype IN ('p', 'u', 'f', 'c')
ORDER BY contype, conname
"""


def schema_page(connection: psycopg.Connection) -> str:
    """Return the page for the catalog of a migrated database."""
    parts = [_HEAD]
    for oid, name, kind, comment in connection.execute(_RELATIONS).fetchall():
        parts.append(f"\n## `dyntables.{name}` ({kind})\n")
        if comment:
            parts.append(f"\n{comment}\n")
        if kind == "view":
            parts.append("\n| column | type |\n|---|---|\n")
            parts += [f"| {row[0]} | {row[1]} |\n" for row in connection.execute(_COLUMNS, (oid,))]
            continue
        parts.append("\n| column | type | NULL | default | meaning |\n|---|---|---|---|---|\n")
        parts += [f"| {' | '.join(row)} |\n".replace("|  |", "| |") for row in connection.execute(_COLUMNS, (oid,))]
        constraints = [row[0] for row in connection.execute(_CONSTRAINTS, (oid,))]
        parts += ["\n", *(f"- `{text}`\n" for text in constraints)] if constraints else []
    return "".join(parts)


def main() -> int:
    """Write the page from a fresh embedded server."""
    with tempfile.TemporaryDirectory(prefix="dyntables-docs-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o755)
        with dyntables.connect(data_dir=Path(home)) as client, psycopg.connect(client.url) as connection:
            PAGE.write_text(schema_page(connection))
    print(f"wrote {PAGE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
