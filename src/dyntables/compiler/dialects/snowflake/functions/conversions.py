"""Conversion of types; a cast is the conversion function of its type."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from dyntables.compiler.dialects.snowflake.functions.entry import (
    Call,
    Entry,
    Writing,
    aliases,
    refused,
    written,
)
from dyntables.compiler.dialects.snowflake.functions.texts import text
from dyntables.compiler.names import literal

D = exp.DType
_INTEGERS = {D.INT, D.BIGINT, D.SMALLINT, D.TINYINT, D.MEDIUMINT, D.INT128}
_FUNCTIONS = {
    D.DOUBLE: "to_double", D.FLOAT: "to_double", D.BOOLEAN: "to_boolean", D.DATE: "to_date", D.TIME: "to_time",
    D.TIMESTAMP: "to_timestamp", D.TIMESTAMPNTZ: "to_timestamp", D.DATETIME: "to_timestamp",
    D.TIMESTAMPLTZ: "to_timestamp_ltz", D.VARIANT: "to_variant", D.OBJECT: "to_object", D.ARRAY: "to_array",
}  # fmt: skip
_TEXTS = {D.TEXT, D.VARCHAR, D.CHAR, D.NCHAR, D.NVARCHAR}
_TRIED = {"to_double", "to_boolean", "to_date", "to_time", "to_timestamp", "to_number"}
_DATE_TOKENS = (
    ("YYYY", "YYYY"), ("YY", "YY"), ("MMMM", "FMMonth"), ("MON", "Mon"), ("MM", "MM"), ("DD", "DD"), ("DY", "Dy"),
    ("HH24", "HH24"), ("HH12", "HH12"), ("AM", "AM"), ("PM", "AM"), ("MI", "MI"), ("SS", "SS"), ("FF3", "MS"),
    ("FF6", "US"),
)  # fmt: skip


def cast(writer: Writing, value: exp.Expr, to: exp.DataType, *, tried: bool = False) -> str:
    """Return a cast, or for TRY_CAST one that gives NULL where the text does not fit."""
    what = f"{'TRY_CAST' if tried else 'CAST'} to {to.sql(dialect='snowflake')}"
    kind = to.this
    if kind in _TEXTS:
        return text(writer, value)
    if kind in _INTEGERS:
        return _number(writer, value, "bigint", tried=tried)
    if kind is D.DECIMAL:
        sizes = [p.name for p in to.expressions] or ["38", "0"]
        return _number(writer, value, f"numeric({', '.join([*sizes, '0'][:2])})", tried=tried)
    if kind not in _FUNCTIONS or (to.expressions and kind in (D.OBJECT, D.ARRAY, D.VARIANT)):
        why = "PostgreSQL keeps no time zone with a value" if kind is D.TIMESTAMPTZ else "there is no such type"
        hint = "Use TIMESTAMP_NTZ or TIMESTAMP_LTZ." if kind is D.TIMESTAMPTZ else None
        raise writer.refuse(value, what, why, hint)
    return _convert(writer, value, _FUNCTIONS[kind], what, tried=tried)


def _convert(writer: Writing, value: exp.Expr, function: str, what: str, *, tried: bool) -> str:
    if tried and function not in _TRIED:
        raise writer.refuse(value, what, "there is nothing to try")
    is_text = isinstance(value, exp.Literal) and value.is_string
    if is_text and function == "to_date" and re.fullmatch(r"\d{4}-\d\d-\d\d", value.name) and not tried:
        return f"CAST({literal(value.name)} AS date)"
    given = text(writer, value) if is_text or tried else writer.expression(value)
    return f"dyntables_snowflake.{'try_' if tried else ''}{function}({given})"


def _number(writer: Writing, value: exp.Expr, type_: str, *, tried: bool) -> str:
    if tried:
        sizes = type_.removeprefix("numeric(").removesuffix(")") if type_.startswith("numeric") else "38, 0"
        return f"CAST(dyntables_snowflake.try_to_number({text(writer, value)}, {sizes}) AS {type_})"
    if isinstance(value, exp.Literal) and not value.is_string:
        return f"CAST({value.name} AS {type_})"
    given = text(writer, value) if isinstance(value, exp.Literal) else writer.expression(value)
    return f"CAST(dyntables_snowflake.to_number({given}) AS {type_})"


def date_format(writer: Writing, node: exp.Expr, what: str) -> str:
    """Return PostgreSQL's template for Snowflake's format of a date or time."""
    if not (isinstance(node, exp.Literal) and node.is_string):
        raise writer.refuse(node, what, "the format must be a constant")
    rest, out = node.name, []
    while rest:
        for token, template in _DATE_TOKENS:
            if rest.upper().startswith(token):
                out.append(template)
                rest = rest[len(token) :]
                break
        else:
            if rest[0].isalnum() and rest[0] != "T":
                raise writer.refuse(node, what, f'format "{node.name}" is not one of a date or time that is known')
            out.append('"T"' if rest[0] == "T" else rest[0].replace('"', '\\"'))
            rest = rest[1:]
    return literal("".join(out))


def _to_char(writer: Writing, call: Call) -> str:
    _count(writer, call, 2)
    if len(call.args) == 1:
        return text(writer, call.args[0])
    template = date_format(writer, call.args[1], call.name)
    return f"to_char(dyntables_snowflake.ntz({writer.expression(call.args[0])}), {template})"


def _dated(function: str, *, tried: bool = False) -> Callable[[Writing, Call], str]:
    def write(writer: Writing, call: Call) -> str:
        _count(writer, call, 2)
        if len(call.args) == 1:
            return _convert(writer, call.args[0], function, call.name, tried=tried)
        if tried:
            raise writer.refuse(call.node, f"{call.name} with a format", "PostgreSQL takes texts that do not fit it")
        template = date_format(writer, call.args[1], call.name)
        return f"dyntables_snowflake.{function}({text(writer, call.args[0])}, {template})"

    return write


def _to_number(*, tried: bool) -> Callable[[Writing, Call], str]:
    def write(writer: Writing, call: Call) -> str:
        _count(writer, call, 3)
        sizes = call.args[1:]
        if any(not (isinstance(a, exp.Literal) and not a.is_string) for a in sizes):
            raise writer.refuse(call.node, call.name, "a format is not supported", "Use precision and scale.")
        precision = [a.name for a in sizes] or ["38"]
        return _number(writer, call.args[0], f"numeric({', '.join([*precision, '0'][:2])})", tried=tried)

    return write


def _simple(function: str, *, tried: bool = False) -> Callable[[Writing, Call], str]:
    def write(writer: Writing, call: Call) -> str:
        _count(writer, call, 1)
        return _convert(writer, call.args[0], function, call.name, tried=tried)

    return write


def _count(writer: Writing, call: Call, most: int) -> None:
    if not 1 <= len(call.args) <= most:
        raise writer.refuse(call.node, call.name, f"it needs one to {most} arguments")


def _rows() -> list[Entry]:
    rows: list[Entry] = []
    for tried in (False, True):
        head, verb = ("TRY_", "try_") if tried else ("", "")
        number = written(f"{head}TO_NUMBER", _to_number(tried=tried), f"CAST({{sf}}.{verb}to_number({{0}}) AS numeric)")
        stamp = written(f"{head}TO_TIMESTAMP", _dated("to_timestamp", tried=tried), f"{{sf}}.{verb}to_timestamp({{0}})")
        rows += [
            *aliases(number, f"{head}TO_DECIMAL", f"{head}TO_NUMERIC"),
            written(f"{head}TO_DOUBLE", _simple("to_double", tried=tried), f"{{sf}}.{verb}to_double({{0}})"),
            written(f"{head}TO_BOOLEAN", _simple("to_boolean", tried=tried), f"{{sf}}.{verb}to_boolean({{0}})"),
            written(f"{head}TO_DATE", _dated("to_date", tried=tried), f"{{sf}}.{verb}to_date({{0}})"),
            written(f"{head}TO_TIME", _simple("to_time", tried=tried), f"{{sf}}.{verb}to_time({{0}})"),
            *aliases(stamp, f"{head}TO_TIMESTAMP_NTZ"),
        ]
    return rows


CONVERSIONS: tuple[Entry, ...] = (
    *aliases(written("TO_VARCHAR", _to_char, "{sf}.to_text({0}), to_char({0}, '…')", "formats of dates"), "TO_CHAR"),
    *_rows(),
    written("DATE", _dated("to_date"), "{sf}.to_date({0})"),
    written("TIME", _simple("to_time"), "{sf}.to_time({0})"),
    written("TO_TIMESTAMP_LTZ", _simple("to_timestamp_ltz"), "{sf}.to_timestamp_ltz({0})"),
    refused("TO_TIMESTAMP_TZ", "PostgreSQL keeps no time zone with a value", "Use TO_TIMESTAMP_LTZ."),
    refused("TO_BINARY", "its formats differ"),
)
