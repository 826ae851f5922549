-- schema
CREATE TABLE t0 (t0_id integer, t0_c0 integer NOT NULL DEFAULT 1, t0_c1 integer, t0_c2 integer, PRIMARY KEY (t0_id));
-- schema
INSERT INTO t0 (t0_id, t0_c0, t0_c1, t0_c2) SELECT i, CASE i % 2 WHEN 0 THEN 1::integer ELSE 1::integer END, CASE i % 2 WHEN 0 THEN 1::integer ELSE 1::integer END, CASE i % 2 WHEN 0 THEN 1::integer ELSE 1::integer END FROM generate_series(1, 2) i ON CONFLICT (t0_id) DO UPDATE SET t0_c0 = excluded.t0_c0, t0_c1 = excluded.t0_c1, t0_c2 = excluded.t0_c2;
-- definition d0 join_using limit
SELECT k AS c0, a.v AS c1, b.v AS c2 FROM (SELECT q2.c0 AS k, q2.c0 AS v FROM (SELECT q1.t0_id AS c0 FROM t0 q1 ORDER BY q1.t0_id, q1.t0_c0, q1.t0_c1, q1.t0_c2 LIMIT 1) q2) a JOIN (SELECT q3.t0_id AS k, q3.t0_id AS v FROM t0 q3) b USING (k)
-- definition d1 project
SELECT q1.t0_id AS c0 FROM t0 q1
-- write
DELETE FROM t0 WHERE t0_id = 1
-- refresh
