"""What happens to a source, and what the next refresh does about it: the rows of docs/sources.md."""

from __future__ import annotations

from dataclasses import dataclass

_SETUP = """
CREATE TABLE s (id integer PRIMARY KEY, k integer, v numeric(8,2), other integer);
INSERT INTO s SELECT i, i % 5, i, i FROM generate_series(1, 50) i;
"""
_QUERY = "SELECT k, count(*) AS n, sum(v) AS total FROM s GROUP BY k"
_PARTITIONED = """
CREATE TABLE p (id integer NOT NULL, k integer, v integer) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (100);
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (100) TO (200);
INSERT INTO p SELECT i * 10, i % 3, i FROM generate_series(0, 15) i;
"""
_OF_P = "SELECT k, count(*) AS n, sum(v) AS total FROM p GROUP BY k"
_INTO_S = "INSERT INTO s (id, k, v) VALUES (9001, 1, 1)"
_INTO_P = "INSERT INTO p VALUES (42, 1, 1)"


@dataclass(frozen=True)
class Case:
    """One row: the change, and the action and reason of the refresh after it.

    Each statement of ``change`` is a transaction; where one says ``refresh``, the table is refreshed before the next.
    ``follow`` is a later change, which must be refreshed by the action ``next``.
    """

    name: str
    what: str
    change: str | tuple[str, ...]
    action: str = "INCREMENTAL"
    reason: str = "CHANGES"
    setup: str = _SETUP
    query: str = _QUERY
    follow: str = _INTO_S
    next: str = "INCREMENTAL"
    versions: tuple[int, ...] = (15, 18)


def _p(name: str, what: str, change: str | tuple[str, ...], *expected: str, setup: str = _PARTITIONED) -> Case:
    return Case(name, what, change, *expected, setup=setup, query=_OF_P, follow=_INTO_P)


REINIT, ALTERED = "REINITIALIZE", "SOURCE_ALTERED"
DEGRADED = ("FULL", "DEFINITION_CHANGED")

DML = [
    Case("insert_update_delete", "INSERT, UPDATE, DELETE",
         "INSERT INTO s VALUES (51, 1, 1, 1); UPDATE s SET k = 3 WHERE id < 9; DELETE FROM s WHERE id BETWEEN 20 AND 30"),
    Case("merge", "MERGE",
         "MERGE INTO s USING (VALUES (1, 99), (2, 0), (3000, 3)) AS n(id, v) ON s.id = n.id "
         "WHEN MATCHED AND n.v = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET v = n.v "
         "WHEN NOT MATCHED THEN INSERT VALUES (n.id, 4, n.v)"),
    Case("on_conflict_do_update", "INSERT … ON CONFLICT DO UPDATE",
         "INSERT INTO s VALUES (1, 1, 1), (4000, 1, 1) ON CONFLICT (id) DO UPDATE SET k = 3"),
    Case("on_conflict_do_nothing", "INSERT … ON CONFLICT DO NOTHING, all rows in conflict",
         "INSERT INTO s VALUES (1, 1, 1) ON CONFLICT DO NOTHING", "NO_DATA", "NO_CHANGES"),
    Case("zero_rows", "a statement that touches no row", "UPDATE s SET v = 1 WHERE false; DELETE FROM s WHERE false",
         "NO_DATA", "NO_CHANGES"),
    Case("no_change", "an UPDATE that changes nothing", "UPDATE s SET v = v"),
    Case("only_unused_column", "an UPDATE of a column that no reader uses", "UPDATE s SET other = other + 1"),
    Case("truncate", "TRUNCATE", "TRUNCATE s", REINIT, "SOURCE_TRUNCATED"),
    Case("truncate_and_insert", "TRUNCATE and INSERT in one transaction",
         "TRUNCATE s; INSERT INTO s VALUES (1, 1, 1, 1)", REINIT, "SOURCE_TRUNCATED"),
    Case("truncate_cascade", "TRUNCATE … CASCADE of a table that the source refers to", "TRUNCATE parent CASCADE",
         REINIT, "SOURCE_TRUNCATED",
         setup=_SETUP + "CREATE TABLE parent (id integer PRIMARY KEY); INSERT INTO parent VALUES (1);"
         "ALTER TABLE s ADD r integer REFERENCES parent"),
    Case("savepoint_rolled_back", "a savepoint that is rolled back",
         "BEGIN; INSERT INTO s VALUES (60, 1, 1, 1); SAVEPOINT a; DELETE FROM s; ROLLBACK TO a; "
         "INSERT INTO s VALUES (61, 2, 1, 1); COMMIT"),
    Case("subtransactions", "subtransactions, some of which fail",
         "DO $$ BEGIN FOR i IN 100..199 LOOP BEGIN INSERT INTO s VALUES (i, i % 7, i, i); "
         "IF i % 3 = 0 THEN RAISE EXCEPTION 'no'; END IF; EXCEPTION WHEN raise_exception THEN NULL; END; END LOOP; END $$"),
    Case("rolled_back", "a transaction that is rolled back", "BEGIN; DELETE FROM s; ROLLBACK", "NO_DATA", "NO_CHANGES"),
    Case("replica_role", "writes under session_replication_role = replica",
         "SET session_replication_role = replica; DELETE FROM s WHERE id = 7"),
    Case("two_phase_commit", "PREPARE TRANSACTION … COMMIT PREPARED",
         ("BEGIN; INSERT INTO s VALUES (70, 1, 1, 1); DELETE FROM s WHERE id = 1; PREPARE TRANSACTION 'dt_test'",
          "COMMIT PREPARED 'dt_test'")),
]  # fmt: skip

