"""Rows of rules; the caller owns the transaction."""

from __future__ import annotations

from typing import Any

from psycopg.types.json import Jsonb

from dyntables.catalog.connection import Connection
from dyntables.catalog.quality.rule import Meaning, Rule, Target, Terms
from dyntables.compiler.statements import OnViolation, Severity, Tolerance

_FIELDS = (
    "id, rule_name, kind, arguments, written, predicate, filter, columns, severity, tolerance, tolerance_percent, "
    "on_violation, dimension, comment, enabled, disabled_reason, version, owner_name, evaluation_reason"
)
_OF = "(dynamic_table_id = %(table)s OR relation = %(relation)s)"


def of_table(connection: Connection, target: Target, *, held: bool = False) -> list[Rule]:
    """Return the rules of a table, by name; ``held``: none of them is dropped until the transaction ends."""
    query = f"SELECT {_FIELDS} FROM dyntables.quality_rule WHERE {_OF} ORDER BY rule_name"
    held_query = f"{query} FOR KEY SHARE"
    return [_rule(row) for row in connection.execute(held_query if held else query, _key(target), prepare=True)]


def find(connection: Connection, target: Target, name: str) -> Rule | None:
    """Return a rule of a table, locked until the transaction ends."""
    query = f"SELECT {_FIELDS} FROM dyntables.quality_rule WHERE {_OF} AND rule_name = %(name)s FOR UPDATE"
    row = connection.execute(query, {**_key(target), "name": name}).fetchone()
    return _rule(row) if row is not None else None


def insert(connection: Connection, target: Target, name: str, meaning: Meaning, terms: Terms) -> None:
    """Add a rule, the first version of it."""
    row = connection.execute(
        "INSERT INTO dyntables.quality_rule (rule_name, dynamic_table_id, relation, owner_name, kind, arguments, "
        "written, predicate, filter, columns, severity, tolerance, tolerance_percent, on_violation, dimension, "
        "comment, evaluation, evaluation_reason) VALUES (%(name)s, %(table)s, %(relation)s, %(owner)s, %(kind)s, "
        "%(arguments)s, %(written)s, %(predicate)s, %(filter)s, %(columns)s, %(severity)s, %(tolerance)s, "
        "%(percent)s, %(on_violation)s, %(dimension)s, %(comment)s, %(evaluation)s, %(scans)s) RETURNING id",
        {
            **_key(target),
            **_values(meaning, terms),
            "name": name,
            "owner": target.owner if target.dynamic_table_id is None else None,
        },
    ).fetchone()
    assert row is not None
    _keep(connection, row[0])


def change(connection: Connection, rule_id: int, meaning: Meaning, terms: Terms) -> None:
    """Give a rule another meaning or other terms, as its next version; it is checked from now on."""
    connection.execute(
        "UPDATE dyntables.quality_rule SET kind = %(kind)s, arguments = %(arguments)s, written = %(written)s, "
        "predicate = %(predicate)s, filter = %(filter)s, columns = %(columns)s, severity = %(severity)s, "
        "tolerance = %(tolerance)s, tolerance_percent = %(percent)s, on_violation = %(on_violation)s, "
        "dimension = %(dimension)s, comment = %(comment)s, enabled = true, disabled_reason = NULL, "
        "evaluation = %(evaluation)s, evaluation_reason = %(scans)s, "
        "version = version + 1, altered_at = clock_timestamp() WHERE id = %(id)s",
        {**_values(meaning, terms), "id": rule_id},
    )
    _keep(connection, rule_id)


def follow(connection: Connection, rule_id: int, meaning: Meaning) -> None:
    """Give a rule the present names of what it means; it is the same version."""
    connection.execute(
        "UPDATE dyntables.quality_rule SET arguments = %s, predicate = %s, filter = %s, columns = %s WHERE id = %s",
        (Jsonb(dict(meaning.arguments)), meaning.predicate, meaning.filter, Jsonb(dict(meaning.columns)), rule_id),
    )


def enable(connection: Connection, rule_id: int, *, enabled: bool, reason: str | None = None) -> None:
    """Have a rule checked, or not any more; ``reason``: why not, if nobody said so."""
    connection.execute(
        "UPDATE dyntables.quality_rule SET enabled = %s, disabled_reason = %s, altered_at = clock_timestamp() "
        "WHERE id = %s",
        (enabled, reason, rule_id),
    )


def drop(connection: Connection, rule_id: int) -> None:
    """Remove a rule with all that was found by it."""
    connection.execute("DELETE FROM dyntables.quality_rule WHERE id = %s", (rule_id,))


def _keep(connection: Connection, rule_id: int) -> None:
    connection.execute(
        "INSERT INTO dyntables.quality_rule_version (rule_id, version, rule) "
        "SELECT id, version, to_jsonb(r) - 'id' FROM dyntables.quality_rule r WHERE id = %s",
        (rule_id,),
    )


def _key(target: Target) -> dict[str, int | None]:
    return {"table": target.dynamic_table_id, "relation": target.relation}


def _values(meaning: Meaning, terms: Terms) -> dict[str, Any]:
    return {
        "kind": meaning.kind,
        "arguments": Jsonb(dict(meaning.arguments)),
        "written": meaning.written,
        "predicate": meaning.predicate,
        "filter": meaning.filter,
        "columns": Jsonb(dict(meaning.columns)),
        "severity": terms.severity,
        "tolerance": terms.tolerance.amount,
        "percent": terms.tolerance.percent,
        "on_violation": terms.on_violation,
        "dimension": terms.dimension,
        "comment": terms.comment,
        "evaluation": meaning.evaluation,
        "scans": meaning.scans,
    }


def _rule(row: tuple[Any, ...]) -> Rule:
    (number, name, kind, arguments, written, predicate, condition, columns, severity, tolerance, percent, on_violation,
     dimension, comment, enabled, reason, version, owner, scans) = row  # fmt: skip
    texts = {key: tuple(values) for key, values in arguments.items()}
    meaning = Meaning(kind, texts, written, predicate, condition, columns, scans)
    terms = Terms(Severity(severity), Tolerance(tolerance, percent), OnViolation(on_violation), dimension, comment)
    return Rule(number, name, meaning, terms, enabled, reason, version, owner)
