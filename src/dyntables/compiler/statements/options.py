"""The options of CREATE DYNAMIC TABLE and ALTER … SET, in any order."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dyntables.compiler.schedule import Schedule, parse_schedule
from dyntables.compiler.statements.cursor import Cursor
from dyntables.compiler.statements.lexer import Kind, Token
from dyntables.compiler.statements.model import (
    Dialect,
    Initialize,
    Options,
    RefreshMode,
    Scheduling,
    TargetLag,
    Timing,
)
from dyntables.compiler.statements.region import backfill_from, frozen_where
from dyntables.errors import InvalidOptionError, Span, StatementSyntaxError

_UNITS = {
    "s": 1,
    "sec": 1,
    "second": 1,
    "m": 60,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hour": 3600,
    "d": 86400,
    "day": 86400,
}
_LONGEST = 365 * 86400
_LONGEST_RETENTION_DAYS = 90

# Options that only mean something in Snowflake's cloud: kept as metadata, with a notice.
_CLOUD_VALUES = {
    "WAREHOUSE", "INITIALIZATION_WAREHOUSE", "MAX_DATA_EXTENSION_TIME_IN_DAYS",
    "DEFAULT_DDL_COLLATION", "LOG_LEVEL", "LOG_EVENT_LEVEL", "ROW_TIMESTAMP", "EXTERNAL_VOLUME", "CATALOG",
    "BASE_LOCATION",
}  # fmt: skip
_CLOUD_PHRASES = (
    ("COPY", "GRANTS"), ("COPY", "TAGS"), ("REQUIRE", "USER"), ("ROW", "ACCESS", "POLICY"), ("AGGREGATION", "POLICY"),
    ("STORAGE", "LIFECYCLE", "POLICY"), ("DATA", "METRIC", "FUNCTION"), ("EXECUTE", "AS", "USER"), ("TAG",),
    ("CONTACT",),
)  # fmt: skip
_REFUSED = {
    "START": "START AT is not supported, as it says where REFRESH USING begins",
}
# Settings of the server that the meaning of a definition depends on, by their options.
SETTINGS = {
    name.upper(): name
    for name in (
        "DateStyle", "IntervalStyle", "TimeZone", "default_text_search_config", "bytea_output", "extra_float_digits",
        "lc_monetary", "lc_numeric", "lc_time", "xmlbinary", "xmloption", "array_nulls", "transform_null_equals",
        "quote_all_identifiers", "standard_conforming_strings", "backslash_quote",
    )
}  # fmt: skip
_KNOWN = [
    "TARGET_LAG",
    "LAG",
    "SCHEDULER",
    "REFRESH_MODE",
    "INITIALIZE",
    "CLUSTER BY",
    "COMMENT",
    "DIALECT",
    "WORK_MEM",
    "MAX_PARALLEL_WORKERS",
    "STATEMENT_TIMEOUT",
    "LOCK_TIMEOUT",
    "MAX_ACTIVE_SESSIONS",
    "SCHEDULE",
    "SUSPEND_AFTER_FAILURES",
    "DATA_RETENTION_TIME_IN_DAYS",
    "TRUST_STABLE_FUNCTIONS",
    *SETTINGS,
    *sorted(_CLOUD_VALUES),
]
_BEGINNINGS = ("CLUSTER", "WITH", "COPY", "REQUIRE", "FROZEN", "IMMUTABLE", "BACKFILL")
# What UNSET takes, beside the phrases of Snowflake's cloud.
UNSETTABLE = [o for o in _KNOWN if o not in ("LAG", "CLUSTER BY", *SETTINGS)]


@dataclass(slots=True)
class _Found:
    values: dict[str, Any] = field(default_factory=dict)
    ignored: list[tuple[str, str]] = field(default_factory=list)


def parse_options(cursor: Cursor, *, stop: tuple[str, ...], create: bool) -> Options:
    """Read options up to one of the stop words or the end.

    Raises:
        StatementSyntaxError: an unknown option. InvalidOptionError: a value that is not allowed, or an option twice.
    """
    found = _Found()
    while (
        cursor.token.kind is not Kind.END
        and not cursor.peek_symbol(";")
        and not cursor.peek_words(*stop[:1] or ("\0",))
    ):
        cursor.accept_symbol(",")
        cursor.accept("WITH")
        _read_one(cursor, found)
    _check_together(found.values, create=create)
    return _options(found)


def _read_one(cursor: Cursor, found: _Found) -> None:
    token = cursor.token
    word = token.value.upper()
    readers = _readers()
    if word in readers and token.kind is Kind.WORD:
        cursor.take()
        cursor.accept_symbol("=")
        _put(cursor, found, "TARGET_LAG" if word == "LAG" else word, readers[word](cursor), token)
    elif cursor.peek_words("FROZEN", "WHERE") or cursor.peek_words("IMMUTABLE", "WHERE"):
        _put(cursor, found, "FROZEN WHERE", frozen_where(cursor), token)
    elif cursor.peek_words("BACKFILL", "FROM"):
        _put(cursor, found, "BACKFILL FROM", backfill_from(cursor), token)
    elif cursor.accept("CLUSTER", "BY"):
        _put(cursor, found, "CLUSTER_BY", cluster_by(cursor), token)
    elif word in _CLOUD_VALUES:
        cursor.take()
        cursor.accept_symbol("=")
        value = cursor.take()
        found.ignored.append((word, cursor.text[value.start : value.end]))
    elif not _cloud_phrase(cursor, found):
        raise _unknown(cursor, token)


@functools.cache
def _readers() -> dict[str, Callable[[Cursor], Any]]:
    """Return what reads the value of each option that has one."""
    return {
        "TARGET_LAG": _lag,
        "LAG": _lag,
        "SCHEDULER": lambda c: Scheduling(_choice(c, Scheduling)),
        "REFRESH_MODE": lambda c: RefreshMode(_choice(c, RefreshMode)),
        "INITIALIZE": lambda c: Initialize(_choice(c, Initialize)),
        "COMMENT": lambda c: c.string("a comment"),
        "DIALECT": lambda c: Dialect(_choice(c, Dialect)),
        **LIMITS,
        "SCHEDULE": _schedule,
        "SUSPEND_AFTER_FAILURES": _failures,
        "DATA_RETENTION_TIME_IN_DAYS": _retention,
        "TRUST_STABLE_FUNCTIONS": _truth,
        **dict.fromkeys(SETTINGS, _setting),
    }


def _check_together(values: Mapping[str, Any], *, create: bool) -> None:
    lag, scheduler = values.get("TARGET_LAG"), values.get("SCHEDULER")
    if lag is not None and scheduler is Scheduling.DISABLE:
        raise InvalidOptionError("SCHEDULER = DISABLE and TARGET_LAG exclude each other")
    if "SCHEDULE" in values and scheduler is Scheduling.DISABLE:
        raise InvalidOptionError("SCHEDULER = DISABLE and SCHEDULE exclude each other")
    if create and scheduler is Scheduling.ENABLE and lag is None and "SCHEDULE" not in values:
        raise InvalidOptionError("SCHEDULER = ENABLE needs TARGET_LAG or SCHEDULE")


def _options(found: _Found) -> Options:
    values = found.values
    timing = Timing(
        target_lag=values.get("TARGET_LAG"),
        scheduler=values.get("SCHEDULER"),
        schedule=values.get("SCHEDULE"),
        suspend_after=values.get("SUSPEND_AFTER_FAILURES"),
        initialize=values.get("INITIALIZE"),
    )
    return Options(
        timing=timing,
        refresh_mode=values.get("REFRESH_MODE"),
        cluster_by=values.get("CLUSTER_BY", ()),
        comment=values.get("COMMENT"),
        dialect=values.get("DIALECT"),
        ignored=tuple(found.ignored),
        limits=tuple((option, values[option]) for option in LIMITS if option in values),
        retention_days=values.get("DATA_RETENTION_TIME_IN_DAYS"),
        frozen=values.get("FROZEN WHERE"),
        backfill=values.get("BACKFILL FROM", ()),
        trust_stable=values.get("TRUST_STABLE_FUNCTIONS"),
        settings=tuple((name, values[option]) for option, name in SETTINGS.items() if option in values),
    )


def parse_lag(text: str) -> int:
    """Return the seconds of a lag such as ``5 minutes``.

    Raises:
        ValueError: it is not a lag, or out of range.
    """
    match = re.fullmatch(r"\s*(\d+)\s*([a-z]+)\s*", text.lower())
    unit = match[2] if match else ""
    size = _UNITS.get(unit) or _UNITS.get(unit.removesuffix("s"))
    if match is None or size is None:
        raise ValueError("expected '<n> seconds | minutes | hours | days' or DOWNSTREAM")
    seconds = int(match[1]) * size
    if seconds < 1:
        raise ValueError("the target lag must be at least 1 second")
    if seconds > _LONGEST:
        raise ValueError("the target lag must be at most 365 days")
    return seconds


def _lag(cursor: Cursor) -> TargetLag:
    token = cursor.take()
    if token.value.upper() == "DOWNSTREAM":
        return TargetLag(None)
    if token.kind is not Kind.STRING:
        raise _invalid(cursor, token, "expected '<n> seconds | minutes | hours | days' or DOWNSTREAM")
    try:
        return TargetLag(parse_lag(token.value))
    except ValueError as error:
        raise _invalid(cursor, token, str(error)) from None


def _memory(cursor: Cursor) -> str:
    token = cursor.take()
    match = re.fullmatch(r"\s*(\d{1,7})\s*(kB|MB|GB)\s*", token.value, re.IGNORECASE)
    unit = {"kb": "kB", "mb": "MB", "gb": "GB"}.get(match[2].lower()) if match else None
    size = int(match[1]) * {"kB": 1, "MB": 1024, "GB": 1024 * 1024}[unit] if match and unit else 0
    if token.kind is not Kind.STRING or not 64 <= size <= 2**31 - 1:
        raise _invalid(cursor, token, "expected an amount of memory of at least 64 kB, such as '256MB'")
    return f"{size}kB"


def _seconds(cursor: Cursor) -> str:
    token = cursor.take()
    try:
        if token.kind is not Kind.STRING:
            raise ValueError("expected '<n> seconds | minutes | hours | days'")
        seconds = parse_lag(token.value)
    except ValueError:
        raise _invalid(cursor, token, "expected '<n> seconds | minutes | hours | days', at most 7 days") from None
    if seconds > 7 * 86400:
        raise _invalid(cursor, token, "a timeout is at most 7 days")
    return f"{seconds}s"


def _setting(cursor: Cursor) -> str:
    token = cursor.take()
    sign = ""
    if token.kind is Kind.SYMBOL and token.value == "-":
        token, sign = cursor.take(), "-"
    if token.kind not in (Kind.WORD, Kind.STRING, Kind.NUMBER):
        raise _invalid(cursor, token, "expected a value of the setting")
    return sign + token.value


def _truth(cursor: Cursor) -> bool:
    token = cursor.take()
    if token.kind is not Kind.WORD or token.value.upper() not in ("TRUE", "FALSE"):
        raise _invalid(cursor, token, "expected TRUE or FALSE")
    return token.value.upper() == "TRUE"


def _count(cursor: Cursor) -> str:
    token = cursor.take()
    if token.kind is not Kind.NUMBER or not token.value.isdigit() or int(token.value) > 1000:
        raise _invalid(cursor, token, "expected a number from 0 to 1000")
    return str(int(token.value))


# What a refresh may take of the server.
LIMITS: dict[str, Callable[[Cursor], str]] = {
    "WORK_MEM": _memory,
    "MAX_PARALLEL_WORKERS": _count,
    "STATEMENT_TIMEOUT": _seconds,
    "LOCK_TIMEOUT": _seconds,
    "MAX_ACTIVE_SESSIONS": _count,
}


def _schedule(cursor: Cursor) -> Schedule:
    token = cursor.take()
    if token.kind is not Kind.STRING:
        raise _invalid(cursor, token, "expected '<minute> <hour> <day> <month> <weekday> [time zone]'")
    try:
        return parse_schedule(token.value)
    except ValueError as error:
        raise _invalid(cursor, token, str(error)) from None


def _failures(cursor: Cursor) -> int:
    token = cursor.take()
    if token.kind is not Kind.NUMBER or not token.value.isdigit():
        raise _invalid(cursor, token, "expected a number of failures; 0 is never")
    return int(token.value)


def _retention(cursor: Cursor) -> int:
    token = cursor.take()
    if token.kind is not Kind.NUMBER or not token.value.isdigit() or int(token.value) > _LONGEST_RETENTION_DAYS:
        raise _invalid(cursor, token, f"expected a number of days from 0 to {_LONGEST_RETENTION_DAYS}; 0 is no UNDROP")
    return int(token.value)


def _choice(cursor: Cursor, choices: Any) -> str:
    token = cursor.take()
    value = token.value.upper()
    allowed = [str(c) for c in choices]
    if value not in allowed:
        raise _invalid(cursor, token, f'"{token.value}" is not one of {", ".join(allowed)}')
    return value


def cluster_by(cursor: Cursor) -> tuple[str, ...]:
    """Return the expressions of CLUSTER BY, as they were written."""
    start = cursor.token.end
    items: list[str] = []
    cursor.symbol("(")
    depth, begin = 1, start
    while depth:
        token = cursor.take()
        if token.kind is not Kind.SYMBOL:
            continue
        depth += {"(": 1, ")": -1}.get(token.value, 0)
        if depth == 0 or (depth == 1 and token.value == ","):
            items.append(cursor.text[begin : token.start].strip())
            begin = token.end
    return tuple(i for i in items if i)


def _cloud_phrase(cursor: Cursor, found: _Found) -> bool:
    for phrase in _CLOUD_PHRASES:
        begin = cursor.token.start
        if not cursor.accept(*phrase):
            continue
        end = cursor.tokens[cursor.at - 1].end
        if phrase not in (("COPY", "GRANTS"), ("COPY", "TAGS"), ("REQUIRE", "USER")):
            while cursor.peek_symbol("(") or not (_at_option(cursor) or cursor.token.kind is Kind.END):
                end = cursor.skip_parentheses() if cursor.peek_symbol("(") else cursor.take().end
        found.ignored.append((" ".join(phrase), cursor.text[begin:end]))
        return True
    return False


def _at_option(cursor: Cursor) -> bool:
    word = cursor.token.value.upper()
    return cursor.token.kind is Kind.WORD and (
        word == "AS" or word in _CLOUD_VALUES or word in _KNOWN or word in _BEGINNINGS
    )


def _put(cursor: Cursor, found: _Found, option: str, value: Any, token: Token) -> None:
    if option in found.values:
        raise _invalid(cursor, token, f"option {option} is given twice")
    found.values[option] = value


def _unknown(cursor: Cursor, token: Token) -> StatementSyntaxError:
    word = token.value.upper()
    if word in _REFUSED:
        return cursor.error(_REFUSED[word], at=token)
    if word == "REFRESH":
        return cursor.error("REFRESH USING is not supported", hint="Define the table by AS SELECT …", at=token)
    if word in ("SELECT", "VALUES", "TABLE"):
        return cursor.error("expected AS before the query", at=token)
    close = difflib.get_close_matches(word, _KNOWN, 1, 0.6)
    written = cursor.text[token.start : token.end]
    return cursor.error(f'unknown option "{written}"', hint=f"Did you mean {close[0]}?" if close else None, at=token)


def _invalid(cursor: Cursor, token: Token, message: str) -> InvalidOptionError:
    return InvalidOptionError(message, span=Span(cursor.text, token.start, token.end))
