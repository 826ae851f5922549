"""Aggregates and window functions."""

from __future__ import annotations

from dyntables.compiler.dialects.snowflake.functions.entry import (
    Call,
    Entry,
    Kind,
    Writing,
    aggregate,
    aliases,
    refused,
    window,
    written,
)
from dyntables.compiler.dialects.snowflake.functions.texts import text


def _count(writer: Writing, call: Call) -> str:
    args = [writer.expression(a) for a in call.args]
    if len(args) < 2:
        return f"count({'DISTINCT ' if call.distinct else ''}{args[0] if args else '*'}){call.over}"
    counted = f"DISTINCT ({', '.join(args)})" if call.distinct else "*"
    return f"count({counted}) FILTER (WHERE num_nulls({', '.join(args)}) = 0){call.over}"


def _listagg(writer: Writing, call: Call) -> str:
    if not call.args or len(call.args) > 2:
        raise writer.refuse(call.node, call.name, "it needs one or two arguments")
    bare = writer.expression(call.args[0])
    value = text(writer, call.args[0])
    delimiter = text(writer, call.args[1]) if len(call.args) > 1 else "''"
    order = call.order
    if call.distinct:
        # What is made unique must be what it is ordered by: the bare value, which is then text anyway.
        value = bare if order else value
    call_ = f"string_agg({'DISTINCT ' if call.distinct else ''}{value}, {delimiter}{order or f' ORDER BY {value}'})"
    return f"coalesce({call_}{call.over}, '')"


def _array_agg(writer: Writing, call: Call) -> str:
    if len(call.args) != 1:
        raise writer.refuse(call.node, call.name, "it needs one argument")
    value = writer.expression(call.args[0])
    distinct = "DISTINCT " if call.distinct else ""
    element = f"dyntables_snowflake.to_variant({value})"
    if call.distinct and call.order:
        raise writer.refuse(call.node, "ARRAY_AGG (DISTINCT …) WITHIN GROUP", "it is ordered by what it lists")
    order = call.order or f" ORDER BY {element if call.distinct else value}"
    call_ = f"jsonb_agg({distinct}{element}{order}) FILTER (WHERE {value} IS NOT NULL){call.over}"
    return f"coalesce({call_}, '[]'::jsonb)"


def _ratio(writer: Writing, call: Call) -> str:
    if not call.over or len(call.args) != 1:
        raise writer.refuse(call.node, call.name, "it needs one argument and OVER (…)")
    value = f"dyntables_snowflake.num({writer.expression(call.args[0])})"
    return f"dyntables_snowflake.divide({value}, nullif(sum({value}){call.over}, 0))"


def _within(function: str) -> Entry:
    def write(writer: Writing, call: Call) -> str:
        if not call.order or len(call.args) != 1:
            raise writer.refuse(call.node, call.name, "it needs WITHIN GROUP (ORDER BY …)")
        share = writer.expression(call.args[0])
        return f"{function}({share}) WITHIN GROUP ({call.order.strip()}){call.over}"

    shown = f"{function}({{0}}) WITHIN GROUP (ORDER BY …)"
    return written(function.upper(), write, shown, kind=Kind.AGGREGATE)


_PLAIN = "MIN MAX AVG CORR COVAR_POP COVAR_SAMP REGR_AVGX REGR_AVGY REGR_COUNT REGR_INTERCEPT REGR_R2 REGR_SLOPE"
_MORE = "REGR_SXX REGR_SXY REGR_SYY STDDEV_SAMP STDDEV_POP VAR_SAMP VAR_POP"


def _plain(name: str, function: str = "", note: str = "") -> Entry:
    function = function or name.lower()
    two = name.startswith(("CORR", "COVAR", "REGR"))
    return aggregate(
        name,
        f"{function}({{0}}, {{1}}){{over}}" if two else f"{function}({{distinct}}{{0}}){{over}}",
        note="more digits than Snowflake keeps" if name == "AVG" else note,
    )


_EDGE = "(array_agg({{0}} ORDER BY {{1}}{0}, {{0}}) FILTER (WHERE {{1}} IS NOT NULL){{over}})[1]"
_TIES = "of several the smallest value, where Snowflake takes any"

