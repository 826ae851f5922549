"""Dates and times. Weeks begin on Monday and years' weeks are ISO's, as Snowflake's defaults have it."""

from __future__ import annotations

from sqlglot import exp

from dyntables.compiler.dialects.snowflake.functions.entry import (
    Call,
    Entry,
    Writing,
    aliases,
    refused,
    scalar,
    written,
)

_NAMES = {
    "year": "year y yy yyy yyyy yr years yrs",
    "quarter": "quarter q qtr qtrs quarters",
    "month": "month mm mon mons months",
    "week": "week w wk weekofyear woy wy weeks",
    "day": "day d dd days dayofmonth",
    "hour": "hour h hh hr hours hrs",
    "minute": "minute m mi min minutes mins",
    "second": "second s sec seconds secs",
    "millisecond": "millisecond ms msec milliseconds",
    "microsecond": "microsecond us usec microseconds",
    "nanosecond": "nanosecond ns nsec nanosec nsecond nanoseconds nanosecs nseconds",
    "weekiso": "weekiso week_iso weekofyeariso weekofyear_iso",
    "dayofweek": "dayofweek weekday dow dw",
    "dayofweekiso": "dayofweekiso weekday_iso dow_iso dw_iso dayofweek_iso",
    "dayofyear": "dayofyear yearday doy dy",
    "yearofweek": "yearofweek",
    "yearofweekiso": "yearofweekiso",
    "epoch_second": "epoch_second epoch epoch_seconds",
    "epoch_millisecond": "epoch_millisecond epoch_milliseconds",
    "epoch_microsecond": "epoch_microsecond epoch_microseconds",
}
_PARTS = {alias: part for part, names in _NAMES.items() for alias in names.split()}
_DAYS = {"year": "1 year", "quarter": "3 months", "month": "1 month", "week": "7 days", "day": "1 day"}
_TIMES = {u: f"1 {u}" for u in ("hour", "minute", "second", "millisecond", "microsecond")}
_NO_NANOSECONDS = "PostgreSQL keeps microseconds"

_FIELDS = {
    **{p: f"extract({p} from {{ntz}})" for p in ("year", "quarter", "month", "week", "day", "hour", "minute")},
    "second": "floor(extract(second from {ntz}))",
    "millisecond": "mod(floor(extract(millisecond from {ntz})), 1000)",
    "weekiso": "extract(week from {ntz})",
    "dayofweek": "extract(dow from {ntz})",
    "dayofweekiso": "extract(isodow from {ntz})",
    "dayofyear": "extract(doy from {ntz})",
    "yearofweek": "extract(isoyear from {ntz})",
    "yearofweekiso": "extract(isoyear from {ntz})",
    "epoch_second": "floor(extract(epoch from {instant}))",
    "epoch_millisecond": "floor(extract(epoch from {instant}) * 1000)",
    "epoch_microsecond": "floor(extract(epoch from {instant}) * 1000000)",
}


def part_of(writer: Writing, node: exp.Expr, what: str) -> str:
    """Return the name of a date part that may be written bare or as text."""
    name = node.name.lower() if isinstance(node, (exp.Column, exp.Literal, exp.Var)) else ""
    found = _PARTS.get(name)
    if found is None:
        raise writer.refuse(node, what, f'"{node.name}" is not a date part that is known')
    if found == "nanosecond":
        raise writer.refuse(node, what, _NO_NANOSECONDS)
    return found


def add(writer: Writing, node: exp.Expr, part: str, count: str, value: exp.Expr) -> str:
    """Return a date or time moved by a count of parts; a date stays a date if whole days are added."""
    if part in _DAYS:
        function, interval = "add_days", _DAYS[part]
    elif part in _TIMES:
        function, interval = "add_time", _TIMES[part]
    else:
        raise writer.refuse(node, "DATEADD", f'"{part}" cannot be added')
    moved = f"{writer.expression(value)}, dyntables_snowflake.num({count}), interval '{interval}'"
    return f"dyntables_snowflake.{function}({moved})"


def field(writer: Writing, node: exp.Expr, part: str, value: exp.Expr) -> str:
    """Return a part of a date or time as a whole number."""
    if part not in _FIELDS:
        raise writer.refuse(node, "DATE_PART", f'"{part}" cannot be extracted')
    given = writer.expression(value)
    ntz, instant = f"dyntables_snowflake.ntz({given})", f"dyntables_snowflake.instant({given})"
    return f"CAST({_FIELDS[part].format(ntz=ntz, instant=instant)} AS bigint)"


def _dateadd(writer: Writing, call: Call) -> str:
    part, count, value = _three(writer, call)
    return add(writer, call.node, part_of(writer, part, call.name), writer.expression(count), value)


def _datediff(writer: Writing, call: Call) -> str:
    given, begin, end = _three(writer, call)
    part = part_of(writer, given, call.name)
    if part not in _DAYS and part not in _TIMES:
        raise writer.refuse(call.node, call.name, f'"{part}" cannot be counted')
    as_ = "ntz" if part in _DAYS else "instant"
    times = ", ".join(f"dyntables_snowflake.{as_}({writer.expression(a)})" for a in (begin, end))
    return f"dyntables_snowflake.datediff('{part}', {times})"


def _date_part(writer: Writing, call: Call) -> str:
    if len(call.args) != 2:
        raise writer.refuse(call.node, call.name, "it needs two arguments")
    return field(writer, call.node, part_of(writer, call.args[0], call.name), call.args[1])


def _field(part: str) -> Entry:
    def write(writer: Writing, call: Call) -> str:
        if len(call.args) != 1:
            raise writer.refuse(call.node, call.name, "it needs one argument")
        return field(writer, call.node, part, call.args[0])

    shown = _FIELDS[part].format(ntz="{0}", instant="{0}")
    return written(part.upper(), write, f"CAST({shown} AS bigint)")


