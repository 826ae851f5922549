-- schema
CREATE TABLE t0 (t0_id integer, t0_c0 timestamp, t0_c1 text, t0_c2 integer NOT NULL DEFAULT 1, PRIMARY KEY (t0_id));
-- definition d0 cte intersect_all
WITH q3 AS (SELECT q1.t0_c0 AS c0, q1.t0_c1 AS c1 FROM t0 q1 INTERSECT ALL SELECT q2.t0_c0 AS c0, q2.t0_c1 AS c1 FROM t0 q2) SELECT q4.c1 AS c0, q4.c0 AS c1, q5.c1 AS c2 FROM q3 q4 JOIN q3 q5 ON q4.c0 = q5.c0
-- definition d1 aggregate
SELECT coalesce(q1.c0, 'x'::text) AS c0, (min(CASE WHEN (q1.c0 >= 'yz'::text) THEN q1.c0 ELSE q1.c0 END))::text AS c1 FROM d0 q1 GROUP BY 1
-- write
UPDATE t0 SET t0_c0 = '2024-01-08 00:00';
UPDATE t0 SET t0_c1 = t0_c1 WHERE t0_c2 = 1::integer
-- write
UPDATE t0 SET t0_c0 = t0_c0 WHERE t0_c0 = '2024-01-01 10:00'::timestamp;
INSERT INTO t0 (t0_id, t0_c0, t0_c1, t0_c2) SELECT i, CASE i % 2 WHEN 0 THEN '2024-01-01 10:00'::timestamp ELSE '2024-02-29 23:59:59'::timestamp END, CASE i % 2 WHEN 0 THEN ''::text ELSE 'x'::text END, CASE i % 2 WHEN 0 THEN 3::integer ELSE 1::integer END FROM generate_series(2, 5) i ON CONFLICT (t0_id) DO UPDATE SET t0_c0 = excluded.t0_c0, t0_c1 = excluded.t0_c1, t0_c2 = excluded.t0_c2
-- refresh
-- write
INSERT INTO t0 (t0_id, t0_c0, t0_c1, t0_c2) SELECT i, CASE i % 2 WHEN 0 THEN '2024-02-29 23:59:59'::timestamp ELSE '2024-02-29 23:59:59'::timestamp END, CASE i % 2 WHEN 0 THEN 'y'::text ELSE 'yz'::text END, CASE i % 2 WHEN 0 THEN 1::integer ELSE 0::integer END FROM generate_series(1, 3) i ON CONFLICT (t0_id) DO UPDATE SET t0_c0 = excluded.t0_c0, t0_c1 = excluded.t0_c1, t0_c2 = excluded.t0_c2;
INSERT INTO t0 (t0_id, t0_c0, t0_c1, t0_c2) SELECT i, CASE i % 2 WHEN 0 THEN '2024-01-08 00:00'::timestamp ELSE '2024-01-08 00:00'::timestamp END, CASE i % 2 WHEN 0 THEN NULL::text ELSE 'x'::text END, CASE i % 2 WHEN 0 THEN 3::integer ELSE 3::integer END FROM generate_series(4, 7) i ON CONFLICT (t0_id) DO UPDATE SET t0_c0 = excluded.t0_c0, t0_c1 = excluded.t0_c1, t0_c2 = excluded.t0_c2
-- write
DELETE FROM t0 WHERE t0_c0 = '2024-02-29 23:59:59'::timestamp;
UPDATE t0 SET t0_c1 = NULL::text WHERE t0_id % 2 = 1
-- refresh
