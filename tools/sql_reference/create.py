"""CREATE DYNAMIC TABLE."""

from __future__ import annotations

from tools.sql_reference.row import Statement, metadata, options, refused, works

_COMMANDS = "tests/commands/test_commands.py::"
_TRUST = "tests/refresh/test_stable_functions.py"
_FROZEN = "tests/refresh/test_frozen.py::"
_HEALTH = "tests/scheduling/test_health.py::"
QUERY = "SELECT k, v FROM s"

CREATE = Statement(
    "CREATE DYNAMIC TABLE",
    """CREATE DYNAMIC TABLE totals
    TARGET_LAG = '1 minute'
    REFRESH_MODE = INCREMENTAL
    COMMENT = 'sales by product'
AS SELECT product, count(*) AS sales, sum(price) AS total FROM sale GROUP BY product;""",
    (
        works("name, schema.name, database.schema.name", "the database is not looked at",
              "CREATE DYNAMIC TABLE anywhere.{schema}.t TARGET_LAG = '1 hour' AS SELECT k FROM s",
              "SELECT true FROM me"),
        works("OR REPLACE", "old contents stay readable until the new ones are there; a failure changes nothing",
              f"{options('')}; {options('', 'SELECT id FROM s', 'CREATE OR REPLACE DYNAMIC TABLE t')}",
              "SELECT version = 2 AND (SELECT count(id) = 9 FROM t) FROM me",
              _COMMANDS + "test_replace_changes_columns_and_a_failing_replace_changes_nothing"),
        works("IF NOT EXISTS", "a notice if it exists", f"{options('')}; "
              + options("", before="CREATE DYNAMIC TABLE IF NOT EXISTS t"), "SELECT version = 1 FROM me"),
        refused("OR REPLACE with IF NOT EXISTS", "they exclude each other",
                options("", before="CREATE OR REPLACE DYNAMIC TABLE IF NOT EXISTS t"), "DT100", "exclude each other"),
        metadata("TRANSIENT", "TRANSIENT", options("", before="CREATE TRANSIENT DYNAMIC TABLE t"),
                 "storage of dynamic tables is logged like any other"),
        refused("TEMPORARY", "Snowflake has no such form either",
                options("", before="CREATE TEMPORARY DYNAMIC TABLE t"), "DT100", "cannot be temporary"),
    ),
)  # fmt: skip

