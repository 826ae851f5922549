-- schema
CREATE TABLE t0 (t0_id integer, t0_c0 numeric, PRIMARY KEY (t0_id));
-- schema
CREATE TABLE t1 (t1_id integer, t1_c0 integer, t1_c1 integer, t1_c2 integer, PRIMARY KEY (t1_id));
-- schema
INSERT INTO t0 (t0_id, t0_c0) SELECT i, CASE i % 2 WHEN 0 THEN 1::numeric ELSE 1::numeric END FROM generate_series(1, 1) i ON CONFLICT (t0_id) DO UPDATE SET t0_c0 = excluded.t0_c0;
-- schema
INSERT INTO t1 (t1_id, t1_c0, t1_c1, t1_c2) SELECT i, CASE i % 2 WHEN 0 THEN 1::integer ELSE NULL::integer END, CASE i % 2 WHEN 0 THEN NULL::integer ELSE 1::integer END, CASE i % 2 WHEN 0 THEN 1::integer ELSE 1::integer END FROM generate_series(1, 1) i ON CONFLICT (t1_id) DO UPDATE SET t1_c0 = excluded.t1_c0, t1_c1 = excluded.t1_c1, t1_c2 = excluded.t1_c2;
-- definition d0 project scalar_in_select
SELECT q2.c0 AS c0, (SELECT (count(*))::integer FROM t1 q3 WHERE q2.c0 IS NOT NULL AND q3.t1_id IS NOT NULL) AS c1 FROM (SELECT q1.t0_c0 AS c0 FROM t0 q1) q2
-- write
INSERT INTO t0 (t0_id, t0_c0) SELECT i, CASE i % 2 WHEN 0 THEN 1::numeric ELSE 1::numeric END FROM generate_series(1, 1) i ON CONFLICT (t0_id) DO UPDATE SET t0_c0 = excluded.t0_c0
-- refresh
