-- forms of syntax in the server's text; a number is the version since which it has what follows
-- 15
SELECT a[:2] AS a, a[2:] AS b, a[:] AS c, a[1:2][2:] AS d, a[n + 1] AS e, (a || a)[1] AS f FROM public.t
VALUES (1), (2) EXCEPT VALUES (2)
VALUES (1, 'a') UNION ALL SELECT n, s FROM public.t
(VALUES (1)) INTERSECT (VALUES (1) UNION VALUES (2))
WITH v AS (VALUES (1), (2)) SELECT n FROM public.t
WITH v (x) AS MATERIALIZED (VALUES (1), (2)) SELECT x FROM v
SELECT s COLLATE "C" AS a, (s COLLATE pg_catalog."POSIX") < 'a' AS b FROM public.t
SELECT n OPERATOR("a b".===) 1 AS a, OPERATOR(public.!!!) n AS b, OPERATOR(public.!!!) (- n) AS c FROM public.t
SELECT s NOT SIMILAR TO 'a' AS a, s NOT LIKE 'a!%' ESCAPE '!' AS b, s !~ ALL (ARRAY['a']) AS c FROM public.t
SELECT @ (- n) AS a, - (@ n) AS b, @ (@ n) AS c, + n AS d, (@ n) IS NULL AS e, @ n + 1 AS f FROM public.t
SELECT EXTRACT(epoch FROM ts) AS a, OVERLAY(s PLACING 'x' FROM 2 FOR 3) AS b, POSITION('a' IN s) AS c FROM public.t
SELECT SUBSTRING(s FROM 2) AS a, SUBSTRING(s FROM 'a.c') AS b, substring(s, 2) AS c, TRIM(LEADING 'x' FROM s) AS d FROM public.t
SELECT NORMALIZE(s, NFKD) AS a, s IS NORMALIZED AS b, s IS NOT NFC NORMALIZED AS c, s IS NFKD NORMALIZED AS d FROM public.t
SELECT ts AT TIME ZONE 'UTC' AS a, tz AT TIME ZONE interval '1 hour' AS b FROM public.t
SELECT n IS DISTINCT FROM 1 AS a, b IS NOT UNKNOWN AS b, (n, s) < (1, 'b') AS c, n BETWEEN SYMMETRIC 2 AND 1 AS d FROM public.t
SELECT NULL::bit AS a, NULL::varbit AS b, NULL::varbit(4) AS c, NULL::interval(2) AS d, NULL::interval year AS e, NULL::"char" AS f, NULL::timestamptz(3)[] AS g, NULL::numeric(5,2)[] AS h
SELECT make_interval(days => n) AS a, concat_ws(',', VARIADIC ARRAY[s]) AS b, interval '1-2' YEAR TO MONTH AS c FROM public.t
SELECT sum(n) OVER (ORDER BY n GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE GROUP) AS a, lag(n) OVER w AS b FROM public.t WINDOW w AS (PARTITION BY s)
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY n) AS a, string_agg(DISTINCT s, ',' ORDER BY s DESC) AS b, count(*) FILTER (WHERE n > 1) AS c FROM public.t
SELECT s, n, GROUPING(s, n) AS g, count(*) AS c FROM public.t GROUP BY s, GROUPING SETS ((n), ()), CUBE ((n, d), s)
SELECT r.a, r.b, r.o FROM ROWS FROM (generate_series(1, 2), unnest(ARRAY[1])) WITH ORDINALITY AS r (a, b, o)
SELECT r.a, r.b FROM public.t CROSS JOIN LATERAL jsonb_to_recordset(t.j) AS r (a int, b numeric(10,2))
SELECT n FROM public.t TABLESAMPLE BERNOULLI (10) REPEATABLE (1)
SELECT (p).a AS a, (t.p).b AS b, ROW(n, s) = ROW(1, 'a') AS c FROM public.t
SELECT n FROM public.t WHERE LOCALTIME > '10:00' AND CURRENT_TIME > '10:00+01' AND CURRENT_TIMESTAMP(3) > tz
SELECT n FROM public.t ORDER BY s COLLATE "C" DESC, n OFFSET 1 FETCH FIRST 3 ROWS WITH TIES
-- 16
SELECT s IS JSON OBJECT AS a, s IS NOT JSON ARRAY WITH UNIQUE KEYS AS b FROM public.t
SELECT JSON_OBJECT('a': n, s: 2 ABSENT ON NULL WITH UNIQUE KEYS RETURNING jsonb) AS a, JSON_ARRAY(n, s NULL ON NULL) AS b FROM public.t
SELECT JSON_OBJECTAGG(s: n ABSENT ON NULL) AS a, JSON_ARRAYAGG(n ORDER BY n DESC NULL ON NULL RETURNING jsonb) AS b, JSON_ARRAYAGG(n) FILTER (WHERE n > 1) AS c FROM public.t
-- 17
SELECT JSON_VALUE(j, '$.a' PASSING n AS x, s AS "Y" RETURNING int DEFAULT 1 ON EMPTY ERROR ON ERROR) AS a FROM public.t
SELECT JSON_QUERY(j, '$.a' RETURNING text WITH CONDITIONAL WRAPPER) AS a, JSON_QUERY(j, '$.a' OMIT QUOTES EMPTY ARRAY ON EMPTY NULL ON ERROR) AS b FROM public.t
SELECT JSON_EXISTS(j, '$.a' PASSING n + 1 AS x TRUE ON ERROR) AS a, JSON_SERIALIZE(j RETURNING bytea) AS b, JSON_SCALAR(n) AS c FROM public.t