OPTIONS = Statement(
    "Options of CREATE DYNAMIC TABLE",
    """CREATE DYNAMIC TABLE recent
    TARGET_LAG = DOWNSTREAM  INITIALIZE = ON_SCHEDULE  WAREHOUSE = small
AS SELECT * FROM sale WHERE sold_at > now() - interval '7 days';""",
    (
        works("TARGET_LAG = '<n> seconds, minutes, hours, days'", "from one second to a year; a number and a unit",
              f"CREATE DYNAMIC TABLE t TARGET_LAG = '90 seconds' AS {QUERY}", "SELECT target_lag_seconds = 90 FROM me",
              "tests/scheduling/test_scheduler.py::test_a_table_starts_early_enough_for_what_it_takes"),
        works("TARGET_LAG = DOWNSTREAM", "refreshed when a table above it needs it",
              f"CREATE DYNAMIC TABLE t TARGET_LAG = DOWNSTREAM AS {QUERY}",
              "SELECT target_lag_seconds IS NULL AND scheduled FROM me"),
        refused("a lag below that of a table that is read", "it could not be kept",
                f"{options('')}; CREATE DYNAMIC TABLE u TARGET_LAG = '1 minute' AS SELECT k FROM t", "DT102",
                "cannot have a target lag"),
        works("SCHEDULER = DISABLE", "refreshed only by ALTER … REFRESH that names it; a boundary for tables above it",
              f"CREATE DYNAMIC TABLE t SCHEDULER = DISABLE AS {QUERY}", "SELECT NOT scheduled FROM me",
              _HEALTH + "test_disabled_tables_are_refreshed_by_name_only"),
        works("SCHEDULER = ENABLE", "with a TARGET_LAG or a SCHEDULE", options("SCHEDULER = ENABLE"),
              "SELECT scheduled FROM me"),
        refused("SCHEDULER = DISABLE with TARGET_LAG", "they exclude each other", options("SCHEDULER = DISABLE"),
                "DT102", "exclude each other"),
        refused("neither TARGET_LAG nor SCHEDULER = DISABLE", "nobody would know when to refresh it",
                f"CREATE DYNAMIC TABLE t AS {QUERY}", "DT102", "TARGET_LAG is missing"),
        metadata("WAREHOUSE = w", "WAREHOUSE", options("WAREHOUSE = w"), "optional; the server has no warehouses"),
        metadata("INITIALIZATION_WAREHOUSE = w", "INITIALIZATION_WAREHOUSE", options("INITIALIZATION_WAREHOUSE = w")),
        works("REFRESH_MODE = AUTO", "incremental or full at each refresh, whichever is cheaper; full with a notice "
              "and a reason if the query cannot be maintained", options("REFRESH_MODE = AUTO"),
              "SELECT effective_mode = 'INCREMENTAL' FROM me", "tests/refresh/test_adaptive.py::"
              "test_a_bulk_update_is_full_and_the_next_small_change_incremental"),
        works("REFRESH_MODE = FULL", "", options("REFRESH_MODE = FULL"), "SELECT effective_mode = 'FULL' FROM me",
              "tests/refresh/test_full.py::test_only_what_differs_is_applied"),
        works("REFRESH_MODE = INCREMENTAL", "an error if the query cannot be maintained; never full by cost",
              options("REFRESH_MODE = INCREMENTAL"), "SELECT effective_mode = 'INCREMENTAL' FROM me",
              "tests/refresh/test_adaptive.py::test_incremental_never_falls_to_full_by_cost"),
        works("REFRESH_MODE = ADAPTIVE", "as AUTO", options("REFRESH_MODE = ADAPTIVE"),
              "SELECT refresh_mode = 'ADAPTIVE' FROM me", "tests/refresh/test_adaptive.py::"
              "test_a_bulk_update_is_full_and_the_next_small_change_incremental"),
        refused("REFRESH_MODE = CUSTOM_INCREMENTAL", "contents that a statement of the user maintains cannot be "
                "compared with a definition", options("REFRESH_MODE = CUSTOM_INCREMENTAL"), "DT102",
                "CUSTOM_INCREMENTAL is not supported"),
        works("INITIALIZE = ON_CREATE", "filled by the statement; if that fails, nothing is left",
              options("INITIALIZE = ON_CREATE"), "SELECT count(*) = 9 FROM t",
              _COMMANDS + "test_a_create_that_fails_leaves_nothing"),
        works("INITIALIZE = ON_SCHEDULE", "reading it is an error until its first refresh",
              options("INITIALIZE = ON_SCHEDULE"), "SELECT data_timestamp IS NULL FROM me",
              _COMMANDS + "test_initialize_on_schedule_is_not_readable_before_its_first_refresh"),
        works("CLUSTER BY (expr, …)", "an index over the expressions, if the table is refreshed in full; those that "
              "are refreshed incrementally have the indexes that they need",
              options("CLUSTER BY (k) REFRESH_MODE = FULL"),
              "SELECT options -> 'cluster_by' = '[\"k\"]' AND EXISTS (SELECT FROM pg_indexes WHERE tablename = "
              "'t' || id || '_g1' AND indexdef ~ '\\(k\\)') FROM me"),
        works("DATA_RETENTION_TIME_IN_DAYS = n", "0 to 90, else 1: for how long UNDROP finds it; there is no "
              "time travel", options("DATA_RETENTION_TIME_IN_DAYS = 7"),
              "SELECT options -> 'retention_days' = '7' FROM me",
              "tests/evolve/test_undrop.py"),
        works("TRUST_STABLE_FUNCTIONS = { TRUE | FALSE }", "dyntables' own: STABLE functions of the user count as "
              "IMMUTABLE", options("TRUST_STABLE_FUNCTIONS = TRUE"),
              "SELECT options -> 'trust_stable_functions' = 'true' FROM me", _TRUST),
        works("DATESTYLE = 's', TIMEZONE = 's', INTERVALSTYLE = 's', …", "dyntables' own: a setting of the definition, "
              "else that of the session (docs/refreshes.md)", options("DATESTYLE = 'SQL, DMY'"),
              "SELECT settings ->> 'DateStyle' = 'SQL, DMY' FROM me", "tests/refresh/test_settings.py"),
        metadata("MAX_DATA_EXTENSION_TIME_IN_DAYS = n", "MAX_DATA_EXTENSION_TIME_IN_DAYS",
                 options("MAX_DATA_EXTENSION_TIME_IN_DAYS = 14")),
        works("COMMENT = 's'", "", options("COMMENT = 'mine'"), "SELECT comment = 'mine' FROM me"),
        metadata("COPY GRANTS", "COPY GRANTS", options("COPY GRANTS"), "OR REPLACE keeps the rights anyway"),
        metadata("COPY TAGS", "COPY TAGS", options("COPY TAGS")),
        metadata("ROW ACCESS POLICY p ON (c)", "ROW ACCESS POLICY", options("WITH ROW ACCESS POLICY p ON (k)"),
                 "it protects nothing: use views over the table, and rights"),
        metadata("AGGREGATION POLICY p", "AGGREGATION POLICY",
                 options("WITH AGGREGATION POLICY p ENTITY KEY (k)"), "it protects nothing"),
        metadata("TAG (t = 'v')", "TAG", options("WITH TAG (cost = 'low')")),
        metadata("REQUIRE USER", "REQUIRE USER", options("REQUIRE USER"), "a refresh has the rights of the owner"),
        metadata("STORAGE LIFECYCLE POLICY p ON (c)", "STORAGE LIFECYCLE POLICY",
                 options("STORAGE LIFECYCLE POLICY p ON (k)"), "nothing is archived or deleted"),
        metadata("EXECUTE AS USER u [USE SECONDARY ROLES …]", "EXECUTE AS USER",
                 options("EXECUTE AS USER u USE SECONDARY ROLES ALL"), "a refresh has the rights of the owner"),
        metadata("ROW_TIMESTAMP = TRUE", "ROW_TIMESTAMP", options("ROW_TIMESTAMP = TRUE"),
                 "there is no METADATA$ROW_LAST_COMMIT_TIME"),
        metadata("WITH DATA METRIC FUNCTION (…)", "DATA METRIC FUNCTION",
                 options("WITH DATA METRIC FUNCTION (f ON (k) EXPECTATION e (VALUE = 0))")),
        metadata("WITH CONTACT (purpose = contact)", "CONTACT", options("WITH CONTACT (support = team)")),
        works("SCHEDULE = 'cron [time zone]'", "dyntables' own: instants beside or instead of a lag",
              f"CREATE DYNAMIC TABLE t SCHEDULE = '0 6 * * *' AS {QUERY}",
              "SELECT options ->> 'schedule' = '0 6 * * *' FROM me",
              "tests/scheduling/test_deadline.py::test_beside_a_lag_whichever_comes_first_counts"),
        works("SUSPEND_AFTER_FAILURES = n", "dyntables' own; 5 if it is not given, 0 is never",
              options("SUSPEND_AFTER_FAILURES = 2"), "SELECT options ->> 'suspend_after' = '2' FROM me",
              _HEALTH + "test_after_its_failures_a_table_is_suspended_with_its_readers_and_a_success_resumes_them"),
        works("WORK_MEM, MAX_PARALLEL_WORKERS, STATEMENT_TIMEOUT, LOCK_TIMEOUT, MAX_ACTIVE_SESSIONS", "dyntables' own: "
              "what a refresh may take of the server", options("WORK_MEM = '128MB'"),
              "SELECT options #>> '{limits,WORK_MEM}' = '131072kB' FROM me",
              "tests/refresh/test_control.py::test_memory_and_workers_are_those_of_the_table"),
        works("DIALECT = SNOWFLAKE", "dyntables' own: the query is in Snowflake's SQL",
              options("DIALECT = SNOWFLAKE", "SELECT k, IFF(v > 3, 1, 0) AS big FROM s"),
              "SELECT options ->> 'dialect' = 'SNOWFLAKE' FROM me",
              "tests/commands/test_snowflake_dialect.py::test_a_definition_is_incremental_and_stays_equal"),
        refused("an option twice, or an unknown one", "with the place, and the nearest name",
                options("TARGET_LOG = 1"), "DT100", "Did you mean TARGET_LAG?"),
    ),
)  # fmt: skip

