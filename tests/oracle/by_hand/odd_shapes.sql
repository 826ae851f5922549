-- schema
CREATE TABLE t (id int PRIMARY KEY, g int, x int, s text);
-- schema
CREATE TABLE u (k int, y int);
-- schema
CREATE TABLE unread (k int);
-- schema
INSERT INTO t VALUES (1, 1, 5, 'a'), (2, 1, 7, 'b'), (3, 2, NULL, 'a');
-- schema
INSERT INTO u VALUES (1, 4), (2, 9), (NULL, 3);
-- definition asked_without_from
SELECT EXISTS (SELECT FROM t WHERE x > 8) AS a, 9 IN (SELECT x FROM t) AS b, 9 < ANY (SELECT x FROM t) AS c, 9 > ALL (SELECT x FROM t) AS d, (SELECT max(x) FROM t) AS e
-- definition conditions_without_from
SELECT 'late' AS what WHERE 9 IN (SELECT x FROM t) UNION ALL SELECT 'early' WHERE NOT EXISTS (SELECT FROM u WHERE y > 8)
-- definition nothing_if
SELECT WHERE EXISTS (SELECT FROM u WHERE y > 8)
-- definition padded_row
SELECT a.v, b.w FROM (SELECT 1 AS v) a LEFT JOIN (SELECT 2 AS w WHERE EXISTS (SELECT FROM u WHERE y > 8)) b ON true
-- definition asked_for_each
SELECT id, e FROM t, LATERAL (SELECT EXISTS (SELECT FROM u WHERE y > t.x) AS e) l
-- definition values_that_ask
SELECT a, b FROM (VALUES ((SELECT count(*) FROM t), EXISTS (SELECT FROM u WHERE y > 8))) v (a, b)
-- definition outer_aggregates
SELECT g, (SELECT count(*) FROM u f WHERE f.y > max(o.x)) AS a, (SELECT sum(f.y) + max(o.x) FROM u f) AS b, (SELECT min(o.x)) AS c, max(o.x) IN (SELECT y FROM u f WHERE f.y > min(o.x)) AS d, (SELECT count(*) FROM u f WHERE f.y > count(*) FILTER (WHERE o.x > 3)) AS e FROM t o GROUP BY g
-- definition outer_aggregate_of_all
SELECT (SELECT count(*) FROM u f WHERE f.y > max(o.x)) AS n FROM t o
-- definition outer_aggregate_deep
SELECT g, (SELECT count(*) FROM u f WHERE EXISTS (SELECT FROM t b WHERE b.x = max(o.x) AND b.id = f.k)) AS i FROM t o GROUP BY g HAVING EXISTS (SELECT FROM u f WHERE f.y > count(o.x))
-- definition grouped_by_outer
SELECT id, (SELECT count(*) FROM u w WHERE w.y > r.x GROUP BY r.x) AS a, (SELECT count(*) FROM u w WHERE w.k = r.x GROUP BY r.x) AS b, (SELECT count(*) FROM u w WHERE w.k = r.id GROUP BY r.x + 1) AS c FROM t r
-- definition grouped_by_outer_and_inner
SELECT id, n FROM t r, LATERAL (SELECT w.k, r.x, count(*) AS n FROM u w GROUP BY w.k, r.x) l WHERE EXISTS (SELECT count(*) FROM u w WHERE w.k = r.id GROUP BY r.x HAVING count(*) > 1)
-- definition values_in_with
WITH w (a, n) AS (VALUES (1, 10), (2, 20), (1, 30)), o (a) AS (VALUES (3), (2), (1) ORDER BY 1 LIMIT 2) SELECT id, n FROM t JOIN w ON w.a = g WHERE g IN (SELECT a FROM o)
-- definition values_in_with_that_ask
WITH w (a) AS (VALUES ((SELECT max(x) FROM t), EXISTS (SELECT FROM u WHERE y > 8))) SELECT id, a, column2 FROM t, w
-- definition more_columns_than_names
WITH w (a) AS (SELECT id, x FROM t) SELECT a, x FROM w
-- definition most
SELECT id FROM t ORDER BY id LIMIT 2147483647 OFFSET 1
-- definition most_of_all
SELECT * FROM t ORDER BY g FETCH FIRST 9223372036854775807 ROWS WITH TIES
-- definition most_of_each
SELECT r.id, l.y, (SELECT y FROM u WHERE k = r.id ORDER BY y LIMIT 1 OFFSET 9223372036854775807) AS z FROM t r, LATERAL (SELECT y FROM u WHERE u.k = r.id ORDER BY y LIMIT 9223372036854775807 OFFSET 1) l
-- definition most_by_expression
SELECT id FROM t ORDER BY id LIMIT (9223372036854775806 + 1)::bigint
-- definition no_columns
SELECT FROM t WHERE x > 6
-- definition no_columns_joined
SELECT FROM t FULL JOIN u ON t.id = u.k
-- definition no_columns_together
SELECT FROM t UNION ALL SELECT FROM u
-- definition no_columns_left
SELECT FROM t EXCEPT ALL SELECT FROM u
-- definition no_columns_grouped
SELECT FROM t HAVING count(*) > 3
-- definition no_columns_first
SELECT FROM t ORDER BY id LIMIT 2
-- definition no_columns_numbered
SELECT FROM (SELECT id, row_number() OVER (ORDER BY id) AS r FROM t) q WHERE r > 1
-- definition no_columns_inside
SELECT count(*) AS c, (SELECT count(*) FROM (SELECT FROM t UNION SELECT FROM u) q) AS d FROM t, LATERAL (SELECT FROM u WHERE u.k = t.id) l
-- definition unread_query
SELECT id FROM (WITH old AS (SELECT count(*) FROM unread), o2 AS (SELECT * FROM old) SELECT id FROM t) q
-- definition names_of_ours
SELECT max(id) AS __dt_rows, g AS __dt_count, sum(x) AS __dt_n0, count(*) AS __dt_mixed, min(s) AS __dt_hash FROM t GROUP BY g
-- definition names_of_one_letter
SELECT s.s, g.g, m.m, v.v FROM (SELECT g AS s FROM t) s LEFT JOIN (SELECT x AS g FROM t) g ON g = s, (SELECT id AS m FROM t) m, (SELECT k AS v FROM u) v
-- definition names_of_the_system
SELECT q.xmin AS ctid, count(*) AS tableoid FROM (SELECT id AS xmin, x AS "real" FROM t) q GROUP BY 1
-- definition names_of_columns_here
SELECT g AS id_1, id AS g_1, row_number() OVER (PARTITION BY g ORDER BY id) AS __dt_key FROM t
-- write
INSERT INTO t VALUES (4, 2, 9, 'c'); INSERT INTO u VALUES (7, 8)
-- refresh
printed
-- write
UPDATE t SET x = 1 WHERE id = 1; UPDATE u SET y = 20 WHERE k = 1; DELETE FROM t WHERE g = 2
-- refresh
-- write
DELETE FROM u; INSERT INTO u VALUES (1, 2), (1, 2); INSERT INTO t VALUES (9, 9, 9, 'q')
-- refresh
