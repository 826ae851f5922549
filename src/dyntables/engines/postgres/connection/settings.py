"""The settings on which the meaning of a definition depends, and the neutral ones under which the service works.

A definition keeps those of the session that wrote it. While the service works for it they are in force, apart from the
few that would change how the service itself is understood: how dates are written, how strings are quoted. These are in
force for the statements that run the definition, and only if they are not the usual ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg

from dyntables.compiler.statements.options import SETTINGS
from dyntables.errors import InvalidOptionError

TIME_ZONE = "TimeZone"
# What the service understands, and its driver.
NEUTRAL = {
    "DateStyle": "ISO", "IntervalStyle": "postgres", "bytea_output": "hex", "array_nulls": "on",
    "transform_null_equals": "off", "quote_all_identifiers": "off", "standard_conforming_strings": "on",
    "backslash_quote": "safe_encoding",
}  # fmt: skip
# What the text of a definition is written in; what is run is written by the server.
OF_TEXT = {"standard_conforming_strings", "backslash_quote"}


def steady_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """Return what may be in force for as long as the service works for a definition."""
    found = {name: value for name, value in settings.items() if name not in NEUTRAL}
    order = {"DateStyle": f"ISO, {_order(settings['DateStyle'])}"} if "DateStyle" in settings else {}
    return {**found, **NEUTRAL, **order}


def spoken_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """Return what has to be in force only while a statement with a definition in it runs: nothing, as a rule."""
    neutral = steady_settings(settings)
    return {
        name: value
        for name, value in settings.items()
        if name in NEUTRAL and name not in OF_TEXT and value != neutral[name]
    }


def settings_in_force(
    connection: psycopg.Connection, said: Mapping[str, str], role: str | None = None
) -> dict[str, str]:
    """Return a session's own settings, before they were made neutral; or those that sessions of a role begin with.

    ``said``: what somebody has SET in the session, and what does not hold at present; it counts for the role, too.
    """
    rows = connection.execute(
        "SELECT name, setting, reset_val, source IN ('user', 'database user'), boot_val FROM pg_settings "
        "WHERE name = ANY(%s)",
        (list(SETTINGS.values()),),
    ).fetchall()
    defaults = _defaults(connection, role) if role is not None else {}
    found: dict[str, str] = {}
    for name, present, reset, of_user, boot in rows:
        usual = reset if role is None else defaults.get(name.lower(), boot if of_user else reset)
        ours = f"ISO, {_order(reset)}" if name == "DateStyle" else NEUTRAL.get(name, reset)
        found[name] = str(usual if present in (ours, reset) else present)
    found |= said
    return checked_settings(connection, {}, found) if role is not None else found


def _defaults(connection: psycopg.Connection, role: str) -> dict[str, str]:
    """Return what ALTER ROLE and ALTER DATABASE say of a role's sessions, the more particular last."""
    rows = connection.execute(
        "SELECT c FROM pg_db_role_setting s, unnest(s.setconfig) c WHERE s.setdatabase IN (0, "
        "(SELECT oid FROM pg_database WHERE datname = current_database())) "
        "AND s.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = %s)) "
        "ORDER BY s.setrole <> 0, s.setdatabase <> 0",
        (role,),
    ).fetchall()
    return {name.lower(): value for (entry,) in rows for name, _, value in [entry.partition("=")]}


@contextmanager
def spoken(connection: psycopg.Connection, settings: Mapping[str, str]) -> Iterator[None]:
    """Run one statement under settings of its definition, inside a transaction."""
    if not settings:
        yield
        return
    _set(connection, settings, "true")
    yield
    # After an error the savepoint takes them back.
    _set(connection, {name: NEUTRAL[name] for name in settings}, "true")


@contextmanager
def neutral(connection: psycopg.Connection) -> Iterator[dict[str, str]]:
    """Work under neutral settings in a session in which somebody has SET others; give these, which come back."""
    told = {name: connection.info.parameter_status(name) or "" for name in _TOLD}
    changed = {name: value for name, value in told.items() if not value.startswith(NEUTRAL[name])}
    if not changed or _failed(connection):
        yield {}
        return
    _set(connection, {name: NEUTRAL[name] for name in changed})
    try:
        yield changed
    finally:
        if not connection.closed and not _failed(connection):
            _set(connection, changed)


@contextmanager
def in_time_zone(connection: psycopg.Connection, time_zone: str) -> Iterator[None]:
    """Read a definition in the time zone of its table: the server writes instants in that of the session."""
    row = connection.execute("SELECT current_setting('TimeZone')").fetchone()
    assert row is not None
    _set(connection, {TIME_ZONE: time_zone})
    try:
        yield
    finally:
        if not connection.closed:
            _set(connection, {TIME_ZONE: row[0]})


# What the server tells a client of by itself, so that looking costs nothing.
_TOLD = ("DateStyle", "IntervalStyle", "standard_conforming_strings")


def _failed(connection: psycopg.Connection) -> bool:
    return connection.info.transaction_status is psycopg.pq.TransactionStatus.INERROR


def checked_settings(
    connection: psycopg.Connection, present: Mapping[str, str], given: Mapping[str, str]
) -> dict[str, str]:
    """Return settings with those given in their place, as the server writes them.

    Raises:
        InvalidOptionError: the server refuses a value.
    """
    found = dict(present)
    try:
        with connection.transaction(force_rollback=True):
            for name, value in given.items():
                connection.execute("SELECT set_config(%s, %s, true)", (name, present.get(name, value)))
                row = connection.execute("SELECT set_config(%s, %s, true)", (name, value)).fetchone()
                assert row is not None
                found[name] = row[0]
    except psycopg.Error as error:
        raise InvalidOptionError(f"{error.diag.message_primary}", hint=error.diag.message_hint) from None
    return found


def _order(style: str) -> str:
    return next((part for part in ("DMY", "MDY", "YMD") if part in style.upper()), "MDY")


def _set(connection: psycopg.Connection, settings: Mapping[str, str], local: str = "false") -> None:
    calls = ", ".join(f"set_config(%s, %s, {local})" for _ in settings)
    connection.execute(f"SELECT {calls}", [part for pair in settings.items() for part in pair])
