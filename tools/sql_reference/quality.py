"""The statements on quality rules; Snowflake has data metric functions in their place."""

from __future__ import annotations

from tools.sql_reference.row import Statement, works

_RULES = "tests/quality/test_rules.py::"
_KINDS = "tests/quality/test_kinds.py"
_R = "CREATE QUALITY RULE r ON s CHECK range(v, 0, 5)"
_ROW = "FROM dyntables.quality_rules WHERE schema_name = '{schema}' AND rule_name = 'r'"
_STATEMENTS = _RULES + "test_statements_on_rules"

RULES = Statement(
    "QUALITY RULE",
    """CREATE QUALITY RULE price_in_range ON orders CHECK range(price, 0, 100000) SEVERITY critical;
ALTER QUALITY RULE price_in_range ON orders SET TOLERANCE 1 PERCENT;""",
    (
        works("CREATE QUALITY RULE name ON table CHECK kind(arguments)",
              "on a dynamic table, a table or a view; the kinds: [quality.md](quality.md#kinds)",
              _R, f"SELECT definition = 'range(v, 0, 5)' {_ROW}", _KINDS),
        works("OR REPLACE", "the next version of the rule",
              f"{_R}; CREATE OR REPLACE QUALITY RULE r ON s CHECK not_null(v)",
              f"SELECT version = 2 {_ROW}", _STATEMENTS),
        works("WHERE (predicate)", "which rows the rule is about", f"{_R} WHERE (k = 'k1')",
              f"SELECT filter LIKE '%k1%' {_ROW}", _RULES + "test_rules_of_a_plain_table"),
        works("SEVERITY {info | warning | error | critical}", "how much it weighs in the score",
              f"{_R} SEVERITY critical",
              f"SELECT severity = 'CRITICAL' {_ROW}", "tests/quality/test_score.py"),
        works("TOLERANCE n {ROWS | PERCENT}", "how much may fail", f"{_R} TOLERANCE 1 PERCENT",
              f"SELECT (tolerance, tolerance_unit) = (1, 'PERCENT') {_ROW}", _STATEMENTS),
        works("ON VIOLATION {MONITOR | WARN | QUARANTINE | BLOCK}", "the last two on dynamic tables",
              "CREATE QUALITY RULE r ON t CHECK range(n, 0, 5) ON VIOLATION BLOCK",
              f"SELECT on_violation = 'BLOCK' {_ROW}", "tests/quality/test_blocking.py"),
        works("DIMENSION d, COMMENT = 's'", "", f"{_R} DIMENSION consistency COMMENT = 'c'",
              f"SELECT (dimension, comment) = ('consistency', 'c') {_ROW}"),
        works("ALTER QUALITY RULE name ON table {SUSPEND | RESUME}", "it is not checked, or again",
              f"{_R}; ALTER QUALITY RULE r ON s SUSPEND", f"SELECT NOT enabled {_ROW}", _STATEMENTS),
        works("ALTER QUALITY RULE name ON table SET …", "other terms, as in CREATE",
              f"{_R}; ALTER QUALITY RULE r ON s SET SEVERITY info", f"SELECT severity = 'INFO' {_ROW}", _STATEMENTS),
        works("DROP QUALITY RULE [IF EXISTS] name ON table", "with what was found by it",
              f"{_R}; DROP QUALITY RULE r ON s", f"SELECT count(*) = 0 {_ROW}", _STATEMENTS),
    ),
    existing=True,
    words="dyntables' own: [quality.md](quality.md).",
)  # fmt: skip

CHECKING = Statement(
    "CHECK QUALITY, SHOW, EXPLAIN and SUGGEST QUALITY RULES",
    """CHECK QUALITY OF orders;
EXPLAIN CREATE QUALITY RULE cheap ON orders CHECK range(price, 0, 10);""",
    (
        works("CHECK QUALITY OF table", "a row for each rule: state, checked, failed, score",
              f"{_R}; CHECK QUALITY OF s",
              "rows = 1", _RULES + "test_rules_of_a_plain_table"),
        works("SHOW QUALITY RULES [ON table]", "those that the role may see",
              f"{_R}; SHOW QUALITY RULES ON s", "rows = 1",
              _STATEMENTS),
        works("EXPLAIN CREATE QUALITY RULE …", "what it would find on the present rows; nothing is stored",
              f"EXPLAIN {_R}", f"SELECT count(*) = 0 {_ROW}", "tests/server/test_quality.py"),
        works("EXPLAIN (ANALYZE FALSE) CREATE QUALITY RULE …", "what it means, with no look at the rows",
              f"EXPLAIN (ANALYZE FALSE) {_R}", "rows = 1"),
        works("SUGGEST QUALITY RULES FOR table", "rules that hold of what is there, each with what was seen",
              "INSERT INTO s SELECT i, 'k', i FROM generate_series(10, 40) i; SUGGEST QUALITY RULES FOR s", "rows = 10",
              "tests/server/test_quality.py::test_rules_suggest_themselves"),
    ),
    existing=True,
    words="dyntables' own: [quality.md](quality.md).",
)  # fmt: skip
