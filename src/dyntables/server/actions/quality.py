"""From requests to statements on rules of quality; all of them go through the one door."""

from __future__ import annotations

import json

from dyntables.commands.execute import execute_one
from dyntables.commands.session import Session
from dyntables.compiler.names import literal
from dyntables.compiler.quality.catalogue import KINDS
from dyntables.compiler.quality.writing import RuleForm, name, write_rule
from dyntables.compiler.statements import Severity, Tolerance
from dyntables.errors import RequestError
from dyntables.health.quality import RuleState
from dyntables.server.schemas.quality import AlterRule, RuleDraft, RulePreview, RuleSuggestion


def statement_of(draft: RuleDraft, *, or_replace: bool = False) -> str:
    """Return the statement that makes a rule.

    Raises:
        RequestError: there is no such kind.
    """
    kind = KINDS.get(draft.kind)
    if kind is None:
        raise RequestError(f'there is no kind of rule "{draft.kind}"', hint="/quality/kinds lists them.")
    form = RuleForm(
        schema=draft.schema_name,
        table=draft.table_name,
        name=draft.name,
        kind=kind,
        arguments=draft.arguments,
        where=draft.where or None,
        severity=Severity(draft.severity) if draft.severity is not None else None,
        tolerance=_tolerance(draft.tolerance, percent=draft.tolerance_percent),
        on_violation=draft.on_violation,
        dimension=draft.dimension,
        comment=draft.comment,
    )
    return write_rule(form, or_replace=or_replace)


def preview(session: Session, draft: RuleDraft, *, look: bool) -> RulePreview:
    """Read a rule that is not stored, and measure it if the rows are to be looked at."""
    sql = statement_of(draft)
    result = execute_one(session, f"EXPLAIN (ANALYZE {'TRUE' if look else 'FALSE'}) {sql}")
    [row] = result.rows
    found = dict(zip(result.columns, row, strict=True))
    return RulePreview(
        sql=sql,
        state=RuleState(found["state"]) if look else None,
        checked=found["checked"],
        failed=found["failed"],
        score=found["score"],
        milliseconds=found["milliseconds"],
        evaluation=found["evaluation"],
        evaluation_reason=found["evaluation_reason"],
        examples=json.loads(found["examples"] or "[]"),
        error=found["error"],
    )


def alter(session: Session, table: tuple[str, str], rule: str, body: AlterRule) -> None:
    """Change a rule in one transaction.

    Raises:
        RequestError: nothing is to be changed.
    """
    statements = _alterations(f"ALTER QUALITY RULE {name(rule)} ON {_table(table)}", body)
    if not statements:
        raise RequestError("nothing is to be changed")
    with session.connection.transaction():
        for statement in statements:
            execute_one(session, statement)


def drop(session: Session, table: tuple[str, str], rule: str) -> None:
    """Remove a rule with all that was found by it."""
    execute_one(session, f"DROP QUALITY RULE {name(rule)} ON {_table(table)}")


def check_statement(table: tuple[str, str]) -> str:
    """Return the statement that checks a table."""
    return f"CHECK QUALITY OF {_table(table)}"


def suggestions(session: Session, table: tuple[str, str]) -> list[RuleSuggestion]:
    """Return rules that hold of what is in a table."""
    result = execute_one(session, f"SUGGEST QUALITY RULES FOR {_table(table)}")
    rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows]
    return [
        RuleSuggestion(
            name=row["name"],
            kind=row["kind"],
            arguments=json.loads(row["arguments"]),
            check=row["check"],
            evidence=row["evidence"],
            sql=row["statement"],
        )
        for row in rows
    ]


def _alterations(head: str, body: AlterRule) -> list[str]:
    options = [] if body.where is None else [f"WHERE ({body.where})"]
    options += [f"SEVERITY {body.severity}"] if body.severity is not None else []
    tolerance = _tolerance(body.tolerance, percent=body.tolerance_percent)
    options += [f"TOLERANCE {tolerance.sql()}"] if tolerance is not None else []
    options += [f"ON VIOLATION {body.on_violation}"] if body.on_violation is not None else []
    options += [f"DIMENSION {body.dimension}"] if body.dimension is not None else []
    options += [f"COMMENT = {literal(body.comment)}"] if body.comment is not None else []
    found = [f"{head} SET {' '.join(options)}"] if options else []
    if body.enabled is not None:
        found.append(f"{head} {'RESUME' if body.enabled else 'SUSPEND'}")
    return found


def _tolerance(amount: float | None, *, percent: bool) -> Tolerance | None:
    return Tolerance(amount, percent) if amount is not None else None


def _table(table: tuple[str, str]) -> str:
    return f"{name(table[0])}.{name(table[1])}"
