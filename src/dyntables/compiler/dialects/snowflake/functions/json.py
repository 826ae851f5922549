"""Semi-structured data: VARIANT, OBJECT and ARRAY are jsonb."""

from __future__ import annotations

from sqlglot import exp

from dyntables.compiler.dialects.snowflake.functions.entry import (
    Call,
    Entry,
    Writing,
    refused,
    scalar,
    written,
)
from dyntables.compiler.dialects.snowflake.functions.texts import text
from dyntables.compiler.names import literal


def path_steps(writer: Writing, node: exp.Expr, path: str, what: str) -> str:
    """Return ``-> step`` for each step of a path such as ``a.b[0]``."""
    out, rest = "", path
    while rest:
        name, bracket, rest = _step(rest)
        if name:
            out += f" -> {literal(name)}"
        if bracket is not None:
            inner = bracket.strip("'\"")
            if not inner or (inner == bracket and not inner.isdigit()):
                raise writer.refuse(node, what, f'path "{path}" cannot be read')
            out += f" -> {inner}" if inner == bracket else f" -> {literal(inner)}"
    return out


def _step(rest: str) -> tuple[str, str | None, str]:
    rest = rest.removeprefix(".")
    if rest.startswith("["):
        inner, _, rest = rest[1:].partition("]")
        return "", inner, rest
    end = min((i for i in (rest.find("."), rest.find("[")) if i >= 0), default=len(rest))
    return rest[:end].strip('"'), None, rest[end:]


def _get_path(writer: Writing, call: Call) -> str:
    if len(call.args) != 2 or not (isinstance(call.args[1], exp.Literal) and call.args[1].is_string):
        raise writer.refuse(call.node, call.name, "the path must be a constant")
    steps = path_steps(writer, call.node, call.args[1].name, call.name)
    return f"({writer.expression(call.args[0])}{steps})"


def construct(writer: Writing, pairs: list[tuple[str, exp.Expr]]) -> str:
    """Return an object; members whose value is NULL are left out."""
    parts = []
    for key, value in pairs:
        if isinstance(value, exp.Null):
            continue
        given = value_of(writer, value)
        parts.append(f"CASE WHEN {given} IS NULL THEN '{{}}'::jsonb ELSE jsonb_build_object({key}, {given}) END")
    return "(" + (" || ".join(parts) or "'{}'::jsonb") + ")"


def value_of(writer: Writing, value: exp.Expr) -> str:
    """Return an expression as VARIANT."""
    return f"dyntables_snowflake.to_variant({writer.expression(value)})"


def _object(writer: Writing, call: Call) -> str:
    if len(call.args) % 2 or any(isinstance(a, exp.Star) for a in call.args):
        raise writer.refuse(call.node, call.name, "it needs pairs of keys and values")
    keys = [text(writer, a) for a in call.args[::2]]
    if call.name == "OBJECT_CONSTRUCT":
        return construct(writer, list(zip(keys, call.args[1::2], strict=True)))
    values = [value_of(writer, a) for a in call.args[1::2]]
    return f"jsonb_build_object({', '.join(x for pair in zip(keys, values, strict=True) for x in pair)})"


def _array(writer: Writing, call: Call) -> str:
    return f"jsonb_build_array({', '.join(value_of(writer, a) for a in call.args)})"


def _contains(writer: Writing, call: Call) -> str:
    value, array = call.args
    return f"dyntables_snowflake.array_contains({value_of(writer, value)}, {writer.expression(array)})"


JSON: tuple[Entry, ...] = (
    scalar("PARSE_JSON", "{sf}.parse_json({0})", note="empty text gives NULL"),
    scalar("TRY_PARSE_JSON", "{sf}.try_parse_json({0})"),
    scalar("TO_JSON", "CAST({0} AS text)", note="spaces and the order of keys are PostgreSQL's"),
    scalar("TO_VARIANT", "{sf}.to_variant({0})"),
    scalar("TO_ARRAY", "{sf}.to_array({0})"),
    scalar("TO_OBJECT", "{sf}.to_object({0})"),
    written("GET_PATH", _get_path, "({0} -> 'a' -> 'b')", "constant path"),
    scalar("GET", "{sf}.get({0}, {1})"),
    written("OBJECT_CONSTRUCT", _object, "jsonb_build_object(…)", "members that are NULL are left out"),
    written("OBJECT_CONSTRUCT_KEEP_NULL", _object, "jsonb_build_object(…)"),
    written("ARRAY_CONSTRUCT", _array, "jsonb_build_array(…)"),
    scalar("ARRAY_SIZE", "{sf}.array_size({0})", note="NULL of what is not an array"),
    written("ARRAY_CONTAINS", _contains, "{sf}.array_contains({0}, {1})"),
    scalar("ARRAY_CAT", "({0} || {1})"),
    scalar("ARRAY_TO_STRING", "{sf}.array_to_string({0}, {1})"),
    scalar("SPLIT", "to_jsonb(string_to_array({0}, {1}))"),
    scalar("OBJECT_KEYS", "{sf}.object_keys({0})"),
    scalar("IS_NULL_VALUE", "({0} = 'null'::jsonb)"),
    *(scalar(f"IS_{n}", f"(jsonb_typeof({{0}}) = '{t}')") for n, t in (
        ("ARRAY", "array"), ("OBJECT", "object"), ("BOOLEAN", "boolean"), ("VARCHAR", "string"), ("CHAR", "string"),
    )),
    refused("TYPEOF", "Snowflake tells INTEGER from DECIMAL, jsonb does not", "Use IS_ARRAY, IS_OBJECT, IS_VARCHAR."),
    refused("STRIP_NULL_VALUE", "jsonb's null and NULL differ in it", "Cast the value: a null becomes NULL."),
)  # fmt: skip
