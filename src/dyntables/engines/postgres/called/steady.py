"""Which STABLE functions give the same for the same arguments as long as a definition's settings are the same.

STABLE promises no more than that within one statement. What the server's own functions of that kind depend on is known:
the settings that a definition keeps (``DateStyle``, ``TimeZone``, ``lc_monetary`` …), or else the clock, the session or
the catalog. Those of others may depend on anything.
"""

from __future__ import annotations

import re

_OURS = "dyntables_snowflake"
_TIME, _TIMETZ = 1083, 1266
_COMPARED = re.compile(r"(date|timestamp)_\w\w\w?_timestamptz|timestamptz_\w\w\w?_(date|timestamp|interval)")
_STEADY = {
    # The present time, which is that of the refresh, has a place of its own in a plan.
    "now", "transaction_timestamp",
    # DateStyle, IntervalStyle, TimeZone, lc_time
    "date_in", "date_out", "time_in", "timestamp_in", "timestamp_out", "timestamptz_in", "timestamptz_out",
    "interval_in", "interval_out", "date", "time", "timestamp", "timestamptz", "timetz", "timezone", "date_add",
    "date_subtract", "date_part", "extract", "date_trunc", "generate_series", "in_range",
    "interval_pl_timestamptz", "make_timestamptz", "overlaps", "to_char", "to_date", "to_timestamp",
    # lc_monetary, lc_numeric
    "cash_in", "cash_out", "money", "numeric", "to_number",
    # What holds or prints values of other types; of a type that prints what is in the catalog, that function counts.
    "array_in", "array_out", "record_in", "record_out", "range_in", "range_out", "multirange_in",
    "multirange_out", "domain_in", "enum_in", "enum_out", "anyarray_out", "anyenum_out", "anyrange_out",
    "anymultirange_out", "anytextcat", "textanycat", "concat", "concat_ws", "format", "array_to_string",
    "quote_literal", "quote_nullable", "to_json", "to_jsonb", "array_to_json", "row_to_json",
    "json_build_array", "json_build_object", "jsonb_build_array", "jsonb_build_object", "json_agg",
    "json_agg_strict", "json_object_agg", "json_object_agg_strict", "json_object_agg_unique",
    "json_object_agg_unique_strict", "jsonb_agg", "jsonb_agg_strict", "jsonb_object_agg",
    "jsonb_object_agg_strict", "jsonb_object_agg_unique", "jsonb_object_agg_unique_strict",
    "json_populate_record", "json_populate_recordset", "json_to_record", "json_to_recordset",
    "jsonb_populate_record", "jsonb_populate_record_valid", "jsonb_populate_recordset", "jsonb_to_record",
    "jsonb_to_recordset", "jsonb_path_exists_tz", "jsonb_path_match_tz", "jsonb_path_query_array_tz",
    "jsonb_path_query_first_tz", "jsonb_path_query_tz", "pg_typeof",
    # default_text_search_config; the configuration itself is watched.
    "to_tsvector", "to_tsquery", "plainto_tsquery", "phraseto_tsquery", "websearch_to_tsquery",
    "json_to_tsvector", "jsonb_to_tsvector", "ts_headline", "ts_match_tq", "ts_match_tt",
    "get_current_ts_config",
    # xmloption, the encoding of the database
    "xml", "xml_in", "xml_is_well_formed", "convert", "convert_from", "convert_to", "length",
    "getdatabaseencoding",
}  # fmt: skip


def is_steady(schema: str, name: str, volatility: str, arguments: tuple[int, ...], *, trusted: bool) -> bool:
    """Tell whether a function gives the same for the same arguments and settings.

    Args:
        schema: of the function.
        name: of the function.
        volatility: as it is declared.
        arguments: the OIDs of the types of its arguments.
        trusted: its owner answers for functions that are declared STABLE.
    """
    if volatility != "s":
        return volatility == "i"
    if schema != "pg_catalog":
        return trusted or schema == _OURS
    # The offset of a zone is that of today.
    if (name == "timezone" and _TIMETZ in arguments) or (name == "timetz" and arguments == (_TIME,)):
        return False
    return name in _STEADY or _COMPARED.fullmatch(name) is not None
