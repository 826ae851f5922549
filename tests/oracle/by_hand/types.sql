-- schema
CREATE TYPE mood AS ENUM ('sad','ok','happy');
CREATE TYPE addr AS (street text, zip numeric);
CREATE TYPE geo AS (p point, j json);
CREATE DOMAIN ints AS int[];
CREATE DOMAIN price AS numeric CHECK (VALUE >= 0);
CREATE DOMAIN jsd AS json;

CREATE TABLE ty (id int PRIMARY KEY, n numeric, n2 numeric(12,2), f float8, r real, c char(5), bp bpchar, v varchar(10), t text, ci text, iv interval, m money,
 b bit(4), vb varbit, by bytea, u uuid, ip inet, cd cidr, mac macaddr, tsv tsvector, tsq tsquery, j json, jb jsonb, x text, ar int[], na numeric[], ja json[], da ints, p price, jd jsd, md mood, ma mood[],
 ad addr, ada addr[], gg geo, ir int4range, nr numrange, mr nummultirange, pt point, ts timestamp, tz timestamptz, d date, tm time, ttz timetz, xid xid, lsn pg_lsn, oid oid, rc regclass, nm name, ch "char", bo bool);
INSERT INTO ty SELECT i, CASE i%3 WHEN 0 THEN 1.0 WHEN 1 THEN 1.00 ELSE NULL END, i, CASE i%4 WHEN 0 THEN 0.0 WHEN 1 THEN '-0.0' WHEN 2 THEN 'NaN' END, i/3.0, 'a'||(i%2), CASE i%2 WHEN 0 THEN 'z ' ELSE 'z' END, 'v'||(i%2), 't'||(i%3), CASE i%2 WHEN 0 THEN 'Abc' ELSE 'aBC' END,
 CASE i%2 WHEN 0 THEN '24 hours'::interval ELSE '1 day' END, (i%3)::numeric::money, (i%4)::bit(4), '101'::varbit, decode('00ff','hex'), '00000000-0000-0000-0000-00000000000a', '10.0.0.1', '10.0.0.0/8', '08:00:2b:01:02:03',
 to_tsvector('simple','a b c '||i%2), 'a & b', '{"a": 1}', CASE i%2 WHEN 0 THEN '{"a":1.0}'::jsonb ELSE '{"a":1.00}' END, '<a/>', ARRAY[i%2,2], ARRAY[1.0, i%2], ARRAY['{"a":1}'::json], ARRAY[i%2,3], i%2, '[1]',
 (ARRAY['sad','ok','happy']::mood[])[1+i%3], ARRAY['sad'::mood], ROW('s',CASE i%2 WHEN 0 THEN 1.0 ELSE 1.00 END)::addr, ARRAY[ROW('s',1.0)::addr], ROW(point(1,2),'{}')::geo, int4range(1,i%3+1), numrange(1.0,CASE i%2 WHEN 0 THEN 2.0 ELSE 2.00 END), nummultirange(numrange(1.0,2.0)), point(1,i%2),
 '2024-01-01'::timestamp + i*interval '7 hour', '2024-03-30 00:00Z'::timestamptz + i*interval '7 hour', date '2024-01-01'+i%3, time '10:00', timetz '10:00+02', '7'::xid, '0/1', 5, 'pg_class'::regclass, 'nm', 'c', i%2=0 FROM generate_series(1,12) i;