def _trunc(writer: Writing, call: Call) -> str:
    if len(call.args) != 2:
        raise writer.refuse(call.node, call.name, "it needs two arguments")
    return truncated(writer, call.args[0], call.args[1])


def truncated(writer: Writing, given: exp.Expr, value: exp.Expr) -> str:
    """Return DATE_TRUNC, which keeps the type of its argument."""
    part = part_of(writer, given, "DATE_TRUNC")
    part = {"weekiso": "week"}.get(part, part)
    if part not in _DAYS and part not in _TIMES:
        raise writer.refuse(given, "DATE_TRUNC", f'"{part}" cannot be truncated to')
    return f"dyntables_snowflake.date_trunc('{part}', {writer.expression(value)})"


def _trunc_or_number(writer: Writing, call: Call) -> str:
    if len(call.args) == 2 and isinstance(call.args[1], exp.Literal) and call.args[1].is_string:
        return truncated(writer, call.args[1], call.args[0])
    if len(call.args) not in (1, 2):
        raise writer.refuse(call.node, call.name, "it needs one or two arguments")
    number = f"dyntables_snowflake.num({writer.expression(call.args[0])})"
    scale = writer.expression(call.args[1]) if len(call.args) > 1 else "0"
    return f"dyntables_snowflake.trunc({number}, CAST({scale} AS integer))"


def _last_day(writer: Writing, call: Call) -> str:
    part = part_of(writer, call.args[1], call.name) if len(call.args) > 1 else "month"
    if part not in ("year", "quarter", "month", "week") or len(call.args) > 2:
        raise writer.refuse(call.node, call.name, f'"{part}" has no last day')
    value = f"dyntables_snowflake.ntz({writer.expression(call.args[0])})"
    return f"CAST(date_trunc('{part}', {value}) + interval '{_DAYS[part]}' - interval '1 day' AS date)"


def _three(writer: Writing, call: Call) -> tuple[exp.Expr, exp.Expr, exp.Expr]:
    if len(call.args) != 3:
        raise writer.refuse(call.node, call.name, "it needs three arguments")
    return call.args[0], call.args[1], call.args[2]


_CLOCK_NOTE = "the data timestamp of the refresh"

DATES: tuple[Entry, ...] = (
    *aliases(
        written("DATEADD", _dateadd, "{sf}.add_days({2}, {1}, interval '1 day')", "a DATE stays a DATE for whole days"),
        "TIMEADD", "TIMESTAMPADD",
    ),
    *aliases(
        written("DATEDIFF", _datediff, "{sf}.datediff('day', {1}, {2})", "counts boundaries crossed"),
        "TIMEDIFF", "TIMESTAMPDIFF",
    ),
    written("DATE_TRUNC", _trunc, "{sf}.date_trunc('month', {1})", "keeps the type of its argument"),
    *aliases(written("TRUNC", _trunc_or_number, "{sf}.trunc({0}, {1})", "of a number, or as DATE_TRUNC"), "TRUNCATE"),
    *aliases(written("DATE_PART", _date_part, "CAST(extract(year from {1}) AS bigint)"), "EXTRACT"),
    *(_field(p) for p in ("year", "quarter", "month", "week", "day", "hour", "minute", "second")),
    *aliases(_field("dayofweek"), "WEEKDAY"),
    *(_field(p) for p in ("dayofweekiso", "dayofyear", "weekiso", "yearofweek", "yearofweekiso")),
    Entry("DAYOFMONTH", write=_field("day").write, shown=_field("day").shown),
    Entry("WEEKOFYEAR", write=_field("week").write, shown=_field("week").shown),
    scalar("DAYNAME", "to_char({sf}.ntz({0}), 'Dy')"),
    scalar("MONTHNAME", "to_char({sf}.ntz({0}), 'Mon')"),
    written("LAST_DAY", _last_day, "CAST(date_trunc('month', {0}) + interval '1 month' - interval '1 day' AS date)"),
    scalar("ADD_MONTHS", "{sf}.add_months({0}, {1})", note="the last day of a month stays the last day"),
    scalar("DATE_FROM_PARTS", "{sf}.date_from_parts({0}, {1}, {2})", note="months and days may overflow"),
    *aliases(
        scalar("TIMESTAMP_FROM_PARTS", "{sf}.timestamp_from_parts({0}, {1}, {2}, {3}, {4}, {5})"),
        "TIMESTAMP_NTZ_FROM_PARTS",
    ),
    *aliases(scalar("CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP", note=_CLOCK_NOTE), "GETDATE", "LOCALTIMESTAMP"),
    scalar("CURRENT_DATE", "CURRENT_DATE", note=_CLOCK_NOTE),
    *aliases(scalar("CURRENT_TIME", "LOCALTIME", note=_CLOCK_NOTE), "LOCALTIME"),
    scalar("SYSDATE", "(CURRENT_TIMESTAMP AT TIME ZONE 'UTC')", note=_CLOCK_NOTE),
    scalar("CONVERT_TIMEZONE", "(({sf}.ntz({2}) AT TIME ZONE {0}) AT TIME ZONE {1})",
           note="of a TIMESTAMP_NTZ, with three arguments; with two it is refused"),
    refused("MONTHS_BETWEEN", "its fraction counts 31 days a month", "Use DATEDIFF(month, …)."),
    refused("NEXT_DAY", "the name of the day depends on the language", "Use DATEADD and DAYOFWEEKISO."),
    refused("PREVIOUS_DAY", "the name of the day depends on the language", "Use DATEADD and DAYOFWEEKISO."),
    refused("TIME_SLICE", "slices are counted from 1970 by rules of their own", "Use DATE_TRUNC."),
)  # fmt: skip