MECHANISMS = [
    Case("cascading_delete", "a foreign key ON DELETE CASCADE", "DELETE FROM parent WHERE id = 1",
         setup=_SETUP + "CREATE TABLE parent (id integer PRIMARY KEY); INSERT INTO parent VALUES (1), (2); "
         "ALTER TABLE s ADD r integer REFERENCES parent ON DELETE CASCADE; UPDATE s SET r = 1 + id % 2"),
    Case("cascading_set_null", "a foreign key ON DELETE SET NULL", "DELETE FROM parent WHERE id = 1",
         setup=_SETUP + "CREATE TABLE parent (id integer PRIMARY KEY); INSERT INTO parent SELECT generate_series(0, 4); "
         "ALTER TABLE s ADD FOREIGN KEY (k) REFERENCES parent ON DELETE SET NULL",
         follow="DELETE FROM s WHERE id = 2"),
    Case("rule", "a rule that writes the source", "INSERT INTO r VALUES (300, 1, 5, 5); DELETE FROM r",
         setup=_SETUP + "CREATE TABLE r (LIKE s); "
         "CREATE RULE a AS ON INSERT TO r DO INSTEAD INSERT INTO s VALUES (NEW.*); "
         "CREATE RULE b AS ON DELETE TO r DO INSTEAD DELETE FROM s WHERE id < 5"),
    Case("before_trigger", "BEFORE triggers that change or suppress rows",
         "INSERT INTO s VALUES (301, 1, 5, 5), (302, 1, 5, 5); DELETE FROM s WHERE id > 40",
         setup=_SETUP + "CREATE FUNCTION b() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
         "IF TG_OP = 'DELETE' THEN RETURN CASE WHEN OLD.id % 2 = 0 THEN OLD END; END IF; "
         "IF NEW.id = 302 THEN RETURN NULL; END IF; NEW.v := 77; RETURN NEW; END $$; "
         "CREATE TRIGGER b BEFORE INSERT OR DELETE ON s FOR EACH ROW EXECUTE FUNCTION b()"),
    Case("after_trigger", "AFTER triggers that write the source again", "INSERT INTO s VALUES (303, 1, 5, 5)",
         setup=_SETUP + "CREATE FUNCTION a() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
         "UPDATE s SET v = v + 1 WHERE id = NEW.id; INSERT INTO s VALUES (NEW.id + 1000, 2, 1, 1); RETURN NULL; END $$; "
         "CREATE TRIGGER a AFTER INSERT ON s FOR EACH ROW WHEN (NEW.id < 1000) EXECUTE FUNCTION a()",
         follow="INSERT INTO s VALUES (304, 1, 5, 5)"),
    Case("generated_column", "a stored generated column", "INSERT INTO s (id, k) VALUES (305, 1); UPDATE s SET k = 9",
         setup=_SETUP + "ALTER TABLE s ADD g integer GENERATED ALWAYS AS (k * 2) STORED",
         query="SELECT g, count(*) AS n FROM s GROUP BY g"),
    Case("generated_column_redefined", "another expression for a stored generated column",
         ("ALTER TABLE s DROP g", "ALTER TABLE s ADD g integer GENERATED ALWAYS AS (k * 3) STORED"), REINIT, ALTERED,
         setup=_SETUP + "ALTER TABLE s ADD g integer GENERATED ALWAYS AS (k * 2) STORED",
         query="SELECT g, count(*) AS n FROM s GROUP BY g"),
    Case("virtual_column", "a virtual generated column", "INSERT INTO s (id, k) VALUES (305, 1); UPDATE s SET k = 9 WHERE id < 9",
         setup=_SETUP + "ALTER TABLE s ADD g integer GENERATED ALWAYS AS (k * 2) VIRTUAL",
         query="SELECT g, count(*) AS n FROM s GROUP BY g", versions=(18,)),
    Case("virtual_column_redefined", "another expression for a virtual generated column",
         ("ALTER TABLE s ALTER g SET EXPRESSION AS (k * 3)", "UPDATE s SET k = 9 WHERE id < 9"), REINIT, ALTERED,
         setup=_SETUP + "ALTER TABLE s ADD g integer GENERATED ALWAYS AS (k * 2) VIRTUAL",
         query="SELECT g, count(*) AS n FROM s GROUP BY g", versions=(18,)),
    Case("identity_column", "an identity column", "INSERT INTO i (v) VALUES (1), (2); DELETE FROM i WHERE id = 1",
         setup="CREATE TABLE i (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v integer); INSERT INTO i (v) VALUES (0)",
         query="SELECT id, v FROM i", follow="INSERT INTO i (v) VALUES (3)"),
    Case("enum_value", "ALTER TYPE … ADD VALUE of an enum in use",
         ("ALTER TYPE mood ADD VALUE 'new' BEFORE 'sad'", "UPDATE m SET a = 'new' WHERE id = 1"),
         setup="CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE TABLE m (id integer, a mood); "
         "INSERT INTO m VALUES (1, 'sad'), (2, 'glad')",
         query="SELECT a, count(*) AS n FROM m GROUP BY a", follow="INSERT INTO m VALUES (3, 'sad')"),
    Case("types_of_the_search_path", "writes of a column whose type the search_path makes visible",
         "UPDATE m SET a = 'glad'; DELETE FROM m WHERE id = 2",
         setup="CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE TABLE m (id integer, a mood); "
         "INSERT INTO m VALUES (1, 'sad'), (2, 'glad')",
         query="SELECT a, count(*) AS n FROM m GROUP BY a", follow="INSERT INTO m VALUES (3, 'sad')"),
]  # fmt: skip

