-- schema
CREATE TYPE amount AS (unit text, n numeric);
-- schema
CREATE TABLE t (id int PRIMARY KEY, g text, n numeric, f float8, iv interval, jb jsonb, c bpchar, am amount, r numrange, a numeric[]);
-- schema
INSERT INTO t SELECT i, 'g' || i % 2, 1.0, 0.0, '1 day', '{"n": 1.0}', 'c', ROW('kg', 1.0)::amount, '[1.0,2.0)', '{1.0}' FROM generate_series(1, 6) i;
-- definition by_n
SELECT n, count(*) AS k FROM t GROUP BY n
-- definition by_n_as_text
SELECT n::text AS n, f::text AS f, extract(day FROM iv) AS days, count(*) AS k FROM t GROUP BY n, f, iv
-- definition distinct_rows
SELECT DISTINCT n, f, iv, jb, c, am, r, a FROM t
-- definition recomputed
SELECT n, iv, string_agg(g, ',' ORDER BY id) AS s FROM t GROUP BY n, iv
-- definition with_extremes
SELECT jb, am, max(id) AS m, count(*) AS k FROM t GROUP BY jb, am
-- definition of_groups
SELECT k, n FROM (SELECT n, count(*) AS k FROM t GROUP BY n) q
-- definition union_rows
SELECT n, c FROM t WHERE id < 4 UNION SELECT n, c FROM t WHERE id > 2
-- definition except_rows
SELECT n, iv FROM t EXCEPT SELECT n + 1, iv FROM t
-- definition sums
SELECT g, sum(n) AS s, sum(n)::text AS printed, sum(n) / 7 AS seventh, sum(CASE WHEN id > 3 THEN n ELSE 0 END) AS some FROM t GROUP BY g
-- definition sum_of_all
SELECT sum(n)::text AS s, count(*) AS k FROM t
-- definition sum_of_sums
SELECT sum(s)::text AS s FROM (SELECT g, sum(n) AS s FROM t GROUP BY g) q
-- definition extremes
SELECT g, max(n)::text AS m, min(iv)::text AS i FROM t GROUP BY g
-- refresh
printed
-- write
UPDATE t SET n = 1.00, f = '-0.0', iv = '24 hours', jb = '{"n": 1.00}', c = 'c  ', am = ROW('kg', 1.00)::amount, r = '[1.00,2.000)', a = '{1.00}'
-- refresh
printed
-- write
INSERT INTO t (id, g, n, f, iv, jb, c, am) VALUES (10, 'g0', 1.00000000000000000000000001, 1, '2 days', '1', 'd', NULL), (11, 'g1', NULL, NULL, NULL, NULL, NULL, ROW(NULL, NULL)::amount)
-- refresh
printed
-- write
DELETE FROM t WHERE id IN (1, 10); UPDATE t SET n = 1 WHERE id = 2
-- refresh
-- write
UPDATE t SET n = 1.0, f = 0, iv = '1 day' WHERE id = 3
-- refresh
-- write
DELETE FROM t WHERE id <> 3
-- refresh
printed
-- write
UPDATE t SET n = 'NaN'; INSERT INTO t (id, g, n) VALUES (20, 'g1', 2.50), (21, 'g0', 'Infinity')
-- refresh
printed
-- write
DELETE FROM t WHERE n IN ('NaN', 'Infinity'); INSERT INTO t (id, g, n) VALUES (22, 'g0', 2.50)
-- refresh
printed
-- write
DELETE FROM t; INSERT INTO t (id, g, n) VALUES (1, 'g0', 2)
-- refresh
printed
