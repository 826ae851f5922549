-- schema
CREATE TABLE t0 (t0_id integer, t0_c0 numeric);
-- schema
CREATE TABLE t1 (t1_id integer, t1_c0 integer, t1_c1 text, t1_c2 integer, PRIMARY KEY (t1_id));
-- schema
INSERT INTO t0 (t0_id, t0_c0) SELECT 1, CASE i % 2 WHEN 0 THEN 1::numeric ELSE 1.0::numeric END FROM generate_series(1, 1) i;
-- definition d0 generate_series scalar_in_select
SELECT q3.c0 AS c0, s.v AS c1 FROM (SELECT q1.t0_id AS c0, (SELECT (count(*))::integer FROM t0 q2) AS c1 FROM t0 q1) q3, generate_series(1, least(coalesce(q3.c0, 1::integer), 4)) AS s(v)
-- write
INSERT INTO t0 (t0_id, t0_c0) SELECT 2, CASE i % 2 WHEN 0 THEN 1::numeric ELSE 1::numeric END FROM generate_series(1, 1) i
-- refresh