INSERT INTO ty(id) VALUES (90),(91);
-- definition all_rows
SELECT * FROM ty
-- definition noid
SELECT n,f,c,bp,ci,iv,m,b,jb,na,da,jd,ja,ad,nr,pt,tz FROM ty
-- definition g_bp
SELECT bp, count(*) FROM ty GROUP BY bp
-- definition g_ci
SELECT ci, count(*), min(ci) AS mi FROM ty GROUP BY ci
-- definition g_m
SELECT m, count(*), sum(m) s, max(m) mm FROM ty GROUP BY m
-- definition g_b
SELECT b, count(*) FROM ty GROUP BY b
-- definition g_vb
SELECT vb, count(*) FROM ty GROUP BY vb
-- definition g_by
SELECT by, u, ip, cd, mac, count(*) FROM ty GROUP BY by, u, ip, cd, mac
-- definition g_tsv
SELECT tsv, count(*) FROM ty GROUP BY tsv
-- definition g_tsq
SELECT tsq, count(*) FROM ty GROUP BY tsq
-- definition g_ar
SELECT ar, na, da, ma, count(*) FROM ty GROUP BY ar, na, da, ma
-- definition g_p
SELECT p, md, count(*), sum(p) s FROM ty GROUP BY p, md
-- definition g_ad
SELECT ad, ada, count(*) FROM ty GROUP BY ad, ada
-- definition g_r
SELECT ir, nr, mr, count(*) FROM ty GROUP BY ir, nr, mr
-- definition g_ttz
SELECT ttz, tm, xid, lsn, oid, rc, nm, ch, bo, count(*) FROM ty GROUP BY ttz, tm, xid, lsn, oid, rc, nm, ch, bo
-- definition g_ttz2
SELECT ttz, tm, lsn, oid, rc, nm, ch, bo, count(*) FROM ty GROUP BY ttz, tm, lsn, oid, rc, nm, ch, bo
-- definition agg_json
SELECT d, json_agg(j ORDER BY id) js, jsonb_object_agg(id, jb ORDER BY id) o, array_agg(ja ORDER BY id) FILTER (WHERE ja IS NOT NULL) a FROM ty GROUP BY d
-- definition win_t
SELECT id, da, ja, gg, x, pt, row_number() OVER (PARTITION BY c ORDER BY id) rn, lag(j::text) OVER (PARTITION BY c ORDER BY id) lj, first_value(da) OVER (PARTITION BY c ORDER BY id) fd FROM ty
-- definition win_m
SELECT id, count(*) OVER (PARTITION BY m, b, tsv) k FROM ty
-- definition win_f
SELECT id, count(*) OVER (PARTITION BY f, n, iv, ci, jb, ad, nr) k FROM ty
-- definition uni
SELECT n, ci, iv, ar, md FROM ty WHERE id < 5 UNION SELECT n, ci, iv, ar, md FROM ty WHERE id > 3
-- definition exc
SELECT n, m, b FROM ty EXCEPT ALL SELECT n, m, b FROM ty WHERE id % 2 = 0
-- definition exj
SELECT jb, nr, da FROM ty EXCEPT SELECT jb, nr, da FROM ty WHERE id % 2 = 0
-- definition joinall
SELECT a.id, b.id AS bid, a.gg, b.da, b.pt FROM ty a LEFT JOIN ty b ON a.m = b.m AND a.tsv = b.tsv AND a.b = b.b AND a.id < b.id
-- definition top
SELECT id, da, gg, ja, m FROM ty ORDER BY m DESC NULLS LAST, id LIMIT 4
-- definition semi
SELECT id, ja, pt FROM ty WHERE ad IN (SELECT ad FROM ty z WHERE z.id < 6) OR m NOT IN (SELECT m FROM ty WHERE m IS NOT NULL AND id > 4)
-- definition domagg
SELECT da, max(jd::text) m, count(jd) FROM ty GROUP BY da
-- definition domrow
SELECT jd, da, count(*) OVER (PARTITION BY id%2) FROM ty
-- refresh
-- write
INSERT INTO ty SELECT * FROM json_populate_recordset(null::ty, '[{"id":50,"n":1.000,"f":-0.0,"c":"a1","iv":"24:00:00","ci":"ABC","m":"$1.00"}]')
-- refresh
-- write
UPDATE ty SET n = n * 1.0, iv = '24 hours', ci = 'ABC', jb='{"a":1.000}', ad = ROW('s',1.000)::addr, nr = numrange(1.00,2.000), f = CASE WHEN f = 0 THEN 0.0 ELSE f END, bp='z  ', na = ARRAY[1.00,1]
-- refresh
-- write
UPDATE ty SET id = id + 1000
-- refresh
-- write
DELETE FROM ty; INSERT INTO ty (id,n,f,iv,ci,m,da) SELECT i, 2.0, 'NaN', '1 mon', 'x', '3', ARRAY[1] FROM generate_series(1,4) i
-- refresh
-- write
UPDATE ty SET da = ARRAY[2], n = 'NaN', p = 1.50 WHERE id < 3; UPDATE ty SET n='Infinity' WHERE id = 3
-- refresh
