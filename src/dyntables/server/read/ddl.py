"""A dynamic table as the statement that makes it."""

from __future__ import annotations

from collections.abc import Sequence

from dyntables.catalog.model import DynamicTable
from dyntables.compiler.names import literal, quote_qualified
from dyntables.compiler.statements import TargetLag
from dyntables.server.schemas.tables import CreateTable

# How the definition of a table with a column list is written down.
_RENAMED = "dt_columns"


def render_ddl(table: DynamicTable, columns: Sequence[str]) -> str:
    """Return CREATE OR REPLACE DYNAMIC TABLE of a stored table."""
    renamed = _RENAMED in table.canonical and _RENAMED not in table.query
    names = f" ({', '.join(quote_qualified(c) for c in columns)})" if renamed else ""
    lines = [f"CREATE OR REPLACE DYNAMIC TABLE {quote_qualified(table.schema, table.name)}{names}"]
    if table.schedule is not None:
        lines.append(f"    SCHEDULE = {literal(table.schedule)}")
    if table.target_lag_seconds is not None or (table.scheduled and table.schedule is None):
        lines.append(f"    TARGET_LAG = {render_lag(str(TargetLag(table.target_lag_seconds)))}")
    if not table.scheduled:
        lines.append("    SCHEDULER = DISABLE")
    lines.append(f"    REFRESH_MODE = {table.refresh_mode}")
    lines.append(f"    INITIALIZE = {table.initialize}")
    limits: dict[str, str] = table.options.get("limits") or {}
    lines += [f"    {option} = {value if value.isdigit() else literal(value)}" for option, value in limits.items()]
    if "suspend_after" in table.options:
        lines.append(f"    SUSPEND_AFTER_FAILURES = {table.suspend_after}")
    dialect = table.options.get("dialect")
    if dialect:
        lines.append(f"    DIALECT = {dialect}")
    if table.region is not None:
        lines.append(f"    FROZEN WHERE ({table.region.where})")
    if table.comment is not None:
        lines.append(f"    COMMENT = {literal(table.comment)}")
    return "\n".join([*lines, "AS", f"{table.query};", ""])


def render_create(body: CreateTable) -> str:
    """Return the statement that a form describes; names are quoted, values are literals, the query comes last."""
    replace = "OR REPLACE " if body.or_replace else ""
    parts = [body.schema_name, body.name] if body.schema_name else [body.name]
    lines = [f"CREATE {replace}DYNAMIC TABLE {quote_qualified(*(p or '' for p in parts))}"]
    options = {
        "TARGET_LAG": render_lag(body.target_lag) if body.target_lag is not None else None,
        "REFRESH_MODE": body.refresh_mode,
        "INITIALIZE": body.initialize,
        "DIALECT": body.dialect,
        "COMMENT": literal(body.comment) if body.comment is not None else None,
    }
    lines += [f"    {option} = {value}" for option, value in options.items() if value is not None]
    return "\n".join([*lines, "AS", body.query or ""])


def render_lag(text: str) -> str:
    """Return a target lag as SQL."""
    return "DOWNSTREAM" if text.strip().upper() == "DOWNSTREAM" else literal(text)
