"""Statements that write a source."""

from __future__ import annotations

from tests.sources.cases.case import REINIT, SETUP, Case

DML = [
    Case(
        "insert_update_delete",
        "INSERT, UPDATE, DELETE",
        "INSERT INTO s VALUES (51, 1, 1, 1); UPDATE s SET k = 3 WHERE id < 9; DELETE FROM s WHERE id BETWEEN 20 AND 30",
    ),
    Case(
        "merge",
        "MERGE",
        "MERGE INTO s USING (VALUES (1, 99), (2, 0), (3000, 3)) AS n(id, v) ON s.id = n.id "
        "WHEN MATCHED AND n.v = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET v = n.v "
        "WHEN NOT MATCHED THEN INSERT VALUES (n.id, 4, n.v)",
    ),
    Case(
        "on_conflict_do_update",
        "INSERT … ON CONFLICT DO UPDATE",
        "INSERT INTO s VALUES (1, 1, 1), (4000, 1, 1) ON CONFLICT (id) DO UPDATE SET k = 3",
    ),
    Case(
        "on_conflict_do_nothing",
        "INSERT … ON CONFLICT DO NOTHING, all rows in conflict",
        "INSERT INTO s VALUES (1, 1, 1) ON CONFLICT DO NOTHING",
        "NO_DATA",
        "NO_CHANGES",
    ),
    Case(
        "zero_rows",
        "a statement that touches no row",
        "UPDATE s SET v = 1 WHERE false; DELETE FROM s WHERE false",
        "NO_DATA",
        "NO_CHANGES",
    ),
    Case("no_change", "an UPDATE that changes nothing", "UPDATE s SET v = v"),
    Case("only_unused_column", "an UPDATE of a column that no reader uses", "UPDATE s SET other = other + 1"),
    Case("truncate", "TRUNCATE", "TRUNCATE s", REINIT, "SOURCE_TRUNCATED"),
    Case(
        "truncate_and_insert",
        "TRUNCATE and INSERT in one transaction",
        "TRUNCATE s; INSERT INTO s VALUES (1, 1, 1, 1)",
        REINIT,
        "SOURCE_TRUNCATED",
    ),
    Case(
        "truncate_cascade",
        "TRUNCATE … CASCADE of a table that the source refers to",
        "TRUNCATE parent CASCADE",
        REINIT,
        "SOURCE_TRUNCATED",
        setup=SETUP + "CREATE TABLE parent (id integer PRIMARY KEY); INSERT INTO parent VALUES (1);"
        "ALTER TABLE s ADD r integer REFERENCES parent",
    ),
    Case(
        "savepoint_rolled_back",
        "a savepoint that is rolled back",
        "BEGIN; INSERT INTO s VALUES (60, 1, 1, 1); SAVEPOINT a; DELETE FROM s; ROLLBACK TO a; "
        "INSERT INTO s VALUES (61, 2, 1, 1); COMMIT",
    ),
    Case(
        "subtransactions",
        "subtransactions, some of which fail",
        "DO $$ BEGIN FOR i IN 100..199 LOOP BEGIN INSERT INTO s VALUES (i, i % 7, i, i); "
        "IF i % 3 = 0 THEN RAISE EXCEPTION 'no'; END IF; EXCEPTION WHEN raise_exception THEN NULL; END; END "
        "LOOP; END $$",
    ),
    Case("rolled_back", "a transaction that is rolled back", "BEGIN; DELETE FROM s; ROLLBACK", "NO_DATA", "NO_CHANGES"),
    Case(
        "replica_role",
        "writes under session_replication_role = replica",
        "SET session_replication_role = replica; DELETE FROM s WHERE id = 7",
    ),
    Case(
        "two_phase_commit",
        "PREPARE TRANSACTION … COMMIT PREPARED",
        (
            "BEGIN; INSERT INTO s VALUES (70, 1, 1, 1); DELETE FROM s WHERE id = 1; PREPARE TRANSACTION 'dt_test'",
            "COMMIT PREPARED 'dt_test'",
        ),
    ),
]