_CHILD = "CREATE TABLE p3 PARTITION OF p FOR VALUES FROM (200) TO (300); "
PARTITIONS = [
    _p("partition_through_parent", "writes through the partitioned table",
       "INSERT INTO p VALUES (3, 1, 1), (103, 2, 2); UPDATE p SET v = v + 1 WHERE id > 90; DELETE FROM p WHERE id = 0"),
    _p("partition_directly", "writes to a partition by its own name", "INSERT INTO p2 VALUES (102, 1, 3); UPDATE p1 SET v = 10"),
    _p("partition_row_moves", "an UPDATE that moves rows between partitions", "UPDATE p SET id = id + 100 WHERE id < 50"),
    _p("partition_attach", "ATTACH PARTITION",
       "CREATE TABLE p3 (LIKE p); INSERT INTO p3 VALUES (201, 1, 1); "
       "ALTER TABLE p ATTACH PARTITION p3 FOR VALUES FROM (200) TO (300); INSERT INTO p3 VALUES (202, 1, 1)", REINIT, ALTERED),
    _p("partition_detach", "DETACH PARTITION", "ALTER TABLE p DETACH PARTITION p2", REINIT, ALTERED),
    _p("partition_detached_then_written", "writes to a partition that was detached before the last refresh",
       ("ALTER TABLE p DETACH PARTITION p2", "refresh", "INSERT INTO p2 VALUES (150, 1, 1); DELETE FROM p2 WHERE id = 100"),
       "NO_DATA", "NO_CHANGES"),
    _p("partition_drop", "DROP TABLE of a partition", "DROP TABLE p2", REINIT, ALTERED),
    _p("partition_created", "CREATE TABLE … PARTITION OF, and writes before the next refresh",
       (_CHILD, "INSERT INTO p VALUES (201, 1, 1)", "INSERT INTO p3 VALUES (202, 2, 1); DELETE FROM p3 WHERE id = 201")),
    _p("partition_created_and_written_at_once", "CREATE TABLE … PARTITION OF and writes in one transaction",
       _CHILD + "INSERT INTO p3 VALUES (202, 2, 1); INSERT INTO p VALUES (203, 2, 1)"),
    _p("partition_created_and_dropped", "a partition created, written and dropped between two refreshes",
       (_CHILD, "INSERT INTO p3 VALUES (202, 2, 1)", "DROP TABLE p3"), REINIT, ALTERED),
    _p("partition_created_and_detached", "a partition created, written and detached between two refreshes",
       (_CHILD, "INSERT INTO p3 VALUES (202, 2, 1)", "ALTER TABLE p DETACH PARTITION p3"), REINIT, ALTERED),
    _p("partition_truncated", "TRUNCATE of one partition", "TRUNCATE p2", REINIT, "SOURCE_TRUNCATED"),
    _p("partition_of_partition", "a partition of a partition: created, written directly and through both parents",
       ("CREATE TABLE p3 PARTITION OF p FOR VALUES FROM (200) TO (300) PARTITION BY LIST (k)",
        "CREATE TABLE p31 PARTITION OF p3 DEFAULT", "INSERT INTO p31 VALUES (201, 1, 1)",
        "INSERT INTO p3 VALUES (202, 1, 1)", "INSERT INTO p VALUES (203, 1, 1)", "UPDATE p SET id = 5 WHERE id = 203")),
    Case("source_is_partition", "a partition read by its own name, written through its parent",
         "INSERT INTO p VALUES (3, 1, 1); UPDATE p SET id = 103 WHERE id = 10", "FULL", "FULL_MODE", setup=_PARTITIONED,
         query="SELECT k, count(*) AS n FROM p1 GROUP BY k", follow=_INTO_P, next="FULL"),
    Case("source_becomes_partition", "a source is attached to a partitioned table, and written through it",
         ("ALTER TABLE q ATTACH PARTITION s DEFAULT", "INSERT INTO q VALUES (3000, 1, 1, 1)"), *DEGRADED,
         setup=_SETUP + "CREATE TABLE q (id integer NOT NULL, k integer, v numeric(8,2), other integer) PARTITION BY LIST (k)",
         next="FULL"),
]  # fmt: skip

