"""What checks of rules found, and the scores of tables; the caller owns the transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from dyntables.catalog.connection import Connection
from dyntables.catalog.quality.rule import Target

RULE_COLUMNS = (
    "schema_name, table_name, rule_name, kind, definition, dimension, severity, tolerance, tolerance_unit, "
    "on_violation, enabled, disabled_reason, owner, comment, version, evaluation, evaluation_reason, filter"
)


@dataclass(frozen=True, slots=True)
class Found:
    """What one check of a rule found; ``duration_ms``: of the query, which may have measured others, too."""

    rule_id: int
    version: int
    state: str
    checked: int
    failed: int
    score: float | None
    error: str | None
    duration_ms: float


@dataclass(frozen=True, slots=True)
class Scored:
    """The score of a table (0 to 100, None: unknown), and of its dimensions; how many of its rules were evaluated.

    ``failing``: how many failed, or could not be checked.
    """

    score: float | None
    health: str
    dimensions: Mapping[str, float]
    evaluated: int
    active: int
    failing: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a table stands: how many of its rules are checked, and what the newest check of them came to.

    ``health`` is None if there was no check yet.
    """

    rules: int
    score: float | None
    health: str | None
    failing: int
    active: int
    checked_at: datetime | None


def add(connection: Connection, found: Iterable[Found], data_timestamp: datetime | None) -> None:
    """Add what was found of rows as of an instant."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO dyntables.quality_result (rule_id, rule_version, data_timestamp, state, checked, failed, "
            "score, error, duration_ms) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (f.rule_id, f.version, data_timestamp, f.state, f.checked, f.failed, f.score, f.error, f.duration_ms)
                for f in found
            ],
        )


def latest(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[str, float | None]]:
    """Return state and score of the last check of each rule, by its id; of those that were checked."""
    rows = connection.execute(
        "SELECT i, q.state, q.score FROM unnest(%s::bigint[]) i CROSS JOIN LATERAL (SELECT state, score "
        "FROM dyntables.quality_result WHERE rule_id = i ORDER BY id DESC LIMIT 1) q",
        (list(ids),),
    )
    return {number: (state, score) for number, state, score in rows}


def add_score(connection: Connection, target: Target, scored: Scored, data_timestamp: datetime | None) -> None:
    """Add the score of a table as of an instant."""
    connection.execute(
        "INSERT INTO dyntables.quality_score (dynamic_table_id, relation, data_timestamp, score, health, dimensions, "
        "evaluated, active, failing, schema_name, table_name) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (target.dynamic_table_id, target.relation, data_timestamp, scored.score, scored.health,
         Jsonb(dict(scored.dimensions)), scored.evaluated, scored.active, scored.failing,
         target.schema, target.name),
    )  # fmt: skip


def shown_rules(connection: Connection, schema: str | None, name: str | None) -> list[tuple[Any, ...]]:
    """Return the rules that the present role may see, of all tables or of one."""
    return connection.execute(
        f"SELECT {RULE_COLUMNS} FROM dyntables.quality_rules WHERE %(schema)s::text IS NULL "
        "OR (schema_name, table_name) = (%(schema)s, %(name)s) ORDER BY 1, 2, 3",
        {"schema": schema, "name": name},
    ).fetchall()


def standings(connection: Connection) -> tuple[dict[int, Standing], dict[int, Standing]]:
    """Return how tables with rules stand: dynamic ones by id, others by OID.

    What was found before the oldest of its rules is of rules that are gone.
    """
    rows = connection.execute(
        "SELECT r.dynamic_table_id, r.relation::bigint, r.rules, s.score, s.health, coalesce(s.failing, 0), "
        "coalesce(s.active, 0), s.checked_at FROM (SELECT dynamic_table_id, relation, count(*) AS rules, "
        "min(created_at) AS since FROM dyntables.quality_rule WHERE enabled GROUP BY 1, 2) r "
        "LEFT JOIN LATERAL (SELECT * FROM dyntables.quality_score q "
        "WHERE (r.relation IS NULL OR q.relation = r.relation) "
        "AND (r.dynamic_table_id IS NULL OR q.dynamic_table_id = r.dynamic_table_id) AND q.checked_at >= r.since "
        "ORDER BY q.id DESC LIMIT 1) s ON true"
    ).fetchall()
    dynamic = {table: Standing(*rest) for table, _, *rest in rows if table is not None}
    return dynamic, {relation: Standing(*rest) for _, relation, *rest in rows if relation is not None}


def delete_old(connection: Connection, most: int) -> int:
    """Delete results and scores that are older than the retention of the history; return how many."""
    old = "checked_at < now() - (SELECT value::interval FROM dyntables.setting WHERE name = 'history_retention')"
    gone = 0
    for table in ("quality_result", "quality_score"):
        query = f"DELETE FROM dyntables.{table} WHERE id IN (SELECT id FROM dyntables.{table} WHERE {old} LIMIT %s)"
        gone += connection.execute(query, (most,)).rowcount
    return gone
