-- schema
CREATE TABLE readings (device int, at timestamptz NOT NULL, v float8, q int, "group" text, tag text);
CREATE INDEX ON readings(device);
INSERT INTO readings SELECT i%4, '2024-03-30 22:00+00'::timestamptz + (i/2)*interval '37 minutes', CASE i%7 WHEN 0 THEN NULL ELSE i*1.5 END, i%3, CASE i%3 WHEN 0 THEN NULL ELSE 'g'||i%3 END, 't'||i FROM generate_series(1,40) i;
INSERT INTO readings SELECT * FROM readings WHERE q = 1;
-- definition w_range
SELECT device, at, tag, sum(q) OVER (PARTITION BY device ORDER BY at RANGE BETWEEN interval '2 hours' PRECEDING AND CURRENT ROW) s FROM readings
-- definition w_range_f
SELECT device, at, tag, count(*) OVER (PARTITION BY device ORDER BY at DESC RANGE BETWEEN '1 hour' PRECEDING AND '3 hours' FOLLOWING EXCLUDE CURRENT ROW) s FROM readings
-- definition w_groups
SELECT device, at, tag, count(v) OVER (PARTITION BY device ORDER BY q GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE TIES) s FROM readings
-- definition w_exclude_group
SELECT tag, max(v) OVER (PARTITION BY "group" ORDER BY q ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE GROUP) s FROM readings
-- definition w_rank
SELECT tag, rank() OVER (PARTITION BY device ORDER BY q, v NULLS FIRST) a, dense_rank() OVER (PARTITION BY device ORDER BY q) b, percent_rank() OVER (PARTITION BY device ORDER BY v) c, cume_dist() OVER (PARTITION BY device ORDER BY v DESC NULLS LAST) d, ntile(3) OVER (PARTITION BY device ORDER BY at, tag, v) e FROM readings
-- definition w_lag
SELECT tag, lag(v, 2, -1.0) OVER w a, lead(at) OVER w b, first_value(tag) OVER w c, last_value(tag) OVER w d, nth_value(v, 2) OVER w e FROM readings WINDOW w AS (PARTITION BY device, "group" ORDER BY at, tag)
-- definition w_named_frame
SELECT tag, sum(q) OVER (w ROWS 1 PRECEDING) a FROM readings WINDOW w AS (PARTITION BY device ORDER BY at, tag)
-- definition w_named_extend
SELECT tag, sum(q) OVER (w ORDER BY at, tag) a, count(*) OVER w b FROM readings WINDOW w AS (PARTITION BY device)
-- definition w_expr
SELECT tag, sum(q) OVER (PARTITION BY date_trunc('day', at), coalesce("group",'?') ORDER BY at, tag) a FROM readings
-- definition w_filter
SELECT tag, count(*) FILTER (WHERE q > 0) OVER (PARTITION BY device ORDER BY at RANGE UNBOUNDED PRECEDING) a, array_agg(q) OVER (PARTITION BY device ORDER BY at, tag ROWS 2 PRECEDING) b FROM readings
-- definition w_agg
SELECT device, date_trunc('hour', at) h, sum(q) s, sum(sum(q)) OVER (PARTITION BY device ORDER BY date_trunc('hour', at)) cum, rank() OVER (ORDER BY count(*) DESC, device, date_trunc('hour', at)) r FROM readings GROUP BY device, date_trunc('hour', at)
-- definition w_session
SELECT device, s, min(at) a, max(at) b, count(*) c FROM (SELECT *, count(*) FILTER (WHERE gap) OVER (PARTITION BY device ORDER BY at, tag) s FROM (SELECT *, coalesce(at - lag(at) OVER (PARTITION BY device ORDER BY at, tag) > '40 min', true) gap FROM readings) x) y GROUP BY device, s
-- definition w_distinct_on
SELECT DISTINCT ON (device, q) device, q, at, tag FROM readings ORDER BY device, q, at DESC, tag, v NULLS LAST
-- definition w_distinct_on_expr
SELECT DISTINCT ON (at::date, lower("group")) at::date d, "group" g, tag FROM readings ORDER BY at::date, lower("group"), tag DESC
-- definition w_day
SELECT at::date d, count(*) n, min(at::time) t, max(v) FROM readings GROUP BY at::date
-- definition w_bucket
SELECT date_bin('15 min', at, '2024-01-01') b, device, avg(v) a, percentile_cont(0.5) WITHIN GROUP (ORDER BY v) p, mode() WITHIN GROUP (ORDER BY q) m, percentile_disc(ARRAY[0.1,0.9]) WITHIN GROUP (ORDER BY at) pd FROM readings GROUP BY 1, 2
-- definition w_numeric_range
SELECT tag, sum(v) OVER (PARTITION BY device ORDER BY v RANGE BETWEEN 10 PRECEDING AND 10 FOLLOWING) s, min(tag) OVER (PARTITION BY device ORDER BY q::numeric RANGE BETWEEN 0.5 PRECEDING AND CURRENT ROW EXCLUDE TIES) m FROM readings
-- definition w_partition_null
SELECT tag, count(*) OVER (PARTITION BY "group") c, bool_and(q > 0) OVER (PARTITION BY "group" ORDER BY tag GROUPS CURRENT ROW) b FROM readings
-- definition w_nested
SELECT device, max(rn) mx FROM (SELECT device, row_number() OVER (PARTITION BY device, q ORDER BY at, tag, v) rn FROM readings) q GROUP BY device HAVING max(rn) > 1
-- definition w_string
SELECT device, string_agg(tag, ',' ORDER BY at DESC, tag) s, string_agg(DISTINCT "group", '|' ORDER BY "group") d, array_agg(DISTINCT q ORDER BY q DESC) a, jsonb_object_agg(coalesce(tag, at::text), v) FILTER (WHERE v < 1000) j FROM readings GROUP BY device
-- refresh
-- write
INSERT INTO readings VALUES (1,'2024-03-31 00:59+00', 5, 1, 'g1','dst1'),(1,'2024-03-31 01:01+00', 5, 1, 'g1','dst2'),(9,'2024-10-27 00:30+00',NULL,NULL,NULL,'dst3'),(9,'2024-10-27 01:30+00',7,2,NULL,'dst4'),(9,'2024-10-27 01:30+00','Infinity',2,NULL,'dst5'),(NULL,'2024-10-27 01:30+00','-Infinity',2,'',NULL)
-- refresh
-- write
UPDATE readings SET device = 3 WHERE device = 2
-- refresh
-- write
DELETE FROM readings WHERE q = 1
-- refresh
-- write
DELETE FROM readings; INSERT INTO readings VALUES (1,'2024-03-31 00:59+00', 5, 1, 'g1','x')
-- refresh