ALTERATIONS = [
    Case("add_column", "ADD COLUMN", "ALTER TABLE s ADD c integer DEFAULT 1; INSERT INTO s VALUES (400, 1, 1, 1)"),
    Case("add_column_rewriting", "ADD COLUMN with a volatile default, which rewrites the table",
         ("ALTER TABLE s ADD c float DEFAULT random()", "INSERT INTO s VALUES (400, 1, 1, 1)")),
    Case("drop_unused_column", "DROP COLUMN of an unused column",
         ("ALTER TABLE s DROP other", "INSERT INTO s VALUES (400, 1, 1)")),
    Case("rename_unused_column", "RENAME COLUMN of an unused column",
         ("ALTER TABLE s RENAME other TO another", "INSERT INTO s VALUES (400, 1, 1)")),
    Case("retype_unused_column", "ALTER COLUMN … TYPE of an unused column",
         ("ALTER TABLE s ALTER other TYPE text", "INSERT INTO s VALUES (400, 1, 1)")),
    Case("retype_used_column", "ALTER COLUMN … TYPE of a used column",
         ("ALTER TABLE s ALTER k TYPE bigint", "INSERT INTO s VALUES (400, 1, 1)"), REINIT, ALTERED),
    Case("rewrite_used_column", "ALTER COLUMN … TYPE to the same type USING another value",
         ("ALTER TABLE s ALTER k TYPE integer USING k + 1", "INSERT INTO s VALUES (400, 1, 1)"), REINIT, ALTERED),
    Case("readd_used_column", "DROP and ADD of a used column under the same name",
         ("ALTER TABLE s DROP k", "ALTER TABLE s ADD k integer", "INSERT INTO s (id, k, v) VALUES (400, 1, 1)"), REINIT, ALTERED),
    Case("rename_used_column", "RENAME COLUMN of a used column", ("ALTER TABLE s RENAME v TO value",
         "INSERT INTO s VALUES (400, 1, 1)"), REINIT, ALTERED, follow="INSERT INTO s (id, k, value) VALUES (401, 1, 1)"),
    Case("rename_table", "RENAME of the table: followed by OID",
         ("ALTER TABLE s RENAME TO s2", "INSERT INTO s2 VALUES (400, 1, 1)"), follow="INSERT INTO s2 VALUES (401, 1, 1)"),
    Case("set_schema", "SET SCHEMA: followed by OID",
         ("CREATE SCHEMA elsewhere; ALTER TABLE s SET SCHEMA elsewhere", "INSERT INTO elsewhere.s VALUES (400, 1, 1)"),
         follow="INSERT INTO elsewhere.s VALUES (401, 1, 1)"),
    Case("rename_schema", "ALTER SCHEMA … RENAME: followed by OID",
         ("ALTER SCHEMA x RENAME TO y", "INSERT INTO y.s VALUES (400, 1, 1)"),
         setup="CREATE SCHEMA x; " + _SETUP.replace("TABLE s", "TABLE x.s").replace("INTO s", "INTO x.s"),
         query=_QUERY.replace("FROM s", "FROM x.s"), follow="INSERT INTO y.s VALUES (401, 1, 1)"),
    Case("drop_and_recreate", "DROP and CREATE of a table under the same name",
         ("DROP TABLE s", "CREATE TABLE s (id integer PRIMARY KEY, k integer, v numeric(8,2), other integer)",
          "INSERT INTO s VALUES (1, 1, 1)"), REINIT, ALTERED),
    Case("swap_tables", "RENAME away and another table under the old name: the name is followed",
         ("CREATE TABLE s2 (LIKE s INCLUDING ALL); INSERT INTO s2 VALUES (1, 2, 3)",
          "ALTER TABLE s RENAME TO s_old; ALTER TABLE s2 RENAME TO s", "INSERT INTO s VALUES (2, 2, 3)"), REINIT, ALTERED),
    Case("set_not_null", "SET NOT NULL of a grouping column, which the storage takes advantage of",
         ("ALTER TABLE s ALTER k SET NOT NULL", "INSERT INTO s VALUES (400, 1, 100)"), REINIT, "DEFINITION_CHANGED"),
    Case("create_unique_index", "a new unique index", ("CREATE UNIQUE INDEX ON s (v, id)", "INSERT INTO s VALUES (400, 1, 100)")),
    Case("drop_not_null", "DROP NOT NULL of a column that the plan relied on",
         ("ALTER TABLE s ALTER k DROP NOT NULL", "INSERT INTO s VALUES (400, NULL, 1), (401, NULL, 2)"), REINIT, "DEFINITION_CHANGED",
         setup=_SETUP + "ALTER TABLE s ALTER k SET NOT NULL"),
    Case("drop_primary_key", "DROP of the primary key that the plan relied on, and duplicates",
         ("ALTER TABLE s DROP CONSTRAINT s_pkey, ALTER id DROP NOT NULL",
          "INSERT INTO s VALUES (1, 1, 1), (1, 2, 2), (NULL, 1, 1); INSERT INTO d VALUES (1, 5), (NULL, 6); DELETE FROM d WHERE id = 3"),
         setup=_SETUP + "CREATE TABLE d (id integer, x integer); INSERT INTO d SELECT i, i FROM generate_series(1, 60) i",
         query="SELECT d.x, s.k, s.v FROM d LEFT JOIN s ON s.id = d.id"),
    Case("vacuum_full", "VACUUM FULL", ("VACUUM FULL s",), "NO_DATA", "NO_CHANGES"),
    Case("cluster", "CLUSTER", ("CLUSTER s USING s_pkey",), "NO_DATA", "NO_CHANGES"),
    Case("set_logged_state", "SET UNLOGGED", "ALTER TABLE s SET UNLOGGED", *DEGRADED, next="FULL"),
    Case("row_security_enabled", "ENABLE ROW LEVEL SECURITY", "ALTER TABLE s ENABLE ROW LEVEL SECURITY; DELETE FROM s WHERE id = 1",
         *DEGRADED, next="FULL"),
    Case("triggers_disabled", "capture's triggers disabled by hand, and writes meanwhile",
         ("ALTER TABLE s DISABLE TRIGGER ALL", "DELETE FROM s WHERE id = 1"), REINIT, "CAPTURE_MISSING"),
    Case("triggers_disabled_and_enabled", "capture's triggers disabled, writes, enabled again",
         ("ALTER TABLE s DISABLE TRIGGER ALL", "DELETE FROM s WHERE id = 1", "ALTER TABLE s ENABLE TRIGGER ALL"),
         REINIT, "CAPTURE_MISSING"),
    Case("triggers_disabled_on_a_partition", "capture's triggers disabled on one partition",
         ("ALTER TABLE p1 DISABLE TRIGGER ALL", "DELETE FROM p1 WHERE id = 10"), REINIT, "CAPTURE_MISSING",
         setup=_PARTITIONED, query=_OF_P, follow=_INTO_P),
    Case("triggers_dropped", "capture's function dropped", ("DO $$ BEGIN EXECUTE (SELECT 'DROP FUNCTION dyntables_log.f' || 's'::regclass::oid "
         "|| '() CASCADE'); END $$", "DELETE FROM s WHERE id = 1"), REINIT, "CAPTURE_MISSING"),
    Case("inheritance_child_added", "a child by inheritance is added, and written",
         ("CREATE TABLE child () INHERITS (s)", "INSERT INTO child VALUES (500, 1, 1, 1)"), *DEGRADED, next="FULL"),
]  # fmt: skip

