"""DROP, SHOW, DESCRIBE, EXPLAIN, and the views in place of table functions."""

from __future__ import annotations

from tools.sql_reference.row import Statement, refused, works

_EXPLAIN = "tests/commands/test_explain.py::"

DROP = Statement(
    "DROP and UNDROP",
    "DROP DYNAMIC TABLE IF EXISTS totals;",
    (
        works("DROP DYNAMIC TABLE [IF EXISTS] name", "refused while dynamic tables read it",
              "DROP DYNAMIC TABLE t", "SELECT count(*) = 0 FROM me",
              "tests/commands/test_commands.py::test_create_show_describe_drop_leave_nothing"),
        works("DROP … CASCADE", "dyntables' own: and what reads it",
              "CREATE DYNAMIC TABLE u TARGET_LAG = '1 hour' AS SELECT k FROM t; DROP DYNAMIC TABLE t CASCADE",
              "SELECT to_regclass('u') IS NULL"),
        works("UNDROP DYNAMIC TABLE name", "within DATA_RETENTION_TIME_IN_DAYS; its next refresh computes it anew",
              "DROP DYNAMIC TABLE t; UNDROP DYNAMIC TABLE t", "SELECT reinitialize_reason = 'UNDROPPED' FROM me",
              "tests/evolve/test_undrop.py"),
    ),
    existing=True,
)  # fmt: skip

SHOW = Statement(
    "SHOW, DESCRIBE and GET_DDL",
    "SHOW DYNAMIC TABLES LIKE 'sales%' IN SCHEMA public LIMIT 10;",
    (
        works("SHOW DYNAMIC TABLES", "the columns are those of the view dyntables.dynamic_tables",
              "SHOW DYNAMIC TABLES",
              "SELECT true", "tests/commands/test_commands.py::test_create_show_describe_drop_leave_nothing"),
        works("LIKE 'p'", "without regard to case", "SHOW DYNAMIC TABLES LIKE 'T%' IN {schema}", "rows = 1"),
        works("IN {ACCOUNT | DATABASE [d] | SCHEMA s | s}", "all databases are this one",
              "SHOW DYNAMIC TABLES IN SCHEMA {schema}", "rows = 1"),
        works("STARTS WITH 's'", "", "SHOW DYNAMIC TABLES IN {schema} STARTS WITH 'x'", "rows = 0"),
        works("HISTORY", "also those that UNDROP can bring back", "SHOW DYNAMIC TABLES HISTORY IN {schema}", "rows = 1",
              "tests/evolve/test_undrop.py"),
        works("LIMIT n [FROM 's']", "names after s", "SHOW DYNAMIC TABLES IN {schema} LIMIT 5 FROM 't'", "rows = 0"),
        works("SHOW CREATE DYNAMIC TABLE name", "dyntables' own: the statement that makes it",
              "SHOW CREATE DYNAMIC TABLE t", "rows = 1", "tests/evolve/test_show_create.py"),
        works("DESCRIBE, DESC DYNAMIC TABLE name", "name, type and comment of each column",
              "DESC DYNAMIC TABLE t", "rows = 3"),
        refused("GET_DDL('DYNAMIC_TABLE', 'name')", "SHOW CREATE DYNAMIC TABLE gives it",
                "SELECT GET_DDL('DYNAMIC_TABLE', 't')", "DT101", "get_ddl"),
        refused("SHOW UNIQUE KEYS IN name", "EXPLAIN says what identifies the rows of each stage",
                "SHOW UNIQUE KEYS IN t", "DT100", "SHOW UNIQUE KEYS is not supported"),
        works("SHOW COLUMN LINEAGE OF name", "dyntables' own: where each column comes from", "SHOW COLUMN LINEAGE OF t",
              "SELECT true", _EXPLAIN + "test_lineage_sees_through_views_queries_and_unions"),
    ),
    existing=True,
)  # fmt: skip

_FUNCTION = "a view has the same rows, and takes any condition: "

