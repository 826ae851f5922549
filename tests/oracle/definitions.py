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
    "booleans": "SELECT g, bool_and(x > 1) every_x, bool_or(d > '2024-01-10') FILTER (WHERE p IS NOT NULL) some_d, "
    "every(p > 0) FROM a GROUP BY g",
    "boolean_scalar": "SELECT bool_and(x > 1) a, bool_or(x > 2) o FROM a",
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
    "except": "SELECT g, x FROM a EXCEPT SELECT y, a_id FROM b",
    "except_all": "SELECT g FROM a EXCEPT ALL SELECT y FROM b",
    "intersect": "SELECT g FROM a INTERSECT SELECT y FROM b",
    "intersect_all": "SELECT g, x FROM a INTERSECT ALL (SELECT y, a_id FROM b UNION ALL SELECT t, k FROM c)",
    "set_operations_nested": "(SELECT g FROM a EXCEPT SELECT t FROM c) UNION ALL "
    "(SELECT y FROM b INTERSECT SELECT g FROM a)",
    "distinct_on": "SELECT DISTINCT ON (g) g, x, id FROM a ORDER BY g, x DESC NULLS LAST, id",
    "distinct_on_hidden_order": "SELECT DISTINCT ON (x % 2) g FROM a ORDER BY x % 2, p, id DESC",
    "top": "SELECT id, x FROM a ORDER BY x DESC, id LIMIT 5",
    "top_offset": "SELECT g, id FROM a ORDER BY p NULLS FIRST, id DESC LIMIT 4 OFFSET 2",
    "top_ties": "SELECT g, x FROM a ORDER BY x FETCH FIRST 3 ROWS WITH TIES",
    "top_of_groups": "SELECT g, sum(p) s FROM a GROUP BY g ORDER BY sum(p) DESC NULLS LAST, g LIMIT 2",
    "any_rows_twice": "WITH t AS (SELECT g, x FROM a LIMIT 6) SELECT l.g, r.x FROM t l JOIN t r ON l.g = r.g",
    "any_row_of_each": "SELECT b.id, (SELECT a.x FROM a WHERE a.g = b.y LIMIT 1) f FROM b",
    "top_below": "SELECT q.g, count(*) n FROM (SELECT g, id FROM a ORDER BY id LIMIT 7) q GROUP BY q.g",
    "top_of_union": "SELECT g, x FROM a UNION ALL SELECT y, id FROM b ORDER BY 2 DESC NULLS LAST, 1 LIMIT 6",
    "rollup": "SELECT g, x, count(*) n, sum(p) s, grouping(g, x) gr FROM a GROUP BY ROLLUP (g, x)",
    "cube_having": "SELECT g, x % 2 o, count(*) n FROM a GROUP BY CUBE (g, x % 2) HAVING count(*) > 1",
    "grouping_sets": "SELECT g, x, max(p) m, count(DISTINCT d) FROM a GROUP BY GROUPING SETS ((g), (x, g), (g))",
    "exists": "SELECT id, g FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.a_id = a.id AND b.y <> 'x')",
    "not_exists": "SELECT id, g FROM a WHERE NOT EXISTS (SELECT FROM b WHERE b.a_id = a.id)",
    "exists_inequality": "SELECT id, y FROM b WHERE EXISTS (SELECT 1 FROM a WHERE a.x > b.id AND a.g = b.y)",
    "exists_or": "SELECT id FROM a WHERE x = 1 OR EXISTS (SELECT 1 FROM b WHERE b.y = a.g)",
    "exists_uncorrelated": "SELECT id FROM a WHERE EXISTS (SELECT 1 FROM c WHERE k = 2)",
    "in_subquery": "SELECT id, g FROM a WHERE g IN (SELECT y FROM b)",
    "not_in_subquery": "SELECT id, x FROM a WHERE x NOT IN (SELECT a_id FROM b WHERE b.id = 1)",
    "not_in_pair": "SELECT id FROM a WHERE (x, g) NOT IN (SELECT a_id, y FROM b WHERE a_id IS NOT NULL)",
    "in_as_value": "SELECT id, x IN (SELECT a_id FROM b) AS found, g = ANY (SELECT y FROM b WHERE b.id = a.x) f FROM a",
    "all_subquery": "SELECT id FROM a WHERE x >= ALL (SELECT a_id FROM b WHERE b.y = a.g)",
    "all_as_value": "SELECT id, x < ALL (SELECT k FROM c) AS below FROM a",
    "scalar_correlated": "SELECT id, (SELECT max(b.y) FROM b WHERE b.a_id = a.id) m, "
    "(SELECT count(*) + 1 FROM b WHERE b.a_id = a.id) n FROM a",
    "scalar_compared": "SELECT id, p FROM a WHERE p > (SELECT avg(i.p) FROM a i WHERE i.g = a.g)",
    "scalar_uncorrelated": "SELECT id, p - (SELECT min(p) FROM a) d FROM a WHERE x <= (SELECT max(k) FROM c)",
    "scalar_lookup": "SELECT b.id, b.y, (SELECT a.g FROM a WHERE a.id = b.a_id) g FROM b",
    "scalar_first": "SELECT b.id, (SELECT a.id FROM a WHERE a.g = b.y ORDER BY a.x, a.id LIMIT 1) f FROM b",
    "scalar_in_having": "SELECT g, sum(x) s FROM a GROUP BY g HAVING sum(x) > (SELECT avg(k) FROM c)",
    "subquery_over_group": "SELECT g, count(*) n, EXISTS (SELECT 1 FROM b WHERE b.y = a.g) e FROM a GROUP BY g",
    "subquery_in_aggregate": "SELECT g, sum((SELECT count(*) FROM b WHERE b.a_id = a.id)) s FROM a GROUP BY g",
    "subquery_nested": "SELECT id FROM a WHERE x IN (SELECT b.a_id FROM b WHERE b.y IN (SELECT c.t FROM c) "
    "AND b.id > (SELECT count(*) FROM c WHERE c.t = b.y))",
    "array_subquery": "SELECT id, ARRAY(SELECT b.y FROM b WHERE b.a_id = a.id ORDER BY b.y, b.id) ys FROM a",
    "lateral_aggregate": "SELECT a.id, s.n, s.m FROM a, "
    "LATERAL (SELECT count(*) n, max(y) m FROM b WHERE b.a_id = a.id) s",
    "lateral_top": "SELECT a.id, s.y FROM a LEFT JOIN LATERAL (SELECT b.y, b.id FROM b WHERE b.a_id = a.id "
    "ORDER BY b.id DESC, b.y LIMIT 2) s ON true",
    "lateral_join": "SELECT a.id, s.z FROM a CROSS JOIN LATERAL (SELECT b.y || a.g AS z FROM b WHERE b.a_id = a.x) s",
    "lateral_values": "SELECT a.id, v.k, v.w FROM a CROSS JOIN LATERAL (VALUES ('x', a.x), ('y', a.id)) v(k, w)",
    "generate_series": "SELECT a.id, i FROM a, generate_series(1, a.x) i",
    "set_returning_item": "SELECT id, generate_series(1, x) n, g FROM a",
    "unnest_aggregated": "SELECT u, count(*) n FROM a LEFT JOIN LATERAL unnest(string_to_array(g, NULL)) u ON u <> 'z' "
    "GROUP BY u",
    "row_local_subquery": "SELECT id, (SELECT sum(v) FROM generate_series(1, a.x) v) s FROM a",
    "values": "SELECT v.t, count(a.id) n FROM (VALUES ('x'), ('y'), ('q')) v(t) LEFT JOIN a ON a.g = v.t GROUP BY v.t",
    "without_from": "SELECT 1 AS n, 'x'::text AS g UNION ALL SELECT id, g FROM a",
    "three_tables_by_comma": "SELECT a.id, b.y, c.t FROM a, b, c "
    "WHERE a.id = b.a_id AND c.t = b.y AND a.x > 1 AND c.k = 1",
    "clock": "SELECT id, d FROM a WHERE d > CURRENT_DATE - 1000 AND d + interval '1 day' < now()",
    "clock_having": "SELECT g, max(d) m FROM a GROUP BY g HAVING max(d) < LOCALTIMESTAMP AND count(*) > 1",
    "scalar_with_outer_condition": "SELECT id, (SELECT count(*) FROM b WHERE a.x > 1 AND b.y = a.g) n, "
    "(SELECT count(*) FROM b WHERE a.x IS NULL AND b.id > 1) m FROM a",
    "except_all_of_numeric": "SELECT k, n FROM c EXCEPT ALL SELECT a_id, id FROM b",
    "groups_of_numeric_joined": "SELECT b.y, q.n, q.m FROM (SELECT n, count(*) m FROM c GROUP BY n) q "
    "JOIN b ON b.id = q.n",
    "top_joined": "SELECT q.id, b.y FROM (SELECT id, x FROM a ORDER BY id LIMIT 3) q LEFT JOIN b ON b.a_id = q.id",
}

