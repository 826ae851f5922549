"""Conditions and numbers."""

from __future__ import annotations

from dyntables.compiler.dialects.snowflake.functions.entry import (
    Call,
    Entry,
    Writing,
    aliases,
    scalar,
    written,
)


def _decode(writer: Writing, call: Call) -> str:
    if len(call.args) < 3:
        raise writer.refuse(call.node, "DECODE", "it needs at least three arguments")
    subject, *rest = (writer.expression(a) for a in call.args)
    arms = "".join(
        f" WHEN {subject} IS NOT DISTINCT FROM {rest[i]} THEN {rest[i + 1]}" for i in range(0, len(rest) - 1, 2)
    )
    default = f" ELSE {rest[-1]}" if len(rest) % 2 else ""
    return f"CASE{arms}{default} END"


CONDITIONALS: tuple[Entry, ...] = (
    scalar("IFF", "CASE WHEN {0} THEN {1} ELSE {2} END"),
    *aliases(scalar("NVL", "coalesce({0}, {1})"), "IFNULL"),
    scalar("NVL2", "CASE WHEN {0} IS NOT NULL THEN {1} ELSE {2} END"),
    scalar("COALESCE", "coalesce({all})"),
    scalar("NULLIF", "nullif({0}, {1})"),
    scalar("ZEROIFNULL", "coalesce({0}, 0)"),
    scalar("NULLIFZERO", "nullif({0}, 0)"),
    written("DECODE", _decode, "CASE WHEN {0} IS NOT DISTINCT FROM {1} THEN {2} … END", "NULL equals NULL"),
    scalar("EQUAL_NULL", "({0} IS NOT DISTINCT FROM {1})"),
    scalar("GREATEST", "CASE WHEN num_nulls({all}) = 0 THEN greatest({all}) END", note="NULL if any argument is"),
    scalar("LEAST", "CASE WHEN num_nulls({all}) = 0 THEN least({all}) END", note="NULL if any argument is"),
    scalar("GREATEST_IGNORE_NULLS", "greatest({all})"),
    scalar("LEAST_IGNORE_NULLS", "least({all})"),
    scalar("BOOLAND", "({sf}.to_boolean({0}) AND {sf}.to_boolean({1}))"),
    scalar("BOOLOR", "({sf}.to_boolean({0}) OR {sf}.to_boolean({1}))"),
    scalar("BOOLNOT", "(NOT {sf}.to_boolean({0}))"),
    scalar("BOOLXOR", "({sf}.to_boolean({0}) <> {sf}.to_boolean({1}))"),
)

NUMBERS: tuple[Entry, ...] = (
    scalar("ABS", "abs({0})"),
    scalar("SIGN", "sign({0})"),
    *aliases(
        scalar("CEIL", "ceil({0})", "{sf}.ceil({sf}.num({0}), CAST({1} AS integer))"),
        "CEILING",
    ),
    scalar("FLOOR", "floor({0})", "{sf}.floor({sf}.num({0}), CAST({1} AS integer))"),
    scalar(
        "ROUND", "{sf}.round({sf}.num({0}), 0)",
               "{sf}.round({sf}.num({0}), CAST({1} AS integer))", note="half away from zero, FLOAT too"
    ),
    scalar("MOD", "mod({0}, {1})"),
    scalar("DIV0", "{sf}.div0({sf}.num({0}), {sf}.num({1}))"),
    scalar("DIV0NULL", "{sf}.div0({sf}.num({0}), coalesce({sf}.num({1}), 0))"),
    scalar("SQUARE", "power({sf}.to_double({0}), 2)"),
    scalar("SQRT", "sqrt({sf}.to_double({0}))"),
    scalar("CBRT", "cbrt({sf}.to_double({0}))"),
    scalar("EXP", "exp({sf}.to_double({0}))"),
    scalar("LN", "ln({sf}.to_double({0}))"),
    scalar("LOG", "(ln({sf}.to_double({1})) / ln({sf}.to_double({0})))", note="the base comes first"),
    *aliases(scalar("POWER", "power({sf}.to_double({0}), {sf}.to_double({1}))"), "POW"),
    scalar("PI", "pi()"),
    *(scalar(n, f"{n.lower()}({{sf}}.to_double({{0}}))") for n in (
        "SIN", "COS", "TAN", "COT", "ASIN", "ACOS", "ATAN", "SINH", "COSH", "TANH", "ASINH", "ACOSH", "ATANH",
        "DEGREES", "RADIANS",
    )),
    scalar("ATAN2", "atan2({sf}.to_double({0}), {sf}.to_double({1}))"),
    scalar("FACTORIAL", "factorial({0})"),
    scalar("BITAND", "(CAST({0} AS bigint) & CAST({1} AS bigint))"),
    scalar("BITOR", "(CAST({0} AS bigint) | CAST({1} AS bigint))"),
    scalar("BITXOR", "(CAST({0} AS bigint) # CAST({1} AS bigint))"),
    scalar("BITNOT", "(~ CAST({0} AS bigint))"),
    scalar("WIDTH_BUCKET", "width_bucket({0}, {1}, {2}, {3})"),
)  # fmt: skip