VIEWS = Statement(
    "In place of the table functions of INFORMATION_SCHEMA",
    "SELECT * FROM dyntables.refresh_history WHERE name = 'totals' ORDER BY refresh_start_time DESC LIMIT 10;",
    (
        works("view dyntables.dynamic_tables", "state, lag, mode and its reason, last refresh",
              "SELECT * FROM dyntables.dynamic_tables", "SELECT count(*) = 1 FROM dyntables.dynamic_tables "
              "WHERE schema_name = '{schema}' AND scheduling_state = 'RUNNING' AND target_lag_sec = 3600"),
        works("view dyntables.refresh_history", "action, reason, rows, duration and error of each refresh",
              "SELECT * FROM dyntables.refresh_history", "SELECT count(*) = 1 FROM dyntables.refresh_history WHERE "
              "schema_name = '{schema}' AND refresh_trigger = 'CREATION' AND refresh_action = 'REINITIALIZE'"),
        works("view dyntables.graph", "inputs of each table", "SELECT * FROM dyntables.graph",
              "SELECT jsonb_array_length(inputs) = 1 FROM dyntables.graph WHERE schema_name = '{schema}'"),
        works("view dyntables.frozen_regions", "predicate and number of the frozen rows",
              "ALTER DYNAMIC TABLE t SET FROZEN WHERE (k < 'k1'); ALTER DYNAMIC TABLE t REFRESH",
              "SELECT frozen_rows = 1 FROM dyntables.frozen_regions WHERE schema_name = '{schema}'"),
        works("view dyntables.lag, function dyntables.lag_over(interval)", "mean and greatest lag, time within target",
              "SELECT * FROM dyntables.lag", "SELECT true",
              "tests/scheduling/test_lateness.py::test_lag_is_a_sawtooth_over_the_history"),
        refused("DYNAMIC_TABLES(…)", _FUNCTION + "dyntables.dynamic_tables",
                "SELECT * FROM TABLE(INFORMATION_SCHEMA.DYNAMIC_TABLES(NAME => 't'))", "DT101", "syntax error"),
        refused("DYNAMIC_TABLE_REFRESH_HISTORY(…)", _FUNCTION + "dyntables.refresh_history",
                "SELECT * FROM TABLE(INFORMATION_SCHEMA.DYNAMIC_TABLE_REFRESH_HISTORY())", "DT101", "syntax error"),
        refused("DYNAMIC_TABLE_GRAPH_HISTORY(…)", "dyntables.graph has the present, dyntables.definition_version "
                "the past definitions", "SELECT * FROM TABLE(INFORMATION_SCHEMA.DYNAMIC_TABLE_GRAPH_HISTORY())",
                "DT101", "syntax error"),
    ),
    existing=True,
)  # fmt: skip

EXPLAIN = Statement(
    "EXPLAIN",
    """EXPLAIN CHANGES ALTER DYNAMIC TABLE totals REFRESH;
EXPLAIN (VERBOSE) CREATE DYNAMIC TABLE … AS SELECT …;""",
    (
        works("EXPLAIN CHANGES [USING {TABULAR | JSON | TEXT}] ALTER DYNAMIC TABLE name REFRESH",
              "the action of the next refresh, of what is read and of what reads it",
              "EXPLAIN CHANGES USING JSON ALTER DYNAMIC TABLE t REFRESH", "rows = 1",
              _EXPLAIN + "test_changes_are_predicted_downstream"),
        works("EXPLAIN CHANGES name", "dyntables' own: the same, shorter", "EXPLAIN CHANGES t", "rows = 1"),
        refused("EXPLAIN CHANGES ALTER … SET", "an option takes effect at once and computes nothing",
                "EXPLAIN CHANGES ALTER DYNAMIC TABLE t SET TARGET_LAG = '1 minute'", "DT100", "supports only REFRESH"),
        refused("EXPLAIN CHANGES CREATE", "EXPLAIN CREATE DYNAMIC TABLE says mode, reason and plan",
                "EXPLAIN CHANGES CREATE DYNAMIC TABLE u TARGET_LAG = '1 hour' AS SELECT k FROM s", "DT100",
                "EXPLAIN CREATE DYNAMIC TABLE"),
        works("EXPLAIN [(FORMAT, VERBOSE, ANALYZE)] DYNAMIC TABLE name, EXPLAIN CREATE DYNAMIC TABLE …",
              "dyntables' own: [explain.md](explain.md)", "EXPLAIN DYNAMIC TABLE t", "SELECT true",
              _EXPLAIN + "test_text_speaks_of_the_users_names"),
    ),
    existing=True,
)  # fmt: skip