REGION = Statement(
    "Frozen region and backfill",
    """CREATE DYNAMIC TABLE sales_by_day
    TARGET_LAG = '5 minutes'
    FROZEN WHERE (day < current_date - 30)
AS SELECT day, count(*) AS sales, sum(price) AS total FROM sale GROUP BY day;""",
    (
        works("FROZEN WHERE (predicate)", "rows of the region stay as they were: [frozen.md](frozen.md)",
              f"{options('FROZEN WHERE (v < 5)')}; UPDATE s SET k = 'new'; ALTER DYNAMIC TABLE t REFRESH",
              "SELECT count(*) = 5 FROM t WHERE k = 'new'",
              _FROZEN + "test_incremental_refreshes_leave_the_region_alone"),
        works("FROZEN WHERE with the current time", "the boundary moves, and rows that it passes stay as they were",
              options("FROZEN WHERE (day < current_date - 30)", "SELECT day, v FROM s"),
              "SELECT (options #>> '{frozen,boundaries,0}') ~ 'CURRENT_DATE' FROM me",
              _FROZEN + "test_rows_that_the_boundary_passes_stay_as_they_were"),
        works("IMMUTABLE WHERE (predicate)", "the old spelling", options("IMMUTABLE WHERE (v < 5)"),
              "SELECT frozen ->> 'rows' = '4' FROM me"),
        refused("a column that an aggregate or a window function makes", "a group or partition would be frozen in part",
                options("FROZEN WHERE (n > 1)", "SELECT k, count(*) AS n FROM s GROUP BY k"), "DT102",
                "an aggregate function makes it"),
        refused("subqueries", "", options("FROZEN WHERE (v IN (SELECT v FROM s))"), "DT102", "a subquery"),
        refused("volatile functions, those of the user and of the session", "",
                options("FROZEN WHERE (random() < v)"), "DT102", "volatile"),
        refused("a region that shrinks as time passes", "a row would be there twice",
                options("FROZEN WHERE (day > now())", "SELECT day FROM s"), "DT102", "could become smaller"),
        refused("a query that cannot be maintained", "it is not known where its columns come from",
                options("FROZEN WHERE (v < 5)", "SELECT v, random() AS r FROM s"), "DT110", "maintained incrementally"),
        works("FROZEN WHERE … BACKFILL FROM table", "the frozen rows come from the table; also from the one replaced",
              "CREATE TABLE old AS SELECT 'old' AS k, v FROM s; "
              + options("FROZEN WHERE (v < 5) BACKFILL FROM old"), "SELECT count(*) = 4 FROM t WHERE k = 'old'",
              _FROZEN + "test_backfill_gives_the_frozen_rows"),
        refused("BACKFILL FROM without FROZEN WHERE", "nobody could know whether such rows equal the definition",
                options("BACKFILL FROM s"), "DT102", "BACKFILL FROM needs FROZEN WHERE"),
        refused("BACKFILL FROM … AT, BEFORE", "there is no time travel",
                options("FROZEN WHERE (v < 5) BACKFILL FROM s AT (OFFSET => -60)"), "DT100", "time travel"),
        refused("START AT (…)", "it says where REFRESH USING begins",
                options("START AT (OFFSET => -60)"), "DT100",
                "START AT"),
    ),
)  # fmt: skip

