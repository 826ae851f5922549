"""Functions that are refused whatever their arguments."""

from __future__ import annotations

from dyntables.compiler.dialects.snowflake.functions.entry import Entry, refused

_RANDOM = "its result is different each time"
_SESSION = "it depends on who runs the query"
_HASH = "Snowflake's hash is not published"
_MISSING = "PostgreSQL has no such function"

REFUSED: tuple[Entry, ...] = (
    *(refused(n, _RANDOM) for n in ("RANDOM", "UNIFORM", "NORMAL", "ZIPF", "RANDSTR", "UUID_STRING")),
    *(refused(n, "it numbers rows in no order", "Use ROW_NUMBER() OVER (ORDER BY …).")
      for n in ("SEQ1", "SEQ2", "SEQ4", "SEQ8")),
    *(refused(n, _SESSION) for n in (
        "CURRENT_USER", "CURRENT_ROLE", "CURRENT_ACCOUNT", "CURRENT_WAREHOUSE", "CURRENT_REGION", "CURRENT_SESSION",
        "CURRENT_DATABASE", "CURRENT_SCHEMA", "CURRENT_SCHEMAS", "IS_ROLE_IN_SESSION",
    )),
    *(refused(n, _HASH, "Use MD5 or SHA2.") for n in ("HASH", "MD5_NUMBER_LOWER64", "MD5_NUMBER_UPPER64")),
    *(refused(n, _MISSING) for n in (
        "SOUNDEX", "EDITDISTANCE", "JAROWINKLER_SIMILARITY", "PARSE_URL", "PARSE_IP", "STRTOK", "STRTOK_TO_ARRAY",
        "INSERT", "COLLATE", "COLLATION", "HAVERSINE", "XMLGET", "PARSE_XML", "CHECK_JSON", "COMPRESS",
    )),
    refused("GENERATOR", "its rows have no source", "Use a recursive query, or a table of numbers."),
    refused("SPLIT_TO_TABLE", "only FLATTEN makes rows", "Use LATERAL FLATTEN(input => SPLIT(…))."),
    refused("IDENTIFIER", "names must be written", "Write the name of the table."),
)  # fmt: skip
