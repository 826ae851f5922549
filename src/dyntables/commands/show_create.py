"""SHOW CREATE DYNAMIC TABLE: the statement that makes the table as it is; CREATE OR ALTER of it changes nothing."""

from __future__ import annotations

import psycopg

from dyntables.catalog.model import DynamicTable
from dyntables.commands.alter import find
from dyntables.commands.or_alter import planned
from dyntables.commands.session import Result, Session
from dyntables.compiler.names import literal, quote_qualified
from dyntables.compiler.statements import CreateDynamicTable, Dialect, ShowCreate, TargetLag, parse_statement
from dyntables.errors import DyntablesError
from dyntables.refresh.prepare import follow_names

_STATUS = "SHOW CREATE DYNAMIC TABLE"
_NUMBERS = ("MAX_PARALLEL_WORKERS", "MAX_ACTIVE_SESSIONS")


def show_create(session: Session, statement: ShowCreate) -> Result:
    """Show the statement, with the query as it was written if that still means the same here."""
    return Result(["statement"], [(create_statement(session, find(session, statement.name)),)], _STATUS)


def create_statement(session: Session, table: DynamicTable) -> str:
    """Return the statement that makes a table as it is."""
    table = follow_names(session.connection, table)
    others = _other_settings(session, table)
    text = _statement(session.connection, table, table.query, table.options.get("dialect"), others)
    if not _means_the_same(session, text):
        text = _statement(session.connection, table, table.canonical, None, others)
    return text


def _means_the_same(session: Session, text: str) -> bool:
    """Tell whether a statement defines the table as it is: names may lead elsewhere today."""
    parsed = parse_statement(text, snowflake=session.dialect is Dialect.SNOWFLAKE)
    assert isinstance(parsed, CreateDynamicTable)
    try:
        return all(change.what != "query" for change in planned(session, parsed).changes)
    except DyntablesError:
        return False


def _other_settings(session: Session, table: DynamicTable) -> list[str]:
    """Return the settings of a definition that are not those that it would get here."""
    here = session.settings()
    return [f"{n.upper()} = {_string(v)}" for n, v in sorted(table.all_settings.items()) if v != here.get(n)]


def _statement(
    connection: psycopg.Connection, table: DynamicTable, query: str, dialect: str | None, others: list[str]
) -> str:
    kind = "TRANSIENT DYNAMIC TABLE" if table.options.get("transient") else "DYNAMIC TABLE"
    options = [*_when(table), *_how(table), *_rest(table), *others]
    if dialect is not None:
        options.append(f"DIALECT = {dialect}")
    lines = [f"CREATE {kind} {quote_qualified(table.schema, table.name)} ({_columns(connection, table)})"]
    return "\n".join([*lines, *(f"  {option}" for option in options), "AS", query])


def _columns(connection: psycopg.Connection, table: DynamicTable) -> str:
    rows = connection.execute(
        "SELECT column_name, comment FROM dyntables.dynamic_table_column WHERE dynamic_table_id = %s ORDER BY position",
        (table.id,),
    )
    return ", ".join(
        quote_qualified(name) + (f" COMMENT {_string(comment)}" if comment is not None else "")
        for name, comment in rows
    )


def _when(table: DynamicTable) -> list[str]:
    if not table.scheduled:
        return ["SCHEDULER = DISABLE"]
    schedule = [f"SCHEDULE = {_string(table.schedule)}"] if table.schedule else []
    if table.target_lag_seconds is None:
        return schedule or ["TARGET_LAG = DOWNSTREAM"]
    return [f"TARGET_LAG = {_string(str(TargetLag(table.target_lag_seconds)))}", *schedule]


def _how(table: DynamicTable) -> list[str]:
    found = [] if table.refresh_mode == "AUTO" else [f"REFRESH_MODE = {table.refresh_mode}"]
    if table.initialize != "ON_CREATE":
        found.append(f"INITIALIZE = {table.initialize}")
    if table.options.get("cluster_by"):
        found.append(f"CLUSTER BY ({', '.join(table.options['cluster_by'])})")
    return found


def _rest(table: DynamicTable) -> list[str]:
    found = [] if table.comment is None else [f"COMMENT = {_string(table.comment)}"]
    for option, value in table.options.get("limits", {}).items():
        found.append(f"{option} = {value if option in _NUMBERS else _string(value)}")
    for key, option in (("suspend_after", "SUSPEND_AFTER_FAILURES"), ("retention_days", "DATA_RETENTION_TIME_IN_DAYS")):
        if key in table.options:
            found.append(f"{option} = {table.options[key]}")
    if table.options.get("trust_stable_functions"):
        found.append("TRUST_STABLE_FUNCTIONS = TRUE")
    if table.region is not None:
        found.append(f"FROZEN WHERE ({table.region.where})")
        if table.region.backfill is not None:
            found.append(f"BACKFILL FROM {quote_qualified(*table.region.backfill)}")
    # Of a phrase the whole text is kept, of an option its value; what belongs to columns is not a clause of the table.
    for option, text in table.options.get("ignored", {}).items():
        if option not in ("TRANSIENT", "RECLUSTER") and not option.startswith("COLUMN "):
            found.append(text if text.upper().startswith(option) else f"{option} = {text}")
    return found


def _string(text: str) -> str:
    return literal(text)
