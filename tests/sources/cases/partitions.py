"""Partitioned sources."""

from __future__ import annotations

from tests.sources.cases.case import ALTERED, DEGRADED, INTO_P, PARTITIONED, REINIT, SETUP, Case, of_p

_CHILD = "CREATE TABLE p3 PARTITION OF p FOR VALUES FROM (200) TO (300); "
_MERGE = "MERGE INTO p USING (VALUES {}) n(id) ON p.id = n.id WHEN MATCHED THEN"
PARTITIONS = [
    of_p(
        "partition_through_parent",
        "writes through the partitioned table",
        "INSERT INTO p VALUES (3, 1, 1), (103, 2, 2); UPDATE p SET v = v + 1 WHERE id > 90; DELETE FROM p WHERE id = 0",
    ),
    of_p(
        "partition_directly",
        "writes to a partition by its own name",
        "INSERT INTO p2 VALUES (102, 1, 3); UPDATE p1 SET v = 10",
    ),
    of_p(
        "partition_row_moves",
        "an UPDATE that moves rows between partitions",
        "UPDATE p SET id = id + 100 WHERE id < 50",
    ),
    of_p(
        "merge_moves",
        "a MERGE that moves rows between partitions",
        f"{_MERGE.format('(10), (20)')} UPDATE SET id = p.id + 100",
    ),
    of_p(
        "merge_moves_and_more",
        "a MERGE that moves some rows, deletes, updates and inserts others",
        f"{_MERGE.format('(10), (20), (30), (40), (77)').removesuffix(' THEN')} AND p.id = 20 THEN DELETE WHEN MATCHED "
        "AND p.id = 30 THEN UPDATE SET v = 0 WHEN MATCHED THEN UPDATE SET id = p.id + 100 "
        "WHEN NOT MATCHED THEN INSERT VALUES (n.id, 1, 1)",
    ),
    of_p(
        "merge_moves_in_functions",
        "MERGE that moves rows in functions and loops, beside other writes, one of them rolled back",
        (
            "CREATE FUNCTION shift() RETURNS void LANGUAGE plpgsql AS $$ BEGIN FOR i IN 1..2 LOOP "
            f"{_MERGE.format('(10), (20), (21)')} UPDATE SET id = p.id + 50 "
            "WHEN NOT MATCHED THEN INSERT VALUES (n.id, 2); END LOOP; DELETE FROM p WHERE id = 110; "
            "INSERT INTO p VALUES (1, 1, 1); END $$",
            "BEGIN; SELECT shift(); SAVEPOINT a; SELECT shift(); ROLLBACK TO a; DELETE FROM p WHERE id = 70; COMMIT",
        ),
    ),
    of_p(
        "merge_moves_by_expression",
        "a MERGE that moves rows between partitions by an expression",
        f"{_MERGE.format('(10), (20)')} UPDATE SET id = p.id + 1",
        setup="CREATE TABLE p (id integer, k integer, v integer) PARTITION BY LIST ((id % 2)); "
        "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (0); CREATE TABLE p2 PARTITION OF p DEFAULT; "
        "INSERT INTO p SELECT i, i % 3, i FROM generate_series(0, 50) i",
    ),
    of_p(
        "merge_moves_unclear",
        "a MERGE that moves rows, in a function in SQL, behind WITH, or by EXECUTE: "
        "which statement it is cannot be told",
        (
            "CREATE FUNCTION shift() RETURNS void LANGUAGE sql AS "
            f"'{_MERGE.format('(10)')} UPDATE SET id = p.id + 100'",
            "SELECT shift()",
        ),
        REINIT,
        "ROWS_MOVED",
    ),
    of_p(
        "merge_moves_beside_triggers",
        "a MERGE that moves rows that other row triggers change or suppress on their way",
        (
            "CREATE FUNCTION more() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.v := NEW.v + 1; RETURN NEW; END'",
            "CREATE TRIGGER more BEFORE INSERT ON p FOR EACH ROW EXECUTE FUNCTION more()",
            f"{_MERGE.format('(10)')} UPDATE SET id = p.id + 100",
        ),
        REINIT,
        "ROWS_MOVED",
    ),
    of_p(
        "partition_attach",
        "ATTACH PARTITION",
        "CREATE TABLE p3 (LIKE p); INSERT INTO p3 VALUES (201, 1, 1); "
        "ALTER TABLE p ATTACH PARTITION p3 FOR VALUES FROM (200) TO (300); INSERT INTO p3 VALUES (202, 1, 1)",
        REINIT,
        ALTERED,
    ),
    of_p("partition_detach", "DETACH PARTITION", "ALTER TABLE p DETACH PARTITION p2", REINIT, ALTERED),
    of_p(
        "partition_detached_then_written",
        "writes to a partition that was detached before the last refresh",
        (
            "ALTER TABLE p DETACH PARTITION p2",
            "refresh",
            "INSERT INTO p2 VALUES (150, 1, 1); DELETE FROM p2 WHERE id = 100",
        ),
        "NO_DATA",
        "NO_CHANGES",
    ),
    of_p("partition_drop", "DROP TABLE of a partition", "DROP TABLE p2", REINIT, ALTERED),
    of_p(
        "partition_created",
        "CREATE TABLE … PARTITION OF, and writes before the next refresh",
        (
            _CHILD,
            "INSERT INTO p VALUES (201, 1, 1)",
            "INSERT INTO p3 VALUES (202, 2, 1); DELETE FROM p3 WHERE id = 201",
        ),
    ),
    of_p(
        "partition_created_and_written_at_once",
        "CREATE TABLE … PARTITION OF and writes in one transaction",
        _CHILD + "INSERT INTO p3 VALUES (202, 2, 1); INSERT INTO p VALUES (203, 2, 1)",
    ),
    of_p(
        "partition_created_and_dropped",
        "a partition created, written and dropped between two refreshes",
        (_CHILD, "INSERT INTO p3 VALUES (202, 2, 1)", "DROP TABLE p3"),
        REINIT,
        ALTERED,
    ),
    of_p(
        "partition_created_and_detached",
        "a partition created, written and detached between two refreshes",
        (_CHILD, "INSERT INTO p3 VALUES (202, 2, 1)", "ALTER TABLE p DETACH PARTITION p3"),
        REINIT,
        ALTERED,
    ),
    of_p("partition_truncated", "TRUNCATE of one partition", "TRUNCATE p2", REINIT, "SOURCE_TRUNCATED"),
    of_p(
        "partition_of_partition",
        "a partition of a partition: created, written directly and through both parents",
        (
            "CREATE TABLE p3 PARTITION OF p FOR VALUES FROM (200) TO (300) PARTITION BY LIST (k)",
            "CREATE TABLE p31 PARTITION OF p3 DEFAULT",
            "INSERT INTO p31 VALUES (201, 1, 1)",
            "INSERT INTO p3 VALUES (202, 1, 1)",
            "INSERT INTO p VALUES (203, 1, 1)",
            "UPDATE p SET id = 5 WHERE id = 203",
        ),
    ),
    Case(
        "source_is_partition",
        "a partition read by its own name, written through its parent",
        "INSERT INTO p VALUES (3, 1, 1); UPDATE p SET id = 103 WHERE id = 10",
        "FULL",
        "FULL_MODE",
        setup=PARTITIONED,
        query="SELECT k, count(*) AS n FROM p1 GROUP BY k",
        follow=INTO_P,
        next="FULL",
    ),
    Case(
        "source_becomes_partition",
        "a source is attached to a partitioned table, and written through it",
        ("ALTER TABLE q ATTACH PARTITION s DEFAULT", "INSERT INTO q VALUES (3000, 1, 1, 1)"),
        *DEGRADED,
        setup=SETUP
        + "CREATE TABLE q (id integer NOT NULL, k integer, v numeric(8,2), other integer) PARTITION BY LIST (k)",
        next="FULL",
    ),
    of_p(
        "partition_attached_and_detached",
        "ATTACH PARTITION, an UPDATE through the parent, and DETACH",
        (
            "CREATE TABLE p3 (LIKE p); INSERT INTO p3 VALUES (201, 1, 1)",
            "ALTER TABLE p ATTACH PARTITION p3 FOR VALUES FROM (200) TO (300)",
            "UPDATE p SET v = v + 5 WHERE id = 201",
            "ALTER TABLE p DETACH PARTITION p3",
        ),
        REINIT,
        ALTERED,
    ),
    Case(
        "source_was_partition",
        "a source is attached to a partitioned table, written through it, and detached",
        (
            "CREATE TABLE whole (LIKE s) PARTITION BY RANGE (id); ALTER TABLE whole ALTER id SET NOT NULL",
            "ALTER TABLE whole ATTACH PARTITION s FOR VALUES FROM (0) TO (10000)",
            "INSERT INTO whole (id, k, v) VALUES (400, 1, 1)",
            "ALTER TABLE whole DETACH PARTITION s",
        ),
        REINIT,
        ALTERED,
    ),
]