COLUMNS = Statement(
    "Column list",
    """CREATE DYNAMIC TABLE totals (product COMMENT 'its name', sales) TARGET_LAG = '1 minute'
AS SELECT name, count(*) FROM sale GROUP BY name;""",
    (
        works("(col, …)", "names the columns of the query", options("", before="CREATE DYNAMIC TABLE t (a, b)"),
              "SELECT count(a) = 9 AND count(b) = 9 FROM t"),
        works("(col type, …)", "the type is not compared with that of the query",
              options("", before="CREATE DYNAMIC TABLE t (a text, b number(10, 0))"), "SELECT count(a) = 9 FROM t"),
        works("col COMMENT 's'", "DESCRIBE shows it",
              options("", before="CREATE DYNAMIC TABLE t (a COMMENT 'first', b)"),
              "SELECT comment = 'first' FROM dyntables.dynamic_table_column WHERE column_name = 'a' "
              "AND dynamic_table_id = (SELECT id FROM me)"),
        refused("fewer or more names than columns", "", options("", before="CREATE DYNAMIC TABLE t (a)"), "DT101",
                "the column list has 1 names"),
        metadata("col MASKING POLICY p [USING (…)]", "COLUMN a MASKING POLICY",
                 options("", before="CREATE DYNAMIC TABLE t (a text WITH MASKING POLICY p USING (a, b), b)"),
                 "it protects nothing: use views over the table, and rights"),
        metadata("col PROJECTION POLICY p", "COLUMN a PROJECTION POLICY",
                 options("", before="CREATE DYNAMIC TABLE t (a PROJECTION POLICY p, b)"), "it protects nothing"),
        metadata("col TAG (t = 'v')", "COLUMN b TAG",
                 options("", before="CREATE DYNAMIC TABLE t (a, b WITH TAG (pii = 'no'))")),
        metadata("col CONTACT (purpose = contact)", "COLUMN b CONTACT",
                 options("", before="CREATE DYNAMIC TABLE t (a, b WITH CONTACT (support = team))")),
    ),
)  # fmt: skip

