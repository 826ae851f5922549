"""Look whether what a step teaches holds: by a query, by the last refresh of a table, by VERIFY."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dyntables.compiler.names import literal, quote
from dyntables.demo.scenarios.model import Acted, Check, Equal, Holds, Says
from dyntables.demo.scenarios.stage import Stage
from dyntables.errors import DyntablesError


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of one check: whether it holds, the facts that say so, and if it does not, what to try."""

    holds: bool
    says: str
    hint: str = ""


def check(stage: Stage, wanted: Check) -> Checked:
    """Ask the server; an error of it is a check that does not hold."""
    try:
        holds, says = _ask(stage, wanted)
    except DyntablesError as error:
        holds, says = False, str(error)
    return Checked(holds, says, "" if holds else wanted.hint)


def _ask(stage: Stage, wanted: Check) -> tuple[bool, str]:
    client = stage.session()
    match wanted:
        case Holds(query):
            result = client.execute(stage.written(query))
            if not result.rows:
                return False, "the query of the check has found nothing"
            return result.rows[0][0] is True, _facts(result.columns[1:], result.rows[0][1:])
        case Acted(table, action, reason):
            return _acted(stage, table, action, reason)
        case Equal(table, equal):
            result = client.execute(f"ALTER DYNAMIC TABLE {quote(table)} VERIFY")
            row = dict(zip(result.columns, result.rows[0], strict=True))
            differences = f"{row['missing_rows']} rows missing, {row['extra_rows']} too many"
            return row["equal"] is equal, f"{table} equals its query" if row["equal"] else f"{table}: {differences}"
        case Says(statement, text, present):
            rows = client.execute(stage.written(statement)).rows
            said = any(text in str(value) for row in rows for value in row)
            return said is present, f'{statement.split(" AS", 1)[0]} says {"" if said else "nothing of "}"{text}"'


def _acted(stage: Stage, table: str, action: str, reason: str) -> tuple[bool, str]:
    rows = (
        stage.session()
        .execute(
            "SELECT refresh_action, refresh_reason, duration_ms FROM dyntables.refresh_history "
            f"WHERE schema_name = {literal(stage.schema)} AND name = {literal(table)} AND refresh_action <> 'NO_DATA' "
            "ORDER BY refresh_id DESC LIMIT 1"
        )
        .rows
    )
    if not rows:
        return False, f"{table} was never refreshed"
    did, why, milliseconds = rows[0]
    holds = did == action and reason in ("", why)
    return holds, f"{table}: {did} ({why}) in {milliseconds or 0:,.0f} ms"


def _facts(columns: list[str], values: tuple[Any, ...]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in zip(columns, values, strict=True))
