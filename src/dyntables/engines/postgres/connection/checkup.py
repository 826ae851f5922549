"""What the server says of itself and of an installation in it that somebody should look at."""

from __future__ import annotations

import psycopg

# FOR ALL TABLES has no exceptions, and subscribers stop at a table that they do not have.
_PUBLISHED = """
SELECT format('%I', p.pubname), string_agg(DISTINCT n.nspname, ', ') FROM pg_publication p,
LATERAL pg_get_publication_tables(p.pubname) t JOIN pg_class c ON c.oid = t.relid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('dyntables', 'dyntables_data', 'dyntables_log') GROUP BY p.pubname ORDER BY p.pubname
"""


def setting(connection: psycopg.Connection, name: str) -> str:
    """Return a setting of the server."""
    row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
    assert row is not None
    return str(row[0])


def new_partitions_captured(connection: psycopg.Connection) -> bool:
    """Tell whether an event trigger captures partitions when they are created."""
    row = connection.execute(
        "SELECT 1 FROM pg_event_trigger WHERE evtname = 'dyntables_create_table' AND evtenabled <> 'D'"
    ).fetchone()
    return row is not None


def size_of_logs(connection: psycopg.Connection) -> str:
    """Return how much disk all change logs take, as people read it."""
    row = connection.execute(
        "SELECT pg_size_pretty(coalesce(sum(pg_total_relation_size(c.oid)), 0)) FROM pg_class c "
        "WHERE c.relnamespace = 'dyntables_log'::regnamespace AND c.relkind = 'r'"
    ).fetchone()
    assert row is not None
    return str(row[0])


def publications_of_ours(connection: psycopg.Connection) -> list[tuple[str, str]]:
    """Return the publications that have tables of ours, quoted, with the schemas of these."""
    return connection.execute(_PUBLISHED).fetchall()