BODY = Statement(
    "The query",
    "… AS SELECT product, sum(price) AS total FROM sale GROUP BY product;",
    (
        works("AS query", "what is kept incrementally: [sql-support.md](sql-support.md)", options(""),
              "SELECT count(*) = 9 FROM t", "tests/commands/test_sql_support_page.py"),
        works("ORDER BY in the query", "accepted, and means nothing without LIMIT",
              options("", "SELECT k FROM s ORDER BY k"), "SELECT effective_mode = 'INCREMENTAL' FROM me"),
        refused("REFRESH USING (MERGE INTO SELF …)", "contents that a statement of the user maintains cannot be "
                "compared with a definition",
                "CREATE DYNAMIC TABLE t (a text) TARGET_LAG = '1 hour' "
                "REFRESH USING (INSERT INTO SELF SELECT k FROM s)",
                "DT100", "REFRESH USING is not supported"),
        refused("DYNAMIC_TABLE_REFRESH_BOUNDARY(…)", "a table would be read at another instant than the others; "
                "SCHEDULER = DISABLE on the table that is read isolates it",
                options("", "SELECT k FROM DYNAMIC_TABLE_REFRESH_BOUNDARY(s)"), "DT100",
                "DYNAMIC_TABLE_REFRESH_BOUNDARY is not supported"),
        works("a plain view over a dynamic table", "needs no boundary: it is seen through",
              f"{options('')}; CREATE VIEW w AS SELECT k FROM t; CREATE DYNAMIC TABLE u TARGET_LAG = '1 hour' AS "
              "SELECT k, count(*) AS n FROM w GROUP BY k", "SELECT sum(n) = 9 FROM u"),
    ),
)  # fmt: skip

VARIANTS = Statement(
    "Other forms of CREATE",
    "CREATE OR REPLACE DYNAMIC TABLE totals TARGET_LAG = '1 hour' AS SELECT …;",
    (
        works("CREATE OR ALTER DYNAMIC TABLE", "the whole target state, atomic; EXPLAIN says beforehand what is "
              "computed anew: [evolving.md](evolving.md)",
              f"{options('')}; CREATE OR ALTER DYNAMIC TABLE t TARGET_LAG = '2 hours' AS {QUERY}",
              "SELECT target_lag_seconds = 7200 AND reinitialize_reason IS NULL FROM me",
              "tests/evolve/test_or_alter.py"),
        works("CREATE [OR REPLACE] [TRANSIENT] DYNAMIC TABLE … CLONE", "suspended, with the contents of its source",
              f"{options('')}; CREATE DYNAMIC TABLE u CLONE t", "SELECT count(*) = 9 FROM u",
              "tests/evolve/test_clone.py"),
        refused("CLONE … AT or BEFORE (…)", "there is no time travel",
                f"{options('')}; CREATE DYNAMIC TABLE u CLONE t AT (OFFSET => -60)", "DT100",
                "AT and BEFORE are not supported"),
        refused("FROM BACKUP SET", "a dump of the database has its dynamic tables",
                "CREATE DYNAMIC TABLE t FROM BACKUP SET b IDENTIFIER '1'", "DT100", "FROM BACKUP SET is not supported"),
        refused("CREATE DYNAMIC ICEBERG TABLE", "storage is the server's own",
                f"CREATE DYNAMIC ICEBERG TABLE t TARGET_LAG = '1 hour' EXTERNAL_VOLUME = v AS {QUERY}", "DT100",
                "Iceberg tables are not supported"),
        metadata("EXTERNAL_VOLUME, CATALOG, BASE_LOCATION of a plain one", "EXTERNAL_VOLUME",
                 options("EXTERNAL_VOLUME = 'v'"), "storage is the server's own"),
        refused("DEFINE DYNAMIC TABLE", "declarative projects are Snowflake's own; CREATE OR REPLACE is the same text",
                f"DEFINE DYNAMIC TABLE t TARGET_LAG = '1 hour' AS {QUERY}", "DT100", "DEFINE is not supported"),
    ),
)  # fmt: skip
