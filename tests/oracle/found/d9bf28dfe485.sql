-- schema
CREATE TABLE t (id integer PRIMARY KEY, k integer, v needed, w needed);
-- schema
CREATE TABLE u (id integer, k integer, v needed, w needed);
-- definition d0 alike types
SELECT t.id, u.id AS other FROM t JOIN u ON t.v IS NOT DISTINCT FROM u.v
-- definition d1 looked_up types
SELECT id, (SELECT max(u.id) FROM u WHERE u.k <= t.k AND t.v IS NOT NULL) AS m FROM t
-- write
INSERT INTO t SELECT i, i % 2, CASE i % 3 WHEN 0 THEN 1::needed ELSE 1::needed END, 1::needed FROM generate_series(1, 3) i WHERE NOT EXISTS (SELECT FROM t WHERE id = i)
-- refresh
-- write
INSERT INTO t SELECT i, i % 2, CASE i % 3 WHEN 0 THEN 1::needed ELSE 1::needed END, 1::needed FROM generate_series(1, 3) i WHERE NOT EXISTS (SELECT FROM t WHERE id = i)
-- refresh
