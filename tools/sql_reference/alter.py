"""ALTER DYNAMIC TABLE."""

from __future__ import annotations

from tools.sql_reference.row import Row, Statement, metadata, refused, works

_COMMANDS = "tests/commands/test_commands.py::"
_HEALTH = "tests/scheduling/test_health.py::"
_FROZEN = "tests/refresh/test_frozen.py::"
_T = "ALTER DYNAMIC TABLE t "


def _set(option: str, value: str, note: str = "") -> Row:
    return metadata(f"SET {option}", option.split(" = ")[0], f"{_T}SET {option.split(' = ')[0]} = {value}", note)


def _unset(option: str, value: str) -> Row:
    return works(f"UNSET {option}", "no longer kept", f"{_T}SET {option} {value}; {_T}UNSET {option}",
                 f"SELECT NOT options -> 'ignored' ? '{option}' FROM me")  # fmt: skip


ALTER = Statement(
    "ALTER DYNAMIC TABLE",
    """ALTER DYNAMIC TABLE totals SET TARGET_LAG = '10 minutes';
ALTER DYNAMIC TABLE totals, recent REFRESH;""",
    (
        works("IF EXISTS", "a notice if there is none", "ALTER DYNAMIC TABLE IF EXISTS nothing SUSPEND", "SELECT true"),
        works("SUSPEND", "and what reads it", f"{_T}SUSPEND", "SELECT scheduling_state = 'SUSPENDED' FROM me",
              _COMMANDS + "test_alter_options_rename_suspend"),
        works("RESUME", "and what was suspended because of it", f"{_T}SUSPEND; {_T}RESUME",
              "SELECT scheduling_state = 'RUNNING' FROM me", _COMMANDS + "test_alter_options_rename_suspend"),
        works("REFRESH", "also of a suspended one; what it reads is refreshed first, up to a SCHEDULER = DISABLE",
              f"INSERT INTO s VALUES (10, 'k1', 1); {_T}REFRESH", "SELECT sum(n) = 10 FROM t",
              _HEALTH + "test_disabled_tables_are_refreshed_by_name_only"),
        works("a, b REFRESH", "at one data timestamp",
              "CREATE DYNAMIC TABLE u TARGET_LAG = '1 hour' AS SELECT k FROM s; INSERT INTO s VALUES (10, 'k1', 1); "
              "ALTER DYNAMIC TABLE t, u REFRESH", "SELECT count(DISTINCT data_timestamp) = 1 FROM "
              "dyntables.dynamic_table WHERE schema_name = '{schema}'"),
        works("REFRESH COPY SESSION", "a plain refresh, with a notice: it has the rights of the owner",
              f"{_T}REFRESH COPY SESSION", "SELECT true"),
        works("REFRESH PUBLISH ANYWAY",
              "dyntables' own: once, though rules that block are broken; [quality.md](quality.md)",
              "CREATE QUALITY RULE b ON t CHECK row_count(1, 3) ON VIOLATION BLOCK; "
              f"INSERT INTO s VALUES (10, 'k9', 1); {_T}REFRESH PUBLISH ANYWAY", "SELECT count(*) = 4 FROM t",
              "tests/quality/test_blocking.py::test_what_is_blocked_is_published_once_by_decision"),
        works("{RELEASE | DISCARD} QUARANTINE [WHERE (predicate)]",
              "dyntables' own: publish rows that rules keep back, or let them wait no longer; [quality.md](quality.md)",
              "CREATE QUALITY RULE q ON t CHECK expression(n > 100) ON VIOLATION QUARANTINE; "
              f"{_T}REFRESH; {_T}RELEASE QUARANTINE WHERE (k = 'k1')", "SELECT count(*) = 1 FROM t",
              "tests/quality/test_quarantine.py"),
        works("RENAME TO [schema.]name", "tables that read it follow",
              f"CREATE VIEW old_me AS SELECT 1; {_T}RENAME TO u", "SELECT count(*) = 3 FROM u",
              "tests/rights/test_owner.py::test_a_rename_needs_create_on_the_schema"),
        works("OWNER TO {role | CURRENT_USER}", "rights as for ALTER TABLE; those of the new owner count then",
              f"{_T}OWNER TO CURRENT_USER", "SELECT owner_name = current_user FROM me",
              "tests/rights/test_owner_changes.py"),
        works("SWAP WITH other", "names are exchanged; tables above follow the name: [evolving.md](evolving.md)",
              f"CREATE DYNAMIC TABLE u TARGET_LAG = '1 hour' AS SELECT id FROM s; {_T}SWAP WITH u",
              "SELECT count(id) = 9 FROM t", "tests/evolve/test_swap.py"),
        works("CLUSTER BY (expr, …)", "used when storage is built anew; see CREATE", f"{_T}CLUSTER BY (k)",
              "SELECT options -> 'cluster_by' = '[\"k\"]' FROM me"),
        works("DROP CLUSTERING KEY", "", f"{_T}CLUSTER BY (k); {_T}DROP CLUSTERING KEY",
              "SELECT options -> 'cluster_by' = '[]' FROM me"),
        metadata("SUSPEND RECLUSTER, RESUME RECLUSTER", "RECLUSTER", f"{_T}SUSPEND RECLUSTER",
                 "an index needs no reclustering"),
        works("{ALTER | MODIFY} [COLUMN] c COMMENT 's', …", "", f"{_T}ALTER COLUMN k COMMENT 'key', n COMMENT 'rows'",
              "SELECT comment = 'rows' FROM dyntables.dynamic_table_column WHERE column_name = 'n' "
              "AND dynamic_table_id = (SELECT id FROM me)", "tests/evolve/test_or_alter.py"),
        works("{ALTER | MODIFY} [COLUMN] c UNSET COMMENT", "",
              f"{_T}MODIFY k COMMENT 'key'; {_T}MODIFY k UNSET COMMENT",
              "SELECT comment IS NULL FROM dyntables.dynamic_table_column WHERE column_name = 'k' "
              "AND dynamic_table_id = (SELECT id FROM me)"),
        works("SET COMMENT = 's'", "", f"{_T}SET COMMENT = 'new'", "SELECT comment = 'new' FROM me"),
        works("UNSET COMMENT", "", f"{_T}SET COMMENT = 'new'; {_T}UNSET COMMENT", "SELECT comment IS NULL FROM me"),
        metadata("ADD ROW ACCESS POLICY p ON (c)", "ROW ACCESS POLICY", f"{_T}ADD ROW ACCESS POLICY p ON (k)",
                 "it protects nothing: use views over the table, and rights"),
        works("DROP ROW ACCESS POLICY p, DROP ALL ROW ACCESS POLICIES", "no longer kept",
              f"{_T}ADD ROW ACCESS POLICY p ON (k); {_T}DROP ALL ROW ACCESS POLICIES",
              "SELECT NOT options -> 'ignored' ? 'ROW ACCESS POLICY' FROM me"),
        metadata("SET AGGREGATION POLICY p [FORCE]", "AGGREGATION POLICY", f"{_T}SET AGGREGATION POLICY p FORCE",
                 "it protects nothing"),
        _unset("AGGREGATION POLICY", "p"),
        metadata("{ALTER | MODIFY} COLUMN c SET MASKING POLICY p [FORCE]", "COLUMN k MASKING POLICY",
                 f"{_T}ALTER COLUMN k SET MASKING POLICY p FORCE", "it protects nothing"),
        metadata("{ALTER | MODIFY} COLUMN c SET PROJECTION POLICY p", "COLUMN k PROJECTION POLICY",
                 f"{_T}MODIFY COLUMN k SET PROJECTION POLICY p", "it protects nothing"),
        works("{ALTER | MODIFY} COLUMN c UNSET {MASKING | PROJECTION} POLICY", "no longer kept",
              f"{_T}ALTER COLUMN k SET MASKING POLICY p; {_T}ALTER COLUMN k UNSET MASKING POLICY",
              "SELECT NOT options -> 'ignored' ? 'COLUMN k MASKING POLICY' FROM me"),
        metadata("SET TAG t = 'v'", "TAG", f"{_T}SET TAG cost = 'low'"),
        works("UNSET TAG t", "no longer kept", f"{_T}SET TAG cost = 'low'; {_T}UNSET TAG cost",
              "SELECT NOT options -> 'ignored' ? 'TAG' FROM me"),
        metadata("{ADD | DROP | SUSPEND | RESUME} SEARCH OPTIMIZATION", "SEARCH OPTIMIZATION",
                 f"{_T}ADD SEARCH OPTIMIZATION ON EQUALITY(k)", "make an index on a table that reads it"),
        metadata("ADD STORAGE LIFECYCLE POLICY p ON (c)", "STORAGE LIFECYCLE POLICY",
                 f"{_T}ADD STORAGE LIFECYCLE POLICY p ON (k)", "nothing is archived or deleted"),
        works("DROP STORAGE LIFECYCLE POLICY", "no longer kept",
              f"{_T}ADD STORAGE LIFECYCLE POLICY p ON (k); {_T}DROP STORAGE LIFECYCLE POLICY",
              "SELECT NOT options -> 'ignored' ? 'STORAGE LIFECYCLE POLICY' FROM me"),
        works("SET TARGET_LAG = …", "also ends SCHEDULER = DISABLE", f"{_T}SET TARGET_LAG = '2 hours'",
              "SELECT target_lag_seconds = 7200 FROM me", _COMMANDS + "test_alter_options_rename_suspend"),
        works("SET SCHEDULER = …", "", f"{_T}SET SCHEDULER = DISABLE", "SELECT NOT scheduled FROM me"),
        works("SET SCHEDULE, SUSPEND_AFTER_FAILURES, WORK_MEM, …", "dyntables' own; UNSET returns to the default",
              f"{_T}SET SCHEDULE = '0 6 * * *'", "SELECT options ->> 'schedule' = '0 6 * * *' FROM me",
              _HEALTH + "test_options_are_set_shown_and_unset"),
        works("SET TRUST_STABLE_FUNCTIONS = { TRUE | FALSE }", "dyntables' own: the definition is read anew",
              f"{_T}SET TRUST_STABLE_FUNCTIONS = TRUE", "SELECT options -> 'trust_stable_functions' = 'true' FROM me",
              "tests/refresh/test_stable_functions.py"),
        works("SET DATESTYLE = 's', TIMEZONE = 's', INTERVALSTYLE = 's', …", "dyntables' own: a setting of the "
              "definition; it is computed anew", f"{_T}SET TIMEZONE = 'Asia/Tokyo'",
              "SELECT time_zone = 'Asia/Tokyo' FROM me", "tests/refresh/test_settings.py"),
        _set("WAREHOUSE = w", "w"),
        _set("INITIALIZATION_WAREHOUSE = w", "w"),
        works("SET DATA_RETENTION_TIME_IN_DAYS = n", "for how long UNDROP finds it; there is no time travel",
              f"{_T}SET DATA_RETENTION_TIME_IN_DAYS = 0", "SELECT options -> 'retention_days' = '0' FROM me",
              "tests/evolve/test_undrop.py"),
        _set("MAX_DATA_EXTENSION_TIME_IN_DAYS = n", "14"),
        _set("DEFAULT_DDL_COLLATION = 's'", "'de'", "write COLLATE into the query"),
        _set("LOG_LEVEL = l", "INFO"),
        _set("LOG_EVENT_LEVEL = l", "WARN"),
        _set("ROW_TIMESTAMP = TRUE", "TRUE"),
        metadata("SET CONTACT (purpose = contact)", "CONTACT", f"{_T}SET CONTACT (support = team)"),
        metadata("SET EXECUTE AS USER u", "EXECUTE AS USER", f"{_T}SET EXECUTE AS USER u",
                 "a refresh has the rights of the owner"),
        _unset("INITIALIZATION_WAREHOUSE", "= w"),
        works("UNSET DATA_RETENTION_TIME_IN_DAYS", "back to one day",
              f"{_T}SET DATA_RETENTION_TIME_IN_DAYS = 0; {_T}UNSET DATA_RETENTION_TIME_IN_DAYS",
              "SELECT NOT options ? 'retention_days' FROM me"),
        _unset("MAX_DATA_EXTENSION_TIME_IN_DAYS", "= 1"),
        _unset("DEFAULT_DDL_COLLATION", "= 'de'"),
        _unset("LOG_LEVEL", "= INFO"),
        _unset("ROW_TIMESTAMP", "= TRUE"),
        _unset("EXECUTE AS USER", "u"),
        works("UNSET CONTACT p", "no longer kept", f"{_T}SET CONTACT (support = team); {_T}UNSET CONTACT support",
              "SELECT NOT options -> 'ignored' ? 'CONTACT' FROM me"),
        refused("UNSET DCM PROJECT", "declarative projects are Snowflake's own", f"{_T}UNSET DCM PROJECT", "DT100",
                'unknown option "DCM"'),
        works("SET FROZEN WHERE (predicate)", "takes effect at the next refresh: [frozen.md](frozen.md)",
              f"{_T}SET FROZEN WHERE (k < 'k1'); {_T}REFRESH", "SELECT frozen ->> 'rows' = '1' FROM me",
              _FROZEN + "test_the_region_is_set_widened_narrowed_and_unset"),
        works("UNSET FROZEN WHERE", "the next refresh computes all rows",
              f"{_T}SET FROZEN WHERE (k < 'k1'); {_T}REFRESH; {_T}UNSET FROZEN WHERE; {_T}REFRESH",
              "SELECT frozen = '{}' AND NOT options ? 'frozen' FROM me",
              _FROZEN + "test_the_region_is_set_widened_narrowed_and_unset"),
        refused("SET REFRESH_MODE, INITIALIZE", "use CREATE OR REPLACE", f"{_T}SET REFRESH_MODE = FULL", "DT102",
                "cannot be altered"),
        refused("ADD or DROP COLUMN, AS query", "use CREATE OR REPLACE", f"{_T}ADD COLUMN x integer", "DT100",
                "expected SUSPEND"),
        refused("ALTER TABLE … ADD CONSTRAINT … RELY", "keys are not trusted; those of the sources are found",
                "ALTER TABLE t ADD CONSTRAINT c PRIMARY KEY (k) RELY", "DT101", "syntax error"),
        works("VERIFY", "dyntables' own: refresh, and compare with the definition", f"{_T}VERIFY", "SELECT true",
              "tests/commands/test_sql_support_page.py"),
        works("CANCEL", "dyntables' own: stop the refresh that runs", "", "",
              "tests/refresh/test_control.py::test_progress_is_seen_and_cancel_stops_within_a_second"),
    ),
    existing=True,
)  # fmt: skip
