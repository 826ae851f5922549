-- schema
CREATE TABLE t0 (t0_id integer, t0_c0 numeric, t0_c1 integer, PRIMARY KEY (t0_id));
-- schema
CREATE TABLE t1 (t1_id integer, t1_c0 numeric(10,2) NOT NULL DEFAULT 1.50, t1_c1 numeric(10,2) NOT NULL DEFAULT 1.50, t1_c2 numeric, PRIMARY KEY (t1_id));
-- schema
INSERT INTO t0 (t0_id, t0_c0, t0_c1) SELECT i, CASE i % 2 WHEN 0 THEN 1::numeric ELSE 1::numeric END, CASE i % 2 WHEN 0 THEN NULL::integer ELSE 1::integer END FROM generate_series(1, 1) i ON CONFLICT (t0_id) DO UPDATE SET t0_c0 = excluded.t0_c0, t0_c1 = excluded.t0_c1;
-- schema
INSERT INTO t1 (t1_id, t1_c0, t1_c1, t1_c2) SELECT i, CASE i % 2 WHEN 0 THEN 1.50::numeric(10,2) ELSE 1.50::numeric(10,2) END, CASE i % 2 WHEN 0 THEN 1.50::numeric(10,2) ELSE 1.50::numeric(10,2) END, CASE i % 2 WHEN 0 THEN 1::numeric ELSE NULL::numeric END FROM generate_series(1, 1) i ON CONFLICT (t1_id) DO UPDATE SET t1_c0 = excluded.t1_c0, t1_c1 = excluded.t1_c1, t1_c2 = excluded.t1_c2;
-- definition d0 full_join intersect_all
SELECT q1.t0_id AS c0 FROM t0 q1 INTERSECT ALL SELECT q4.c0 AS c0 FROM (SELECT q2.t1_id AS c0 FROM t1 q2 FULL JOIN t0 q3 ON q2.t1_id = q3.t0_id) q4
-- definition d1 except_all
SELECT q1.t0_id AS c0, q1.t0_c0 AS c1 FROM t0 q1 EXCEPT ALL SELECT q2.t1_id AS c0, q2.t1_c2 AS c1 FROM t1 q2
-- write
DELETE FROM t0 WHERE t0_id = 1
-- write
INSERT INTO t0 (t0_id, t0_c0, t0_c1) SELECT i, CASE i % 2 WHEN 0 THEN 1::numeric ELSE 1::numeric END, CASE i % 2 WHEN 0 THEN NULL::integer ELSE NULL::integer END FROM generate_series(1, 3) i ON CONFLICT (t0_id) DO UPDATE SET t0_c0 = excluded.t0_c0, t0_c1 = excluded.t0_c1
-- write
INSERT INTO t0 (t0_id, t0_c0, t0_c1) SELECT i, CASE i % 2 WHEN 0 THEN 1::numeric ELSE 1::numeric END, CASE i % 2 WHEN 0 THEN 1::integer ELSE 1::integer END FROM generate_series(1, 1) i ON CONFLICT (t0_id) DO UPDATE SET t0_c0 = excluded.t0_c0, t0_c1 = excluded.t0_c1
-- refresh
-- late
UPDATE t0 SET t0_c0 = 1.0
-- write
DELETE FROM t1 WHERE t1_id = 1
-- write
INSERT INTO t1 (t1_id, t1_c0, t1_c1, t1_c2) SELECT i, CASE i % 2 WHEN 0 THEN 1.50::numeric(10,2) ELSE 1.50::numeric(10,2) END, CASE i % 2 WHEN 0 THEN 1.50::numeric(10,2) ELSE 1.50::numeric(10,2) END, CASE i % 2 WHEN 0 THEN NULL::numeric ELSE 1::numeric END FROM generate_series(1, 1) i ON CONFLICT (t1_id) DO UPDATE SET t1_c0 = excluded.t1_c0, t1_c1 = excluded.t1_c1, t1_c2 = excluded.t1_c2
-- write
DELETE FROM t1 WHERE t1_id = 1
-- refresh
-- commit
-- refresh
-- write
UPDATE t0 SET t0_id = t0_id + 100 WHERE t0_id < 100 AND NOT EXISTS (SELECT 1 FROM t0 WHERE t0_id >= 100)
-- refresh
