"""CREATE ALERT, ALTER ALERT … SUSPEND and RESUME, DROP ALERT: Snowflake's spelling, with NOTIFY as the action."""

from __future__ import annotations

from dyntables.compiler.statements.alert_model import CreateAlert, DropAlert, SwitchAlert
from dyntables.compiler.statements.cursor import Cursor

_MINUTE = ("1 minute", "1 minutes", "60 seconds", "1 m")


def is_alert(words: list[str]) -> bool:
    """Tell whether the first words of a statement are those of one on alerts."""
    rest = [w for w in words[:4] if w not in ("OR", "REPLACE")]
    return rest[:1] in (["CREATE"], ["ALTER"], ["DROP"]) and rest[1:2] == ["ALERT"]


def parse_alert(cursor: Cursor) -> CreateAlert | SwitchAlert | DropAlert:
    """Return the statement."""
    if cursor.accept("DROP", "ALERT"):
        if_exists = cursor.accept("IF", "EXISTS")
        dropped = DropAlert(_name(cursor), if_exists)
        cursor.end()
        return dropped
    if cursor.accept("ALTER", "ALERT"):
        return _switch(cursor)
    return _create(cursor)


def _switch(cursor: Cursor) -> SwitchAlert:
    if_exists = cursor.accept("IF", "EXISTS")
    name = _name(cursor)
    enabled = cursor.accept("RESUME")
    if not enabled and not cursor.accept("SUSPEND"):
        raise cursor.error("expected SUSPEND or RESUME", hint="For anything else: CREATE OR REPLACE ALERT.")
    cursor.end()
    return SwitchAlert(name, enabled, if_exists)


def _create(cursor: Cursor) -> CreateAlert:
    cursor.expect("CREATE")
    or_replace = cursor.accept("OR", "REPLACE")
    cursor.expect("ALERT")
    if_not_exists = cursor.accept("IF", "NOT", "EXISTS")
    if or_replace and if_not_exists:
        raise cursor.error("OR REPLACE and IF NOT EXISTS exclude each other")
    name = _name(cursor)
    _options(cursor)
    query = _query(cursor)
    cursor.expect("THEN")
    if not cursor.accept("NOTIFY"):
        raise cursor.error("an alert notifies channels", hint="IF (EXISTS (SELECT …)) THEN NOTIFY dashboard")
    channels = [_name(cursor)]
    while cursor.accept_symbol(","):
        channels.append(_name(cursor))
    cursor.end()
    return CreateAlert(name, query, tuple(channels), or_replace, if_not_exists)


def _options(cursor: Cursor) -> None:
    """Step over what has no meaning here, and hold the schedule to the only one that there is."""
    while not cursor.peek_words("IF"):
        token = cursor.token
        option = cursor.identifier("SCHEDULE, or IF (EXISTS (…))").upper()
        if option not in ("SCHEDULE", "WAREHOUSE"):
            raise cursor.error(f"an alert has no option {option}", hint="It has SCHEDULE.", at=token)
        cursor.symbol("=")
        if option == "WAREHOUSE":
            _name(cursor)
            continue
        at = cursor.token
        if cursor.string("a schedule").strip().lower() not in _MINUTE:
            raise cursor.error("queries of alerts are asked once a minute", hint="SCHEDULE = '1 minute'", at=at)


def _query(cursor: Cursor) -> str:
    cursor.expect("IF")
    cursor.symbol("(")
    cursor.expect("EXISTS")
    start = cursor.token.start
    end = cursor.skip_parentheses()
    query = cursor.text[start + 1 : end - 1].strip()
    if not query:
        raise cursor.error("expected a query after EXISTS")
    cursor.symbol(")")
    return query


def _name(cursor: Cursor) -> str:
    return cursor.identifier("a name")