AGGREGATES: tuple[Entry, ...] = (
    written("COUNT", _count, "count({0})", "with several arguments rows in which none is NULL", Kind.AGGREGATE),
    aggregate("COUNT_IF", "count(*) FILTER (WHERE {0}){over}"),
    _plain("SUM"),
    *(_plain(n) for n in f"{_PLAIN} {_MORE}".split()),
    _plain("STDDEV", "stddev_samp"),
    *aliases(_plain("VARIANCE", "var_samp"), "VARIANCE_SAMP"),
    _plain("VARIANCE_POP", "var_pop"),
    aggregate("MEDIAN", "percentile_cont(0.5) WITHIN GROUP (ORDER BY {0}){over}"),
    _within("percentile_cont"),
    _within("percentile_disc"),
    aggregate("MODE", "mode() WITHIN GROUP (ORDER BY {0}){over}", note=_TIES),
    written("LISTAGG", _listagg, "coalesce(string_agg({0}, {1} ORDER BY …), '')",
            "empty text, not NULL; without an order that of the values",
            Kind.AGGREGATE),
    written("ARRAY_AGG", _array_agg, "coalesce(jsonb_agg({0} ORDER BY …) FILTER (WHERE {0} IS NOT NULL), '[]')",
            "NULL left out; without an order that of the values", Kind.AGGREGATE),
    aggregate("OBJECT_AGG",
           "coalesce(jsonb_object_agg({0}, {sf}.to_variant({1})) FILTER (WHERE num_nulls({0}, {1}) = 0){over}, "
              "'{{}}'::jsonb)"),
    aggregate("MIN_BY", _EDGE.format(""), note=_TIES),
    aggregate("MAX_BY", _EDGE.format(" DESC"), note=_TIES),
    aggregate("ANY_VALUE", "(array_agg({0} ORDER BY {0}){over})[1]", note=_TIES),
    aggregate("BOOLAND_AGG", "bool_and({sf}.to_boolean({0})){over}"),
    aggregate("BOOLOR_AGG", "bool_or({sf}.to_boolean({0})){over}"),
    aggregate("BOOLXOR_AGG", "CASE WHEN count({0}){over} > 0 THEN count(*) FILTER (WHERE {sf}.to_boolean({0})){over} "
              "= 1 END", note="true if exactly one is"),
    aggregate("BITAND_AGG", "bit_and(CAST({0} AS bigint)){over}"),
    aggregate("BITOR_AGG", "bit_or(CAST({0} AS bigint)){over}"),
    aggregate("BITXOR_AGG", "bit_xor(CAST({0} AS bigint)){over}"),
    aggregate("GROUPING", "grouping({all})"),
    aggregate("GROUPING_ID", "grouping({all})"),
    refused("APPROX_COUNT_DISTINCT", "it is an estimate", "Use COUNT(DISTINCT …)."),
    refused("HLL", "it is an estimate", "Use COUNT(DISTINCT …)."),
    refused("APPROX_PERCENTILE", "it is an estimate", "Use PERCENTILE_CONT."),
    refused("APPROX_TOP_K", "it is an estimate", "Use GROUP BY, ORDER BY and LIMIT."),
    refused("KURTOSIS", "PostgreSQL has no such aggregate"),
    refused("SKEW", "PostgreSQL has no such aggregate"),
    refused("HASH_AGG", "Snowflake's hash is not published"),
)  # fmt: skip

_WHOLE = "without a frame it sees the whole partition, as in Snowflake"

WINDOWS: tuple[Entry, ...] = (
    *(window(n, f"{n.lower()}(){{over}}") for n in ("ROW_NUMBER", "RANK", "DENSE_RANK", "PERCENT_RANK", "CUME_DIST")),
    window("NTILE", "ntile(CAST({0} AS integer)){over}"),
    window(
        "LAG", "lag({0}){over}", "lag({0}, CAST({1} AS integer)){over}", "lag({0}, CAST({1} AS integer), {2}){over}"
    ),
    window(
        "LEAD", "lead({0}){over}", "lead({0}, CAST({1} AS integer)){over}", "lead({0}, CAST({1} AS integer), {2}){over}"
    ),
    window("FIRST_VALUE", "first_value({0}){over}", note=_WHOLE),
    window("LAST_VALUE", "last_value({0}){over}", note=_WHOLE),
    window("NTH_VALUE", "nth_value({0}, CAST({1} AS integer)){over}", note=_WHOLE),
    written("RATIO_TO_REPORT", _ratio, "{sf}.divide({0}, nullif(sum({0}) OVER …, 0))", kind=Kind.WINDOW),
    refused("CONDITIONAL_CHANGE_EVENT", "PostgreSQL has no such function", "Use LAG and a running COUNT_IF."),
    refused("CONDITIONAL_TRUE_EVENT", "PostgreSQL has no such function", "Use a running COUNT_IF."),
)