_VIEW = "CREATE VIEW w AS SELECT id, k, v FROM s WHERE id > 5; CREATE VIEW w2 AS SELECT k, v FROM w WHERE k <> 4; "
_OF_W = "SELECT k, count(*) AS n, sum(v) AS total FROM w2 GROUP BY k"
KINDS = [
    Case("view", "writes below nested views", "DELETE FROM s WHERE id = 7; UPDATE w SET k = 4 WHERE id = 8",
         setup=_SETUP + _VIEW, query=_OF_W),
    Case("view_redefined", "a view redefined", "CREATE OR REPLACE VIEW w AS SELECT id, k, v FROM s WHERE id > 10",
         REINIT, ALTERED, setup=_SETUP + _VIEW, query=_OF_W),
    Case("view_reads_another_table", "a view redefined to read another table, and writes to that",
         ("CREATE OR REPLACE VIEW w AS SELECT id, k, v FROM z", "INSERT INTO z VALUES (1, 1, 1)"), REINIT, ALTERED,
         setup=_SETUP + _VIEW + "CREATE TABLE z (id integer, k integer, v numeric(8,2))", query=_OF_W,
         follow="INSERT INTO z VALUES (2, 1, 1)"),
    Case("table_below_view_renamed", "a table below a view renamed",
         ("ALTER TABLE s RENAME TO s2", "DELETE FROM s2 WHERE id = 7"), REINIT, ALTERED, setup=_SETUP + _VIEW, query=_OF_W,
         follow="DELETE FROM s2 WHERE id = 8"),
    Case("materialized_view", "REFRESH MATERIALIZED VIEW of a source", "DELETE FROM s WHERE id < 9; REFRESH MATERIALIZED VIEW mv",
         "FULL", "FULL_MODE", setup=_SETUP + "CREATE MATERIALIZED VIEW mv AS SELECT * FROM s",
         query="SELECT k, count(*) AS n FROM mv GROUP BY k", next="FULL"),
    Case("foreign_table", "a foreign table as source", "INSERT INTO s VALUES (601, 1, 1)", "FULL", "FULL_MODE",
         setup=_SETUP + "CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw; "
         "CREATE FOREIGN TABLE ft (name text) SERVER files OPTIONS (program 'echo a')",
         query="SELECT s.k, ft.name FROM s, ft", next="FULL"),
    Case("foreign_partition", "a partitioned table with a foreign table as partition", "INSERT INTO p VALUES (3, 1, 1)",
         "FULL", "FULL_MODE",
         setup=_PARTITIONED + "CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw; "
         "CREATE FOREIGN TABLE pf PARTITION OF p FOR VALUES FROM (900) TO (1000) SERVER files "
         "OPTIONS (program 'echo 901,1,1', format 'csv')", query=_OF_P, follow=_INTO_P, next="FULL"),
    Case("unlogged_table", "an unlogged table as source: a crash would empty it unseen", "INSERT INTO u VALUES (2)",
         "FULL", "FULL_MODE", setup=_SETUP + "CREATE UNLOGGED TABLE u (id integer); INSERT INTO u VALUES (1)",
         query="SELECT count(*) AS n FROM u", next="FULL"),
    Case("inheritance", "a table with children by inheritance", "INSERT INTO child VALUES (500, 1, 1, 1)", "FULL", "FULL_MODE",
         setup=_SETUP + "CREATE TABLE child () INHERITS (s)", next="FULL"),
    Case("inheritance_child", "a child by inheritance as source, written through its parent", "UPDATE s SET k = 7", "FULL", "FULL_MODE",
         setup=_SETUP + "CREATE TABLE child () INHERITS (s); INSERT INTO child VALUES (500, 1, 1, 1)",
         query="SELECT k, count(*) AS n FROM child GROUP BY k", next="FULL"),
    Case("row_security", "a table with row-level security", "INSERT INTO s VALUES (602, 1, 1)", "FULL", "FULL_MODE",
         setup=_SETUP + "ALTER TABLE s ENABLE ROW LEVEL SECURITY", next="FULL"),
]  # fmt: skip

CASES = [*DML, *MECHANISMS, *PARTITIONS, *ALTERATIONS, *KINDS]
