-- schema
CREATE TYPE money_amt AS (cur text, amt numeric);
CREATE TYPE pt2 AS (x int, y int);
CREATE TABLE e (id int PRIMARY KEY, r int4range NOT NULL, ts timestamp NOT NULL, jb jsonb NOT NULL, c pt2, cn pt2 NOT NULL, f float8 NOT NULL, big bigint, h text, a int[] NOT NULL);
CREATE TABLE e2 (id int, c pt2, k text, amt numeric(8,2));
INSERT INTO e SELECT i, CASE i%3 WHEN 0 THEN 'empty'::int4range WHEN 1 THEN int4range(NULL,5) ELSE int4range(1,i) END, CASE i%3 WHEN 0 THEN 'infinity'::timestamp ELSE '2024-01-01'::timestamp + i*'1 day'::interval END, CASE i%3 WHEN 0 THEN 'null'::jsonb ELSE to_jsonb(i%2) END,
 CASE i%4 WHEN 0 THEN NULL WHEN 1 THEN ROW(NULL,NULL)::pt2 WHEN 2 THEN ROW(1,NULL)::pt2 ELSE ROW(1,2)::pt2 END, CASE i%3 WHEN 0 THEN ROW(NULL,NULL)::pt2 ELSE ROW(i%2,NULL)::pt2 END, i, 9223372036854775000 , 'h'||i%3, CASE i%2 WHEN 0 THEN '{}'::int[] ELSE '{1,NULL}' END FROM generate_series(1,12) i;
INSERT INTO e2 SELECT i%5, CASE i%4 WHEN 0 THEN NULL WHEN 1 THEN ROW(NULL,NULL)::pt2 WHEN 2 THEN ROW(1,NULL)::pt2 ELSE ROW(1,2)::pt2 END, 'k'||i%2, i FROM generate_series(1,12) i;
-- schema
CREATE TABLE nv (id int, k int, v jsonb NOT NULL); INSERT INTO nv VALUES (1, NULL, '1'), (2, NULL, 'null'), (3, 1, 'null'); ALTER TABLE nv ADD CONSTRAINT later NOT NULL k NOT VALID; CREATE AGGREGATE "Mul"(numeric) (sfunc = numeric_mul, stype = numeric, initcond = 1);
-- definition not_valid
SELECT k, count(*) AS n FROM nv GROUP BY k
-- definition not_valid_recomputed
SELECT k, "Mul"(id) AS m FROM nv GROUP BY k
-- definition jsonb_null
SELECT v::int AS v, count(*) AS n FROM nv GROUP BY v::int
-- definition one_group
SELECT count(*) AS n FROM nv GROUP BY ()
-- definition low
SELECT lower(r) l, count(*), sum(id) s FROM e GROUP BY lower(r)
-- definition low_and_high
SELECT lower(r) l, upper(r) u, string_agg(h, ',' ORDER BY id) FROM e GROUP BY 1, 2
-- definition ext
SELECT extract(month FROM ts) m, count(*), max(id) FROM e GROUP BY 1
-- definition extw
SELECT id, count(*) OVER (PARTITION BY extract(day FROM ts)) FROM e
-- definition exts
SELECT extract(month FROM ts) m, string_agg(h, ',' ORDER BY id) FROM e GROUP BY 1
-- definition arrl
SELECT length(h) l, array_length(a, 1) al, string_agg(h, ',' ORDER BY id) FROM e GROUP BY 1, 2
-- definition cc
SELECT h, count(c) a, count(*) b, count(cn) d FROM e GROUP BY h
-- definition cg
SELECT c, count(*), string_agg(h, ',' ORDER BY id) s FROM e GROUP BY c
-- definition cgn
SELECT cn, string_agg(h, ',' ORDER BY id) s, count(*) FROM e GROUP BY cn
-- definition cgm
SELECT c, cn, count(*), max(id) FROM e GROUP BY c, cn
-- definition cd
SELECT DISTINCT c FROM e
-- definition cw
SELECT id, c, count(*) OVER (PARTITION BY c) n FROM e
-- definition clj
SELECT e.id, e2.k, e2.c FROM e LEFT JOIN e2 ON e.c IS NOT DISTINCT FROM e2.c
-- definition cin
SELECT id FROM e WHERE c IN (SELECT c FROM e2 WHERE id > 2)
-- definition cnin
SELECT id, c NOT IN (SELECT c FROM e2 WHERE id = 3) x FROM e
-- definition cex
SELECT c FROM e EXCEPT ALL SELECT c FROM e2
-- definition cint
SELECT c, id FROM e INTERSECT SELECT c, id FROM e2
-- definition cnull
SELECT id FROM e WHERE c IS NULL OR cn IS NOT NULL
-- definition cattr
SELECT (c).x, (c).y, count(*) FROM e GROUP BY (c).x, (c).y
-- definition fullj
SELECT e.id, e2.id id2, e.c, e2.c c2 FROM e FULL JOIN e2 ON e.id = e2.id AND e.h = 'h1'
-- definition aggj
SELECT e2.k, count(e.c) n, count(e.id) m, sum(e2.amt) FROM e2 LEFT JOIN e ON e.id = e2.id GROUP BY e2.k
-- definition scal
SELECT e.id, (SELECT e2.c FROM e2 WHERE e2.k = 'k9') x, (SELECT count(e2.c) FROM e2 WHERE e2.id = e.id) n FROM e
-- definition case_agg
SELECT h, CASE WHEN count(c) > 1 THEN max(id) END FROM e GROUP BY h HAVING count(c) < 4
-- refresh
-- write
INSERT INTO e SELECT id + 100, r, ts, jb, c, cn, -f, big, h, a FROM e WHERE id < 7
-- refresh
-- write
DELETE FROM nv WHERE id = 1; INSERT INTO nv VALUES (5, 1, 'null'), (6, 2, '1'); DELETE FROM e WHERE id IN (3, 6, 1)
-- refresh
-- write
UPDATE e SET r = 'empty', ts = '-infinity' WHERE id > 8; UPDATE e SET c = ROW(NULL,NULL)::pt2 WHERE c IS NOT DISTINCT FROM NULL::pt2
-- refresh
-- write
UPDATE e SET c = NULL WHERE id % 2 = 0; UPDATE e2 SET c = ROW(NULL, 3)::pt2 WHERE k = 'k1'; UPDATE e SET cn = ROW(NULL,NULL)::pt2 WHERE id < 9
-- refresh
-- write
UPDATE e SET jb = 'null', ts='2024-01-03', f = 'Infinity' WHERE id % 3 = 0; UPDATE e SET a = '[0:1]={1,2}' WHERE id % 2 = 0
-- refresh
-- write
DELETE FROM e
-- refresh
