"""EXPLAIN CREATE QUALITY RULE: what the rule would find now; nothing is stored."""

from __future__ import annotations

from typing import Any

from dyntables.catalog import store
from dyntables.catalog.quality.rule import Rule, Target
from dyntables.commands.command import Command
from dyntables.commands.quality.written import WrittenRule, read_rule
from dyntables.commands.session import Result, Session
from dyntables.compiler.quality.measure import failing, page
from dyntables.compiler.statements import ExplainQualityRule
from dyntables.engines.port import Rows
from dyntables.refresh.quality.measuring import measure
from dyntables.refresh.quality.splitting import all_rows

COLUMNS = [
    "name", "kind", "state", "checked", "failed", "score", "milliseconds", "evaluation", "evaluation_reason",
    "examples", "error", "definition", "filter", "dimension", "severity", "tolerance", "tolerance_unit", "on_violation",
    "comment",
]  # fmt: skip
_LIMIT_SECONDS = 60
_EXAMPLES = 5


def explain_rule(session: Session, statement: ExplainQualityRule) -> Result:
    """Read a rule, and measure it at one snapshot: the counts, how long it took, some rows that fail, as JSON."""
    name, written = statement.created.rule, read_rule(session, statement.created)
    meaning, terms = written.meaning, written.terms
    look = _look(session, name, written) if statement.look else (None, None, None, None, None, None, None)
    state, checked, failed, score, milliseconds, examples, error = look
    row = (
        name, meaning.kind, state, checked, failed, score, milliseconds, str(meaning.evaluation), meaning.scans,
        examples, error, meaning.written, meaning.filter, terms.dimension, str(terms.severity), terms.tolerance.amount,
        "PERCENT" if terms.tolerance.percent else "ROWS", str(terms.on_violation), terms.comment,
    )  # fmt: skip
    return Result(COLUMNS, [row], "EXPLAIN")


def _look(session: Session, name: str, written: WrittenRule) -> tuple[Any, ...]:
    target = written.target
    rule = Rule(0, name, written.meaning, written.terms, enabled=True, disabled_reason=None, version=0)
    engine = session.refresher.engine
    with engine.session.guarded([target.owner]):
        engine.session.begin()
        engine.session.set({"statement_timeout": f"{_LIMIT_SECONDS}s"})
        rows = _rows(session, target)
        [outcome] = measure(engine, target, [rule], limit=_LIMIT_SECONDS, rows=rows)
        query = failing(rule.meaning.question, target.schema, target.name, rows) if outcome.failed else None
        examples = str(engine.workspace(target.owner).row(page(query, _EXAMPLES, 0))[0]) if query is not None else None
    error = outcome.error.message if outcome.error is not None else None
    milliseconds = round(outcome.milliseconds, 3)
    return str(outcome.state), outcome.checked, outcome.failed, outcome.score, milliseconds, examples, error


def _rows(session: Session, target: Target) -> Rows | None:
    """Return all rows of a dynamic table, those that wait in quarantine among them; None of another table."""
    number = target.dynamic_table_id
    return all_rows(store.load_all(session.connection, [number])[number]) if number is not None else None


COMMAND = Command(ExplainQualityRule, explain_rule, alone=True)