# Subqueries and clauses as people combine them.
COMBINED = [
    "SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.a_id = a.id AND a.x IN (SELECT c.k FROM c WHERE "
    "c.t = b.y))",
    "SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.a_id = a.id AND a.g NOT IN (SELECT c.t FROM c))",
    "SELECT id, (SELECT a.g || max(b.y) FROM b WHERE b.a_id = a.id) m FROM a",
    "SELECT id, (SELECT count(*) FROM b WHERE b.a_id = a.id AND EXISTS (SELECT 1 FROM c WHERE c.t = b.y AND "
    "c.k = a.x)) m FROM a",
    "SELECT id, (SELECT sum(b.id) FROM b JOIN c ON c.t = b.y WHERE b.a_id = a.id) m FROM a",
    "SELECT id, CASE WHEN EXISTS (SELECT 1 FROM b WHERE b.a_id = a.id) THEN (SELECT min(y) FROM b WHERE "
    "b.a_id = a.id) ELSE 'none' END v FROM a",
    "SELECT id FROM a WHERE (SELECT count(*) FROM b WHERE b.a_id = a.id) > (SELECT count(*) FROM c WHERE c.k = a.x)",
    "SELECT a.id, s.n FROM a LEFT JOIN LATERAL (SELECT b.y, count(*) n FROM b WHERE b.a_id = a.id GROUP BY "
    "b.y) s ON s.n > 1",
    "SELECT a.id, q.m FROM a JOIN LATERAL (SELECT max(b.id) m FROM b WHERE b.y = a.g) q ON q.m > 1",
    "WITH t AS (SELECT g, count(*) n FROM a GROUP BY g) SELECT t.g, t.n, (SELECT max(n) FROM t) mx FROM t "
    "WHERE t.n >= (SELECT avg(n) FROM t)",
    "SELECT g FROM a GROUP BY g HAVING EXISTS (SELECT 1 FROM b WHERE b.y = a.g)",
    "SELECT g, count(*) FILTER (WHERE x IN (SELECT k FROM c)) n FROM a GROUP BY g",
    "SELECT id, row_number() OVER (PARTITION BY g ORDER BY id) rn, (SELECT count(*) FROM c WHERE c.k = a.x) n FROM a",
    "SELECT * FROM (SELECT DISTINCT g FROM a) q WHERE g NOT IN (SELECT y FROM b WHERE y IS NOT NULL) ORDER "
    "BY g LIMIT 3",
    "SELECT b.y, (SELECT array_agg(a.id ORDER BY a.id) FROM a WHERE a.g = b.y) ids FROM b",
    "SELECT id FROM a WHERE x = (SELECT x FROM a i WHERE i.id = a.id + 1)",
    "SELECT id FROM a WHERE NOT (x > 1 AND EXISTS (SELECT 1 FROM b WHERE b.id = a.x))",
    "SELECT g, x, count(*) FROM a WHERE EXISTS (SELECT 1 FROM c) GROUP BY ROLLUP(g, x) ORDER BY count(*) "
    "DESC, g, x LIMIT 4",
    "SELECT a.id FROM a WHERE a.id IN (SELECT b.a_id FROM b UNION SELECT c.k FROM c)",
    "SELECT a.id FROM a WHERE a.id IN (SELECT b.a_id FROM b ORDER BY b.a_id, b.y LIMIT 2)",
    "SELECT a.id FROM a WHERE (a.x, a.id) = ANY (SELECT b.id, b.a_id FROM b)",
    "SELECT id, x <> ALL (SELECT b.id FROM b WHERE b.y = a.g) AS v FROM a",
    "SELECT id, (x IN (SELECT k FROM c)) IS NULL AS unknown FROM a",
    "SELECT id, coalesce((SELECT p FROM a i WHERE i.id = a.x), 0) AS v FROM a",
    "SELECT g, array_agg(DISTINCT x ORDER BY x) xs, jsonb_agg(id ORDER BY id) js, percentile_cont(0.5) "
    "WITHIN GROUP (ORDER BY x) med, mode() WITHIN GROUP (ORDER BY x) mo FROM a GROUP BY g",
    "SELECT g, bool_and(x > 1) ba, bit_or(x) bo, stddev(p) sd, var_pop(x) vp, corr(x, p) co, regr_count(x, "
    "p) rc FROM a GROUP BY g",
    "SELECT id, sum(x) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) s, ntile(3) OVER (ORDER "
    "BY id) nt, first_value(g) OVER w f FROM a WINDOW w AS (PARTITION BY x ORDER BY id)",
    "SELECT t.id, e.key, e.value FROM (SELECT id, jsonb_build_object('g', g, 'x', x) j FROM a) t, "
    "jsonb_each_text(t.j) e",
    "SELECT a.id, u.n, u.o FROM a LEFT JOIN LATERAL unnest(ARRAY[a.x, a.id]) WITH ORDINALITY u(n, o) ON u.n > 2",
    "SELECT count(*) n FROM a WHERE NOT EXISTS (SELECT 1 FROM b)",
    "SELECT (SELECT count(*) FROM a) + (SELECT count(*) FROM b) AS total",
    "SELECT id, (SELECT y FROM b WHERE b.a_id = a.id ORDER BY b.id DESC, y LIMIT 1 OFFSET 1) nd FROM a",
    "SELECT q.w, q.s FROM (SELECT x % 2 w, sum(p) s FROM a GROUP BY GROUPING SETS ((x % 2), ())) q WHERE q.w IS NULL",
    "SELECT id, (SELECT string_agg(y, ',' ORDER BY y) FROM (SELECT b.y FROM b WHERE b.id = a.x UNION ALL "
    "SELECT c.t FROM c WHERE c.k > a.x) q) v FROM a",
    "SELECT id, (SELECT max(b.id) FROM b WHERE b.id > a.x) v FROM a",
    "SELECT id, (SELECT b.y || a.g FROM b WHERE b.a_id = a.id AND b.id = 1 ORDER BY 1 LIMIT 1) v FROM a",
    "SELECT a.id, s.y FROM a LEFT JOIN LATERAL (SELECT b.y || a.g AS y FROM b WHERE b.id > a.x) s ON true",
    "SELECT a.id, s.n FROM a, LATERAL (SELECT count(*) n FROM (SELECT DISTINCT b.y FROM b WHERE b.id < a.x) q) s",
    "SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b LEFT JOIN c ON c.t = b.y AND c.k = a.x WHERE b.a_id = "
    "a.id AND c.k IS NULL)",
    "SELECT id, (SELECT sum(b.id * a.x) FROM b WHERE b.a_id <= a.id) v FROM a",
    "SELECT a.id, s.v FROM b JOIN a ON a.id = b.a_id CROSS JOIN LATERAL (VALUES (a.d), (a.d + 1)) s(v)",
    "SELECT a.id, b.y FROM a LEFT JOIN b ON b.a_id = a.id AND b.id IN (SELECT k FROM c)",
    "SELECT a.id, b.y FROM a LEFT JOIN b ON b.a_id = a.id AND (a.x IN (SELECT k FROM c) OR a.g = 'x')",
    "SELECT a.id, b.y FROM a RIGHT JOIN b ON b.a_id = a.id AND NOT EXISTS (SELECT 1 FROM c WHERE c.t = b.y AND "
    "c.k = a.x)",
    "SELECT a.id, b.id AS b, b.y FROM a FULL JOIN b ON b.a_id = a.id AND b.y IN (SELECT t FROM c)",
    "SELECT a.id, b.id AS b, b.y FROM a FULL JOIN b ON b.a_id = a.id AND b.id > (SELECT count(*) FROM c WHERE "
    "c.k = a.x AND c.t = b.y)",
    "SELECT a.id, u.v FROM a LEFT JOIN LATERAL unnest(ARRAY[a.x, a.id]) u(v) ON u.v IN (SELECT k FROM c)",
    "SELECT a.id, s.n FROM a LEFT JOIN LATERAL (SELECT count(*) AS n FROM b WHERE b.a_id = a.id) s ON s.n > 1",
    "SELECT (SELECT max(b.y) FROM b WHERE b.id = a.x) k, a.x IN (SELECT k FROM c) f, count(*) n FROM a "
    "GROUP BY CUBE (1, 2)",
    "SELECT id, row_number() OVER (PARTITION BY EXISTS (SELECT 1 FROM b WHERE b.id = a.x) ORDER BY id) n FROM a",
    "SELECT id, x NOT IN (SELECT unnest(ARRAY[1, a.id])) f FROM a WHERE (x, g) IN (VALUES (1, 'x'), (2, a.g))",
    "SELECT id, ARRAY(SELECT b.y || c.t FROM b JOIN c ON c.k = b.id WHERE b.a_id = a.id ORDER BY b.y || c.t LIMIT 3) "
    "ys, "
    "ARRAY(SELECT DISTINCT b.id FROM b WHERE b.id > a.x ORDER BY b.id DESC) ids FROM a",
    "SELECT id, (SELECT max(n) FROM (SELECT rank() OVER (PARTITION BY b.y ORDER BY b.id) n FROM b "
    "WHERE b.id <= a.x) q) m, (SELECT max(n) FROM (SELECT rank() OVER (ORDER BY b.y) n FROM b WHERE b.a_id = a.id) q) "
    "FROM a",
    "SELECT id, (SELECT count(*) FROM b WHERE b.id = (SELECT max(v.id) FROM b v WHERE v.id < a.x)) c FROM a",
    "SELECT id, (SELECT sum(coalesce(b.id, 9) + coalesce(c.k, 7)) FROM b FULL JOIN c ON b.id = c.k AND c.t = a.g) c "
    "FROM a",
    "SELECT id, (SELECT sum(b.id) FROM b WHERE b.id < a.x HAVING max(b.y) > 'x') s, "
    "(x, id) < (SELECT max(b.id), min(b.a_id) FROM b WHERE b.y = a.g) r FROM a",
    "SELECT id, (SELECT max(b.y) FROM b, generate_series(1, a.x) i WHERE i = b.id) m FROM a",
    "SELECT v.a FROM (VALUES ((SELECT count(*) FROM a)), (1), ((SELECT max(k) FROM c))) v (a)",
]
DEFINITIONS |= {f"combined_{number}": query for number, query in enumerate(COMBINED)}
