"""Write docs/snowflake-dialect.md from the table of functions: ``make docs``."""

from __future__ import annotations

import sys
from pathlib import Path

from dyntables.compiler.dialects.snowflake.functions import SECTIONS
from dyntables.compiler.dialects.snowflake.functions.entry import Entry

PAGE = Path(__file__).parent.parent / "docs" / "snowflake-dialect.md"

_HEAD = """# Snowflake's dialect

Generated from the table in the code by `make docs`; do not edit.

`CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' DIALECT = SNOWFLAKE AS SELECT …` reads the query as Snowflake would
and keeps it up to date on PostgreSQL. `dyntables sql --dialect snowflake` and
`dyntables.connect(…, dialect="snowflake")` do so for every definition that names no dialect. The catalog keeps what was
written; `canonical` is what the server made of it. Statements other than definitions are PostgreSQL's.

What has no counterpart of the same meaning is refused by name, with its place. A query that has a result in Snowflake
has the same result here, or is an error; one that fails in Snowflake may have a result here.

## The query

| construct | becomes |
|---|---|
| QUALIFY | a filter around the SELECT, with the same columns |
| lateral column alias | the expression, unless FROM has a column of that name |
| GROUP BY ALL · ORDER BY ALL | positions |
| MINUS · TOP n | EXCEPT · LIMIT n |
| `* EXCLUDE`, `RENAME`, `REPLACE`, `ILIKE` | the columns, at the time of CREATE |
| LATERAL FLATTEN, TABLE(FLATTEN(…)) | `dyntables_snowflake.flatten`: KEY, INDEX, VALUE, THIS; OUTER is a left join |
| `col:path[0]."Key"`, `col['key']` | `->` over jsonb; compared only after a cast |
| `a / b` | rounded to six digits more than the dividend has, at most twelve |
| `a \\|\\| b` | text as Snowflake writes numbers, dates and booleans |
| `x::type`, CAST | the conversion function of the type; INTEGER is bigint, VARCHAR(n) is text |
| LIKE ANY, LIKE ALL | OR, AND; there is no escape character unless one is given |
| RLIKE, REGEXP | a test of the whole text |
| names | `abc`, `ABC` and `"ABC"` are our `abc`; `"Abc"` is itself |
| NULL in ORDER BY | the largest value, in both |

Refused: PIVOT, UNPIVOT, SAMPLE, CONNECT BY, MATCH_RECOGNIZE, ASOF JOIN, UNION BY NAME, time travel (AT, BEFORE,
CHANGES), stages and `$1`, sequences, IGNORE NULLS, subqueries in QUALIFY, FLATTEN with RECURSIVE and its columns SEQ
and PATH, ordered aggregates with OVER, TIMESTAMP_TZ, BINARY, GEOGRAPHY, VECTOR, MAP and structured types,
a FLOAT made text.

## Differences that remain

- The order of text follows the database's collation; Snowflake's is that of code points.
- AVG, STDDEV and VARIANCE of exact numbers keep more digits than Snowflake does.
- PERCENTILE_CONT and MEDIAN give double precision.
- Times have microseconds; nanoseconds are refused where they are written.
- A literal such as `1e5` is exact here and a FLOAT there.
- Weeks, years of weeks and formats are those of Snowflake's default parameters (WEEK_START, WEEK_OF_YEAR_POLICY,
  TIMESTAMP_OUTPUT_FORMAT and so on).
- A jsonb column that is compared with text without a cast is compared as jsonb.

## Functions

`{sf}` is the schema `dyntables_snowflake`, `{0}` the first argument, `{over}` an OVER clause.
"""


def dialect_page() -> str:
    """Return the page."""
    parts = [_HEAD]
    for section, entries in SECTIONS.items():
        kept = [e for e in entries if not e.refused]
        refused = [e for e in entries if e.refused]
        parts.append(f"\n### {section}\n")
        if kept:
            parts.append("\n| function | becomes | note |\n|---|---|---|\n")
            parts += [f"| {e.name} | {_shown(e)} | {_cell(e.note)} |\n".replace("|  |", "| |") for e in kept]
        if refused:
            parts.append("\n| refused | because | instead |\n|---|---|---|\n")
            parts += [
                f"| {e.name} | {_cell(e.refused)} | {_cell(e.hint or '')} |\n".replace("|  |", "| |") for e in refused
            ]
    return "".join(parts)


def _shown(entry: Entry) -> str:
    texts = [entry.shown] if entry.shown else [t.replace("{{}}", "{}") for t in entry.templates]
    return " or ".join(f"`{_cell(text)}`" for text in texts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> int:
    """Write the page."""
    PAGE.write_text(dialect_page())
    print(f"wrote {PAGE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
