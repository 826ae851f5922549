"""ALTER and what is like it."""

from __future__ import annotations

from tests.sources.cases.case import ALTERED, DEGRADED, INTO_P, OF_P, PARTITIONED, QUERY, REINIT, SETUP, Case

_EXCHANGE = "ALTER TABLE s RENAME v TO w; ALTER TABLE s RENAME other TO v; ALTER TABLE s RENAME w TO other"
_OF_TWO = "SELECT k, sum(v) AS total, max(other) AS most FROM s GROUP BY k"
_INTO_TWO = "INSERT INTO s (id, k, v, other) VALUES (9001, 1, 1, 2)"
ALTERATIONS = [
    Case("add_column", "ADD COLUMN", "ALTER TABLE s ADD c integer DEFAULT 1; INSERT INTO s VALUES (400, 1, 1, 1)"),
    Case(
        "add_column_rewriting",
        "ADD COLUMN with a volatile default, which rewrites the table",
        ("ALTER TABLE s ADD c float DEFAULT random()", "INSERT INTO s VALUES (400, 1, 1, 1)"),
    ),
    Case(
        "drop_unused_column",
        "DROP COLUMN of an unused column",
        ("ALTER TABLE s DROP other", "INSERT INTO s VALUES (400, 1, 1)"),
    ),
    Case(
        "rename_unused_column",
        "RENAME COLUMN of an unused column",
        ("ALTER TABLE s RENAME other TO another", "INSERT INTO s VALUES (400, 1, 1)"),
    ),
    Case(
        "retype_unused_column",
        "ALTER COLUMN … TYPE of an unused column",
        ("ALTER TABLE s ALTER other TYPE text", "INSERT INTO s VALUES (400, 1, 1)"),
    ),
    Case(
        "retype_used_column",
        "ALTER COLUMN … TYPE of a used column",
        ("ALTER TABLE s ALTER k TYPE bigint", "INSERT INTO s VALUES (400, 1, 1)"),
        REINIT,
        ALTERED,
    ),
    Case(
        "rewrite_used_column",
        "ALTER COLUMN … TYPE to the same type USING another value",
        ("ALTER TABLE s ALTER k TYPE integer USING k + 1", "INSERT INTO s VALUES (400, 1, 1)"),
        REINIT,
        ALTERED,
    ),
    Case(
        "readd_used_column",
        "DROP and ADD of a used column under the same name",
        ("ALTER TABLE s DROP k", "ALTER TABLE s ADD k integer", "INSERT INTO s (id, k, v) VALUES (400, 1, 1)"),
        REINIT,
        ALTERED,
    ),
    Case(
        "rename_used_column",
        "RENAME COLUMN of a used column",
        ("ALTER TABLE s RENAME v TO value", "INSERT INTO s VALUES (400, 1, 1)"),
        REINIT,
        ALTERED,
        follow="INSERT INTO s (id, k, value) VALUES (401, 1, 1)",
    ),
    Case(
        "rename_table",
        "RENAME of the table: followed by OID",
        ("ALTER TABLE s RENAME TO s2", "INSERT INTO s2 VALUES (400, 1, 1)"),
        follow="INSERT INTO s2 VALUES (401, 1, 1)",
    ),
    Case(
        "set_schema",
        "SET SCHEMA: followed by OID",
        ("CREATE SCHEMA elsewhere; ALTER TABLE s SET SCHEMA elsewhere", "INSERT INTO elsewhere.s VALUES (400, 1, 1)"),
        follow="INSERT INTO elsewhere.s VALUES (401, 1, 1)",
    ),
    Case(
        "rename_schema",
        "ALTER SCHEMA … RENAME: followed by OID",
        ("ALTER SCHEMA x RENAME TO y", "INSERT INTO y.s VALUES (400, 1, 1)"),
        setup="CREATE SCHEMA x; " + SETUP.replace("TABLE s", "TABLE x.s").replace("INTO s", "INTO x.s"),
        query=QUERY.replace("FROM s", "FROM x.s"),
        follow="INSERT INTO y.s VALUES (401, 1, 1)",
    ),
    Case(
        "drop_and_recreate",
        "DROP and CREATE of a table under the same name",
        (
            "DROP TABLE s",
            "CREATE TABLE s (id integer PRIMARY KEY, k integer, v numeric(8,2), other integer)",
            "INSERT INTO s VALUES (1, 1, 1)",
        ),
        REINIT,
        ALTERED,
    ),
    Case(
        "swap_tables",
        "RENAME away and another table under the old name: the name is followed",
        (
            "CREATE TABLE s2 (LIKE s INCLUDING ALL); INSERT INTO s2 VALUES (1, 2, 3)",
            "ALTER TABLE s RENAME TO s_old; ALTER TABLE s2 RENAME TO s",
            "INSERT INTO s VALUES (2, 2, 3)",
        ),
        REINIT,
        ALTERED,
    ),
    Case(
        "set_not_null",
        "SET NOT NULL of a grouping column, which the storage takes advantage of",
        ("ALTER TABLE s ALTER k SET NOT NULL", "INSERT INTO s VALUES (400, 1, 100)"),
        REINIT,
        "DEFINITION_CHANGED",
    ),
    Case(
        "create_unique_index",
        "a new unique index",
        ("CREATE UNIQUE INDEX ON s (v, id)", "INSERT INTO s VALUES (400, 1, 100)"),
    ),
    Case(
        "drop_not_null",
        "DROP NOT NULL of a column that the plan relied on",
        ("ALTER TABLE s ALTER k DROP NOT NULL", "INSERT INTO s VALUES (400, NULL, 1), (401, NULL, 2)"),
        REINIT,
        "DEFINITION_CHANGED",
        setup=SETUP + "ALTER TABLE s ALTER k SET NOT NULL",
    ),
    Case(
        "drop_primary_key",
        "DROP of the primary key that the plan relied on, and duplicates",
        (
            "ALTER TABLE s DROP CONSTRAINT s_pkey, ALTER id DROP NOT NULL",
            "INSERT INTO s VALUES (1, 1, 1), (1, 2, 2), (NULL, 1, 1); INSERT INTO d VALUES (1, 5), (NULL, 6); "
            "DELETE FROM d WHERE id = 3",
        ),
        setup=SETUP + "CREATE TABLE d (id integer, x integer); INSERT INTO d SELECT i, i FROM generate_series(1, 60) i",
        query="SELECT d.x, s.k, s.v FROM d LEFT JOIN s ON s.id = d.id",
    ),
    Case("vacuum_full", "VACUUM FULL", ("VACUUM FULL s",), "NO_DATA", "NO_CHANGES"),
    Case("cluster", "CLUSTER", ("CLUSTER s USING s_pkey",), "NO_DATA", "NO_CHANGES"),
    Case("set_logged_state", "SET UNLOGGED", "ALTER TABLE s SET UNLOGGED", *DEGRADED, next="FULL"),
    Case(
        "row_security_enabled",
        "ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE s ENABLE ROW LEVEL SECURITY; DELETE FROM s WHERE id = 1",
        *DEGRADED,
        next="FULL",
    ),
    Case(
        "triggers_disabled",
        "capture's triggers disabled by hand, and writes meanwhile",
        ("ALTER TABLE s DISABLE TRIGGER ALL", "DELETE FROM s WHERE id = 1"),
        REINIT,
        "CAPTURE_MISSING",
    ),
    Case(
        "triggers_disabled_and_enabled",
        "capture's triggers disabled, writes, enabled again",
        ("ALTER TABLE s DISABLE TRIGGER ALL", "DELETE FROM s WHERE id = 1", "ALTER TABLE s ENABLE TRIGGER ALL"),
        REINIT,
        "CAPTURE_MISSING",
    ),
    Case(
        "triggers_disabled_on_a_partition",
        "capture's triggers disabled on one partition",
        ("ALTER TABLE p1 DISABLE TRIGGER ALL", "DELETE FROM p1 WHERE id = 10"),
        REINIT,
        "CAPTURE_MISSING",
        setup=PARTITIONED,
        query=OF_P,
        follow=INTO_P,
    ),
    Case(
        "triggers_dropped",
        "capture's function dropped",
        (
            "DO $$ BEGIN EXECUTE (SELECT 'DROP FUNCTION dyntables_log.f' || 's'::regclass::oid "
            "|| '() CASCADE'); END $$",
            "DELETE FROM s WHERE id = 1",
        ),
        REINIT,
        "CAPTURE_MISSING",
    ),
    Case(
        "inheritance_child_added",
        "a child by inheritance is added, and written",
        ("CREATE TABLE child () INHERITS (s)", "INSERT INTO child VALUES (500, 1, 1, 1)"),
        *DEGRADED,
        next="FULL",
    ),
    Case(
        "inheritance_child_passed",
        "a child by inheritance is added, written through its parent, and dropped",
        (
            "CREATE TABLE child () INHERITS (s); INSERT INTO child VALUES (401, 1, 1, 1)",
            "UPDATE s SET v = v + 5 WHERE id = 401",
            "DROP TABLE child",
        ),
        REINIT,
        ALTERED,
    ),
    Case(
        "exchange_used_columns",
        "used columns exchange their names: followed",
        _EXCHANGE + "; INSERT INTO s (id, k, v) VALUES (400, 1, 3)",
        REINIT,
        ALTERED,
        query=_OF_TWO,
        follow=_INTO_TWO,
    ),
    Case(
        "exchange_used_columns_twice",
        "used columns exchange their names, are written, and get their names back",
        (_EXCHANGE, "INSERT INTO s (id, k, v, other) VALUES (400, 1, 300, 3)", _EXCHANGE),
        REINIT,
        ALTERED,
        query=_OF_TWO,
        follow=_INTO_TWO,
    ),
]
