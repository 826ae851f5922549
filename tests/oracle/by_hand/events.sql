-- schema
CREATE TABLE ev (uid int, name text, at timestamptz, props jsonb, "__dt_weight" int, __dt_count int, xid int, version int, weight int, n int, id int, ctid2 int) PARTITION BY RANGE (at);
CREATE TABLE ev_a PARTITION OF ev FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE ev_b PARTITION OF ev DEFAULT;
CREATE TABLE emp (id int PRIMARY KEY, boss int, name text, dept text, pay numeric(10,2), hired date, UNIQUE(name));
CREATE TABLE dept (code text PRIMARY KEY, parent text, budget numeric);
CREATE TABLE camp (id int, ad text, clicks bigint, cost numeric(12,4), day date);
CREATE TABLE imp (ad text, day date, n bigint);
CREATE TABLE ship (id int PRIMARY KEY, "from" text, "to" text, legs int4[], eta timestamptz, w real, dims numeric[]);
CREATE TABLE scd (k int, valid daterange, v text, cur boolean);
CREATE MATERIALIZED VIEW mv AS SELECT 1 AS a;
INSERT INTO ev SELECT i%5, (ARRAY['view','cart','buy'])[1+i%3], '2024-01-20'::timestamptz + i*'17 hours'::interval, jsonb_build_object('p', i%4, 'amt', i*1.5), i, i, i, i, i, i, i, i FROM generate_series(1,30) i;
INSERT INTO emp SELECT i, CASE WHEN i > 1 THEN i/2 END, 'e'||i, CASE i%3 WHEN 0 THEN 'eng' WHEN 1 THEN 'ops' END, i*100, '2020-01-01'::date+i*40 FROM generate_series(1,12) i;
INSERT INTO dept VALUES ('eng','all',5000),('ops','all',NULL),('all',NULL,1),('hr','all',3);
INSERT INTO camp SELECT i%3, 'ad'||i%4, i, i*0.1234, '2024-01-01'::date + i%5 FROM generate_series(1,25) i;
INSERT INTO imp SELECT 'ad'||i%5, '2024-01-01'::date + i%6, i*100 FROM generate_series(1,25) i;
INSERT INTO ship SELECT i, 'A'||i%3, CASE i%4 WHEN 0 THEN NULL ELSE 'B'||i%2 END, ARRAY[i,i+1], '2024-03-31 01:00+01'::timestamptz+i*'1 hour'::interval, i/3.0, ARRAY[i,2.50] FROM generate_series(1,10) i;
INSERT INTO scd SELECT i%3, daterange('2024-01-01'::date+i*10, '2024-01-01'::date+i*10+10), 'v'||i, i>6 FROM generate_series(1,9) i;
-- definition u1
SELECT uid, count(*) FILTER (WHERE name='view') v, count(*) FILTER (WHERE name='buy') b, min(at) f, max(at) l, count(DISTINCT at::date) days FROM ev GROUP BY uid
-- definition u2
SELECT a.uid, a.at va, (SELECT min(b.at) FROM ev b WHERE b.uid = a.uid AND b.name='buy' AND b.at > a.at AND b.at < a.at + '3 days'::interval) buy FROM ev a WHERE a.name='view'
-- definition u6
SELECT uid, sum((props->>'amt')::numeric) s, avg((props->>'amt')::numeric) a, sum((props->>'amt')::float8) f, max((props->>'p')::int) p FROM ev GROUP BY uid
-- definition u7
WITH f AS (SELECT uid, min(at) fst FROM ev GROUP BY uid) SELECT date_trunc('week', f.fst) cohort, floor(extract(epoch FROM ev.at - f.fst)/604800)::int wk, count(DISTINCT ev.uid) FROM ev JOIN f USING (uid) GROUP BY 1,2
-- definition u8
SELECT uid, array_agg(name ORDER BY at) path, (array_agg(name ORDER BY at DESC))[1] last FROM ev GROUP BY uid
-- definition u9
SELECT uid FROM ev WHERE name='view' INTERSECT SELECT uid FROM ev WHERE name='buy' EXCEPT SELECT uid FROM ev WHERE props->>'p' = '3'
-- definition u13
SELECT extract(year FROM at) y, extract(month FROM at) m, count(*), sum(n) FROM ev GROUP BY 1,2
-- definition h1
SELECT e.id, e.name, b.name boss, bb.name bigboss, (SELECT count(*) FROM emp r WHERE r.boss = e.id) reports FROM emp e LEFT JOIN emp b ON b.id = e.boss LEFT JOIN emp bb ON bb.id = b.boss
-- definition h2
SELECT d.code, count(e.id) n, sum(e.pay) p, avg(e.pay) a, d.budget - sum(e.pay) rest FROM dept d LEFT JOIN emp e ON e.dept = d.code GROUP BY d.code
-- definition h3
SELECT dept, name, pay, pay - avg(pay) OVER (PARTITION BY dept) diff, rank() OVER (PARTITION BY dept ORDER BY pay DESC) FROM emp
-- definition h4
SELECT name FROM emp e WHERE pay > (SELECT avg(pay) FROM emp x WHERE x.dept IS NOT DISTINCT FROM e.dept)
-- definition h5
SELECT dept FROM emp GROUP BY dept HAVING count(*) > (SELECT avg(c) FROM (SELECT count(*) c FROM emp GROUP BY dept) q)
-- definition h7
SELECT coalesce(d.code, e.dept, 'none') k, count(DISTINCT e.id) FROM dept d FULL JOIN emp e ON e.dept = d.code GROUP BY 1
-- definition h8
SELECT p.code, c.code child FROM dept p JOIN dept c ON c.parent = p.code WHERE NOT EXISTS (SELECT 1 FROM emp WHERE emp.dept = c.code AND NOT EXISTS (SELECT 1 FROM emp s WHERE s.boss = emp.id))
-- definition h9
SELECT name, age FROM (SELECT name, date_part('year', age(timestamp '2024-06-01', hired)) age FROM emp) x WHERE age > 2
-- definition h10
SELECT e.dept, d.budget, e.n FROM (SELECT dept, count(*) n FROM emp GROUP BY dept) e LEFT JOIN LATERAL (SELECT budget FROM dept WHERE code = e.dept) d ON true
-- definition a1
SELECT c.ad, c.day, sum(c.clicks) cl, max(i.s) im, sum(c.cost)/nullif(sum(c.clicks),0) cpc FROM camp c JOIN (SELECT ad, day, sum(n) s FROM imp GROUP BY ad, day) i USING (ad, day) GROUP BY c.ad, c.day
-- definition a2
SELECT ad, day, clicks::numeric / nullif(n,0) ctr FROM camp FULL JOIN imp USING (ad, day)
-- definition a3
SELECT ad, sum(clicks) FILTER (WHERE day > '2024-01-02') s, sum(cost) c, round(avg(cost), 3) r, sum(cost * clicks) w, sum(cost)::float8/sum(clicks) x FROM camp GROUP BY ad HAVING sum(clicks) > 10
-- definition a4
SELECT day, ad, s FROM (SELECT day, ad, sum(n) s, row_number() OVER (PARTITION BY day ORDER BY sum(n) DESC, ad) r FROM imp GROUP BY day, ad) q WHERE r <= 2
-- definition a5
SELECT * FROM camp NATURAL LEFT JOIN imp
-- definition a6
SELECT ad, json_agg(json_build_object('d', day, 'c', clicks) ORDER BY day, clicks) j, every(clicks > 2) e, bit_or(clicks) bo, bit_xor(clicks) bx FROM camp GROUP BY ad
-- definition l1
SELECT id, "from" || '->' || coalesce("to", '?') route, leg, ord, eta::timestamp local, (eta AT TIME ZONE 'Asia/Kolkata')::date d FROM ship, unnest(legs) WITH ORDINALITY AS t(leg, ord)
-- definition l2
SELECT "from", "to", count(*), sum(w) s, avg(w) a, max(dims) md, max(eta) FROM ship GROUP BY "from", "to"
-- definition l3
SELECT "to", dims[1] d1, w FROM ship WHERE 3 = ANY (legs) OR legs && ARRAY[5,6] OR cardinality(dims) > 3
-- definition l4
SELECT s.id, k.v FROM ship s JOIN scd k ON k.k = s.id % 3 AND k.valid @> s.eta::date
-- definition l5
SELECT a.k, a.v, b.v bv FROM scd a JOIN scd b ON a.k = b.k AND a.valid && b.valid AND a.v < b.v
-- definition l7
SELECT k, v FROM scd x WHERE cur AND NOT EXISTS (SELECT FROM scd y WHERE y.k = x.k AND lower(y.valid) > lower(x.valid))
-- definition d1
SELECT uid, v + b AS t FROM u1 WHERE l > '2024-01-10'
-- definition d2
SELECT d1.uid, h.name FROM d1 LEFT JOIN h1 h ON h.id = d1.uid
-- refresh
-- write
INSERT INTO ev SELECT uid, 'buy', at + '1 hour', props, n+1, n+1, n+1, n+1, n+1, n+1, n+1, 0 FROM ev WHERE uid = 2; UPDATE ev SET at = '2025-05-05' WHERE uid = 4 AND name = 'view'
-- refresh
-- write
UPDATE emp SET id = id + 50, boss = boss + 50; UPDATE dept SET code = 'ENG' WHERE code = 'eng'; UPDATE camp SET clicks = clicks, cost = cost
-- refresh
-- write
DELETE FROM ev WHERE name = 'view'; DELETE FROM emp WHERE dept IS NULL; UPDATE camp SET cost = 0, ad = 'ad1' WHERE ad IN ('ad2','ad3'); UPDATE imp SET day = day + 1
-- refresh
