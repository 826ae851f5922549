"""Sources that are not plain tables."""

from __future__ import annotations

from tests.sources.cases.case import ALTERED, INTO_P, OF_P, PARTITIONED, REINIT, SETUP, Case

_VIEW = "CREATE VIEW w AS SELECT id, k, v FROM s WHERE id > 5; CREATE VIEW w2 AS SELECT k, v FROM w WHERE k <> 4; "
_OF_W = "SELECT k, count(*) AS n, sum(v) AS total FROM w2 GROUP BY k"
KINDS = [
    Case(
        "view",
        "writes below nested views",
        "DELETE FROM s WHERE id = 7; UPDATE w SET k = 4 WHERE id = 8",
        setup=SETUP + _VIEW,
        query=_OF_W,
    ),
    Case(
        "view_redefined",
        "a view redefined",
        "CREATE OR REPLACE VIEW w AS SELECT id, k, v FROM s WHERE id > 10",
        REINIT,
        ALTERED,
        setup=SETUP + _VIEW,
        query=_OF_W,
    ),
    Case(
        "view_reads_another_table",
        "a view redefined to read another table, and writes to that",
        ("CREATE OR REPLACE VIEW w AS SELECT id, k, v FROM z", "INSERT INTO z VALUES (1, 1, 1)"),
        REINIT,
        ALTERED,
        setup=SETUP + _VIEW + "CREATE TABLE z (id integer, k integer, v numeric(8,2))",
        query=_OF_W,
        follow="INSERT INTO z VALUES (2, 1, 1)",
    ),
    Case(
        "table_below_view_renamed",
        "a table below a view renamed",
        ("ALTER TABLE s RENAME TO s2", "DELETE FROM s2 WHERE id = 7"),
        setup=SETUP + _VIEW,
        query=_OF_W,
        follow="DELETE FROM s2 WHERE id = 8",
    ),
    Case(
        "materialized_view",
        "REFRESH MATERIALIZED VIEW of a source",
        "DELETE FROM s WHERE id < 9; REFRESH MATERIALIZED VIEW mv",
        "FULL",
        "FULL_MODE",
        setup=SETUP + "CREATE MATERIALIZED VIEW mv AS SELECT * FROM s",
        query="SELECT k, count(*) AS n FROM mv GROUP BY k",
        next="FULL",
    ),
    Case(
        "foreign_table",
        "a foreign table as source",
        "INSERT INTO s VALUES (601, 1, 1)",
        "FULL",
        "FULL_MODE",
        setup=SETUP + "CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw; "
        "CREATE FOREIGN TABLE ft (name text) SERVER files OPTIONS (program 'echo a')",
        query="SELECT s.k, ft.name FROM s, ft",
        next="FULL",
    ),
    Case(
        "foreign_partition",
        "a partitioned table with a foreign table as partition",
        "INSERT INTO p VALUES (3, 1, 1)",
        "FULL",
        "FULL_MODE",
        setup=PARTITIONED + "CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw; "
        "CREATE FOREIGN TABLE pf PARTITION OF p FOR VALUES FROM (900) TO (1000) SERVER files "
        "OPTIONS (program 'echo 901,1,1', format 'csv')",
        query=OF_P,
        follow=INTO_P,
        next="FULL",
    ),
    Case(
        "unlogged_table",
        "an unlogged table as source: a crash would empty it unseen",
        "INSERT INTO u VALUES (2)",
        "FULL",
        "FULL_MODE",
        setup=SETUP + "CREATE UNLOGGED TABLE u (id integer); INSERT INTO u VALUES (1)",
        query="SELECT count(*) AS n FROM u",
        next="FULL",
    ),
    Case(
        "inheritance",
        "a table with children by inheritance",
        "INSERT INTO child VALUES (500, 1, 1, 1)",
        "FULL",
        "FULL_MODE",
        setup=SETUP + "CREATE TABLE child () INHERITS (s)",
        next="FULL",
    ),
    Case(
        "inheritance_child",
        "a child by inheritance as source, written through its parent",
        "UPDATE s SET k = 7",
        "FULL",
        "FULL_MODE",
        setup=SETUP + "CREATE TABLE child () INHERITS (s); INSERT INTO child VALUES (500, 1, 1, 1)",
        query="SELECT k, count(*) AS n FROM child GROUP BY k",
        next="FULL",
    ),
    Case(
        "row_security",
        "a table with row-level security",
        "INSERT INTO s VALUES (602, 1, 1)",
        "FULL",
        "FULL_MODE",
        setup=SETUP + "ALTER TABLE s ENABLE ROW LEVEL SECURITY",
        next="FULL",
    ),
]
