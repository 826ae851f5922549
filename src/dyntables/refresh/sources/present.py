"""What is so of the sources of several tables at one snapshot: asked once for all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from dyntables.catalog.model import DynamicTable
from dyntables.refresh.sources.fingerprint import facts, fingerprint, present_code


@dataclass(frozen=True, slots=True)
class Present:
    """The sources of some tables.

    ``prints``: the fingerprints by OID. ``uncaptured``: those whose changes are not all captured now. ``events``: those
    to which something happened that their change logs cannot say, at some time. ``facts``: what their keys promise.
    ``code``: digests of what the definitions call.
    """

    prints: Mapping[str, Any]
    uncaptured: frozenset[int]
    events: frozenset[int]
    facts: Mapping[int, str]
    code: Mapping[str, str]


def look(connection: psycopg.Connection, tables: Collection[DynamicTable]) -> Present:
    """Look at the sources of some tables."""
    dependencies = [d for t in tables for d in t.dependencies]
    captured = sorted({d.relation for t in tables if t.incremental for d in t.dependencies if d.kind == "TABLE"})
    row = connection.execute(
        "SELECT ARRAY(SELECT b::bigint FROM dyntables.capture_broken(%s::oid[]) b "
        "UNION SELECT o::bigint FROM unnest(%s::oid[]) o WHERE NOT EXISTS "
        "(SELECT FROM dyntables.source s WHERE s.relation = o)), "
        "ARRAY(SELECT DISTINCT e.relation::bigint FROM dyntables.source_event e WHERE e.relation = ANY(%s))",
        (captured, captured, captured),
    ).fetchone()
    assert row is not None
    prints = fingerprint(connection, dependencies)
    return Present(
        prints, frozenset(row[0]), frozenset(row[1]), facts(connection, captured), present_code(connection, tables)
    )
