"""Definitions for the oracle, by name: every operator that is maintained, alone and combined."""

SCHEMA = [
    "CREATE TABLE a (id integer PRIMARY KEY, g text, x integer, p numeric(10,2), d date NOT NULL)",
    "CREATE TABLE b (id integer NOT NULL, y text, a_id integer)",
    "CREATE TABLE c (k integer, v float8, t text, n numeric)",
]

DEFINITIONS = {
    "filter_project": "SELECT id, x * 2 AS doubled, upper(g) AS g FROM a WHERE x > 1 OR g IS NULL",
    "bag": "SELECT y FROM b",
    "bag_of_numeric": "SELECT k, n FROM c",
    "merged": "SELECT g, count(*) n, sum(p) s, avg(p) m, max(x) mx, min(x) mn, count(x) FILTER (WHERE x > 1) cx "
    "FROM a GROUP BY g",
    "having": "SELECT g, sum(p) / count(x) r FROM a GROUP BY g HAVING count(x) > 1",
    "grouped_expression": "SELECT x % 2 AS odd, count(*) n, sum(x) FROM a GROUP BY x % 2",
    "count_distinct": "SELECT g, count(DISTINCT x) dx, sum(v) sv FROM a LEFT JOIN c ON c.k = a.x GROUP BY g",
    "ordered_aggregate": "SELECT g, string_agg(id::text, ',' ORDER BY id) ids FROM a GROUP BY g",
    "average_of_unscaled": "SELECT k, avg(n) m, sum(n) s FROM c GROUP BY k",
    "scalar_aggregate": "SELECT count(*) n, sum(p) s, max(x) m FROM a WHERE x > 1",
    "inner_join": "SELECT a.id, b.y FROM a JOIN b ON a.id = b.a_id",
    "cross_join": "SELECT a.id, b.id AS bid FROM a, b WHERE a.x < b.id",
    "self_join": "SELECT l.id AS lid, r.id AS rid, l.x FROM a l JOIN a r ON l.x = r.x AND l.id <> r.id",
    "left_join": "SELECT a.*, b.y FROM a LEFT JOIN b ON a.id = b.a_id AND b.y <> 'x'",
    "right_join": "SELECT a.id AS aid, b.* FROM a RIGHT JOIN b ON a.id = b.a_id",
    "full_join": "SELECT a.id AS aid, a.g, b.id, b.y FROM a FULL JOIN b ON a.id = b.a_id",
    "left_join_inequality": "SELECT a.id, a.x, c.v, c.t FROM a LEFT JOIN c ON a.x < c.k",
    "join_using": "SELECT id, a.g, b.y FROM a JOIN b USING (id)",
    "full_join_using": "SELECT id, a.g, b.y FROM a FULL JOIN b USING (id)",
    "three_joins": "SELECT a.id, b.y, c.v FROM a JOIN b ON a.id = b.a_id LEFT JOIN c ON c.t = b.y AND c.k = a.x",
    "left_joins_chained": "SELECT a.id, b.y, c.t FROM a LEFT JOIN b ON b.a_id = a.id LEFT JOIN c ON c.t = b.y",
    "padded_aggregate": "SELECT a.g, a.id, count(b.id) n, coalesce(sum(b.id), 0) s, max(b.y) my, max(a.x) mx, "
    "CASE WHEN count(b.id) > 2 THEN 'big' ELSE 'small' END seg FROM a LEFT JOIN b ON b.a_id = a.id GROUP BY a.id",
    "padding_seen": "SELECT a.g, count(*) n, count(b.id) FILTER (WHERE b.y IS NULL) u, sum(a.x) s "
    "FROM a LEFT JOIN b ON b.a_id = a.id GROUP BY a.g",
    "distinct": "SELECT DISTINCT g, x FROM a",
    "union_all": "SELECT g, x FROM a UNION ALL SELECT y, id FROM b UNION ALL SELECT t, k FROM c",
    "union": "SELECT g FROM a UNION SELECT y FROM b",
    "window_rank": "SELECT id, g, x, row_number() OVER (PARTITION BY g ORDER BY id) rn, "
    "sum(x) OVER (PARTITION BY g ORDER BY id) rs FROM a",
    "window_filtered": "SELECT * FROM (SELECT id, g, x, row_number() OVER (PARTITION BY g ORDER BY x DESC, id) rn "
    "FROM a) q WHERE rn <= 2",
    "window_two_partitions": "SELECT id, count(*) OVER (PARTITION BY g) cg, count(*) OVER (PARTITION BY x) cx FROM a",
    "window_over_groups": "WITH w AS (SELECT date_trunc('week', d::timestamp)::date wk, sum(p) s FROM a GROUP BY 1) "
    "SELECT wk, s, s - lag(s) OVER (ORDER BY wk) df FROM w",
    "window_over_aggregate": "SELECT g, sum(x) sx, rank() OVER (ORDER BY sum(x) DESC NULLS LAST, g) rk "
    "FROM a GROUP BY g",
    "aggregate_of_aggregate": "SELECT n, count(*) c FROM (SELECT g, count(*) n FROM a GROUP BY g) q GROUP BY n",
    "join_of_aggregate": "SELECT q.g, q.n, b.y FROM (SELECT g, count(*) n FROM a GROUP BY g) q "
    "LEFT JOIN b ON b.y = q.g",
    "cte_twice": "WITH t AS (SELECT g, x FROM a WHERE x IS NOT NULL) SELECT l.g, r.x FROM t l JOIN t r ON l.g = r.g",
}
