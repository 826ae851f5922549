"""A report on quality: the score of each table and what each rule found last, as values and as a page to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from dyntables.client import Client

_SCORES = """
SELECT DISTINCT ON (schema_name, table_name) schema_name || '.' || table_name, score, health, evaluated, active,
       checked_at FROM dyntables.quality_scores WHERE table_name IS NOT NULL
ORDER BY schema_name, table_name, checked_at DESC
"""
_RULES = """
SELECT r.schema_name || '.' || r.table_name AS "table", r.rule_name AS rule, r.definition AS "check", r.filter,
       r.dimension, r.severity, r.enabled, coalesce(q.state, 'NOT_EVALUATED') AS state, q.checked, q.failed, q.score,
       q.error, q.checked_at, q.data_timestamp, r.owner, r.comment
FROM dyntables.quality_rules r LEFT JOIN LATERAL (
    SELECT * FROM dyntables.quality_results q WHERE (q.schema_name, q.table_name, q.rule_name)
        = (r.schema_name, r.table_name, r.rule_name) ORDER BY q.id DESC LIMIT 1) q ON true
WHERE r.table_name IS NOT NULL ORDER BY 1, 2
"""
_MARKS = {"PASSED": "✓", "FAILED": "✗", "ERROR": "!", "NOT_EVALUATED": "–"}
_STYLE = """
body { font: 14px/1.45 system-ui, sans-serif; color: #172033; margin: 2rem; }
h1 { font-size: 1.5rem; margin-bottom: .25rem; } h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .5rem; vertical-align: top; }
th { border-bottom: 2px solid #526076; font-size: .8rem; } td { border-bottom: 1px solid #d5dbe6; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
code { font: 12px ui-monospace, monospace; overflow-wrap: anywhere; } p, small { color: #526076; }
.FAILED, .ERROR { font-weight: 600; } section { break-inside: avoid-page; }
@media print { body { margin: 0; } }
"""


@dataclass(frozen=True, slots=True)
class QualityReport:
    """The tables with their scores, and the rules with what was found last, each as rows under names of columns."""

    tables: list[tuple[Any, ...]]
    columns: list[str]
    rules: list[tuple[Any, ...]]


def gather(client: Client) -> QualityReport:
    """Return what the role of a client may see."""
    found = client.execute(_RULES)
    return QualityReport(client.execute(_SCORES).rows, found.columns, found.rows)


def page(report: QualityReport, at: datetime) -> str:
    """Return a page that stands by itself, to be kept or printed."""
    rules = [dict(zip(report.columns, row, strict=True)) for row in report.rules]
    sections = [_table(row, [rule for rule in rules if rule["table"] == row[0]]) for row in report.tables]
    failing = sum(rule["state"] in ("FAILED", "ERROR") and rule["enabled"] for rule in rules)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Data quality</title>'
        f"<style>{_STYLE}</style></head><body><h1>Data quality</h1>"
        f"<p>{at:%Y-%m-%d %H:%M %Z}: {failing} of {len(rules)} rules fail, on {len(report.tables)} tables.</p>"
        f"{_scores(report.tables)}{''.join(sections)}</body></html>\n"
    )


def _scores(rows: Sequence[tuple[Any, ...]]) -> str:
    lines = "".join(
        f'<tr><td>{escape(name)}</td><td class="number">{_score(score)}</td><td>{escape(health.capitalize())}</td>'
        f'<td class="number">{evaluated} of {active}</td><td>{_instant(at)}</td></tr>'
        for name, score, health, evaluated, active, at in sorted(
            rows, key=lambda row: (row[1] is not None, row[1], row[0])
        )
    )
    return (
        '<table><thead><tr><th>Table</th><th class="number">Score</th><th>Health</th>'
        f'<th class="number">Rules evaluated</th><th>Checked</th></tr></thead><tbody>{lines}</tbody></table>'
    )


def _table(row: tuple[Any, ...], rules: Sequence[dict[str, Any]]) -> str:
    lines = "".join(_rule(rule) for rule in rules)
    return (
        f"<section><h2>{escape(row[0])} <small>{_score(row[1])}, {escape(row[2].capitalize())}</small></h2>"
        '<table><thead><tr><th>State</th><th>Rule</th><th>Severity</th><th class="number">Failed</th>'
        f'<th class="number">Of</th></tr></thead><tbody>{lines}</tbody></table></section>'
    )


def _rule(rule: dict[str, Any]) -> str:
    state = rule["state"] if rule["enabled"] else "SUSPENDED"
    about = f" where {rule['filter']}" if rule["filter"] else ""
    notes = "".join(f"<br><small>{escape(rule[key])}</small>" for key in ("comment", "error") if rule[key])
    return (
        f'<tr><td class="{state}">{_MARKS.get(state, "–")} {state.capitalize().replace("_", " ")}</td>'
        f"<td>{escape(rule['rule'])}<br><code>{escape(rule['check'] + about)}</code>{notes}</td>"
        f'<td>{escape(rule["severity"].capitalize())}</td><td class="number">{_count(rule["failed"])}</td>'
        f'<td class="number">{_count(rule["checked"])}</td></tr>'
    )


def _score(score: float | None) -> str:
    # Never rounded up to a clean sheet.
    return "–" if score is None else f"{int(score * 10) / 10:g}"


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _instant(at: datetime | None) -> str:
    return "–" if at is None else f"{at:%Y-%m-%d %H:%M:%S}"
