"""The quality rules of the demonstration: made if they are missing, and checked from time to time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from importlib import resources

from dyntables import clock
from dyntables.client import Client
from dyntables.compiler.names import quote_qualified
from dyntables.compiler.statements import CreateQualityRule, parse_statement, split_statements
from dyntables.demo.pipelines import dashboard
from dyntables.errors import DyntablesError, InternalError

# Their rules read millions of rows, some of them several times.
LARGE = ("tpch.lineitem", "tpch.orders")
_SECONDS, _LARGE_SECONDS = 60.0, 900.0

# The catalog itself has no capture of changes: what is to be followed is copied.
_FIELDS = (
    "id, schema_name, table_name, checked_at, data_timestamp, score, health, failing, evaluated, active, dimensions"
)
_CHECKS = (
    "CREATE TABLE IF NOT EXISTS analytics.quality_checks (id bigint PRIMARY KEY, schema_name text NOT NULL, "
    "table_name text NOT NULL, checked_at timestamptz NOT NULL, data_timestamp timestamptz, score float8, "
    "health text NOT NULL, failing integer NOT NULL, evaluated integer NOT NULL, active integer NOT NULL, "
    "dimensions jsonb NOT NULL)"
)
_COPY = (
    f"INSERT INTO analytics.quality_checks ({_FIELDS}) SELECT {_FIELDS} FROM dyntables.quality_score "
    "WHERE table_name IS NOT NULL AND id > (SELECT coalesce(max(id), 0) FROM analytics.quality_checks)"
)
_FORGET = "DELETE FROM analytics.quality_checks WHERE checked_at < now() - interval '7 days'"


def rules() -> list[CreateQualityRule]:
    """Return the statements that make the rules."""
    text = resources.files(__name__).joinpath("rules.sql").read_text("utf-8")
    found = []
    for piece in split_statements(text):
        statement = parse_statement(piece.text)
        if not isinstance(statement, CreateQualityRule):
            raise InternalError("rules.sql holds something else than rules")
        found.append(statement)
    return found


def watched() -> list[str]:
    """Return the tables that have rules, in the order of the file."""
    return list(dict.fromkeys(str(rule.name) for rule in rules()))


def create_missing_rules(client: Client) -> int:
    """Make the rules that are not there, and the table over their scores; return how many rules were made."""
    shown = client.execute("SHOW QUALITY RULES")
    present = {(f"{row[0]}.{row[1]}", row[2]) for row in shown.rows}
    missing = [rule for rule in rules() if (str(rule.name), rule.rule) not in present]
    for rule in missing:
        client.execute(rule.text)
    client.execute(_CHECKS)
    table = dashboard()
    found = client.execute("SELECT schema_name || '.' || name FROM dyntables.dynamic_tables").rows
    if (table.name,) not in found:
        client.execute(table.sql)
    return len(missing)


def check(client: Client, tables: Iterable[str]) -> None:
    """Check the rules of tables, one after the other, and keep the scores where a dynamic table can follow them."""
    for name in tables:
        client.execute(f"CHECK QUALITY OF {quote_qualified(*name.split('.'))}")
        client.execute(_COPY)
    client.execute(_FORGET)


def keep_checking(url: str, stop: threading.Event, tell: Callable[[str], None]) -> None:
    """Make the rules, and check them until told to stop: each minute, those of large tables each quarter of an hour.

    What goes wrong is told, and tried again.
    """
    due: dict[str, float] = {}
    while not stop.is_set():
        try:
            with Client(url) as client:
                create_missing_rules(client)
                while not stop.is_set():
                    _check_due(client, due, stop)
                    stop.wait(1.0)
        except DyntablesError as error:
            if not stop.is_set():
                tell(str(error))
            stop.wait(_SECONDS)


def _check_due(client: Client, due: dict[str, float], stop: threading.Event) -> None:
    for name in sorted(watched(), key=lambda name: name in LARGE):
        if clock.monotonic() >= due.get(name, 0.0) and not stop.is_set():
            due[name] = clock.monotonic() + (_LARGE_SECONDS if name in LARGE else _SECONDS)
            check(client, [name])
