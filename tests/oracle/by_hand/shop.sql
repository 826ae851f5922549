-- schema
CREATE SCHEMA "Sales Data";
CREATE TABLE "Sales Data"."Customers" ("Id" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "Full Name" text, "Country" char(2), tier text, dropme int, "user" text, ref bigint);
ALTER TABLE "Sales Data"."Customers" DROP COLUMN dropme;
CREATE TABLE orders (id int PRIMARY KEY, cust bigint, at date, total numeric(12,2), tax numeric, status text DEFAULT 'new', gross numeric GENERATED ALWAYS AS (total * 1.19) STORED, meta jsonb);
CREATE TABLE items (order_id int, sku text, qty int, price numeric(10,2), opts text[]);
CREATE TABLE products (sku text PRIMARY KEY, name text, cat text, attrs jsonb, price numeric(10,2));
CREATE TABLE refunds (order_id int, amount numeric, why text);
INSERT INTO "Sales Data"."Customers" ("Full Name","Country",tier,"user",ref) SELECT 'N'||i, CASE i%3 WHEN 0 THEN 'DE' WHEN 1 THEN 'U' END, CASE i%2 WHEN 0 THEN 'gold' END, 'u'||i, nullif(i-1,0) FROM generate_series(1,8) i;
INSERT INTO orders (id,cust,at,total,tax,status,meta) SELECT i, nullif(i%9,0), date '2024-01-01'+i, i*10.5, CASE i%3 WHEN 0 THEN 1.5 WHEN 1 THEN 2 END, (ARRAY['new','paid','void'])[1+i%3], jsonb_build_object('tags', jsonb_build_array('a'||i%2,'b'), 'n', i, 'lines', jsonb_build_array(jsonb_build_object('k',i,'v','x'||i))) FROM generate_series(1,20) i;
INSERT INTO items SELECT i%22, 's'||i%6, i%4, i, ARRAY['o'||i%2, NULL] FROM generate_series(1,50) i;
INSERT INTO products SELECT 's'||i, 'P'||i, 'c'||i%2, '{"w":1}', i FROM generate_series(1,5) i;
INSERT INTO refunds SELECT i, i*1.10, NULL FROM generate_series(2,30,7) i;
CREATE VIEW paid AS SELECT o.*, c."Country" FROM orders o LEFT JOIN "Sales Data"."Customers" c ON c."Id" = o.cust WHERE o.status <> 'void';
CREATE VIEW paid_by AS SELECT "Country" AS country, count(*) n, sum(total) t FROM paid GROUP BY "Country";
CREATE FUNCTION vat(n numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT n * 0.19';
CREATE FUNCTION label(s text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$BEGIN RETURN coalesce(upper(s),'NONE'); END$$;
CREATE FUNCTION pairs(n int) RETURNS TABLE(a int, b text) LANGUAGE sql IMMUTABLE AS $$SELECT g, 'p'||g FROM generate_series(1,n) g$$;
CREATE AGGREGATE mul(numeric) (sfunc = numeric_mul, stype = numeric, initcond = 1);
-- definition s1
SELECT c."Id", c."Full Name" AS "Name!", count(o.id) FILTER (WHERE o.status='paid') AS "paid #", coalesce(sum(o.total),0) AS "sum", max(o.at) "max" FROM "Sales Data"."Customers" c LEFT JOIN orders o ON o.cust = c."Id" GROUP BY c."Id"
-- definition s4
SELECT o.id, i.sku, p.name, i.qty * coalesce(i.price, p.price, 0) AS amt FROM orders o JOIN items i ON i.order_id = o.id LEFT JOIN products p USING (sku)
-- definition s5
SELECT p.cat, date_trunc('month', o.at) m, sum(i.qty * i.price) rev, count(DISTINCT o.cust) custs, avg(i.price) FROM orders o JOIN items i ON i.order_id = o.id JOIN products p ON p.sku = i.sku WHERE o.status IN ('paid','new') GROUP BY 1,2
-- definition s6
SELECT id FROM orders o WHERE NOT EXISTS (SELECT FROM refunds r WHERE r.order_id = o.id) AND total > ALL (SELECT total FROM orders x WHERE x.cust = o.cust AND x.id < o.id)
-- definition s7
SELECT sku FROM products WHERE sku NOT IN (SELECT sku FROM items WHERE qty > 2)
-- definition s8
SELECT coalesce(o.id, r.order_id) id, o.total, r.amount, o.total - coalesce(r.amount,0) net FROM orders o FULL JOIN refunds r ON r.order_id = o.id
-- definition s9
SELECT o.id, r.order_id rid FROM orders o FULL JOIN refunds r ON r.order_id = o.id AND r.amount > 3
-- definition s10
SELECT status, cust, grouping(status, cust) g, sum(total) t, count(*) n, max(gross) mg FROM orders GROUP BY GROUPING SETS ((status, cust), (status), ())
-- definition s11
SELECT coalesce(status,'ALL') st, extract(month FROM at) mo, sum(total) FROM orders GROUP BY CUBE (status, extract(month FROM at)) HAVING count(*) > 1
-- definition s12
SELECT o.id, t.tag, t.ord FROM orders o CROSS JOIN LATERAL jsonb_array_elements_text(o.meta->'tags') WITH ORDINALITY t(tag, ord)
-- definition s13
SELECT o.id, l.k, l.v FROM orders o, jsonb_to_recordset(o.meta->'lines') AS l(k int, v text)
-- definition s14
SELECT i.order_id, u.o, u.n FROM items i LEFT JOIN LATERAL unnest(i.opts) WITH ORDINALITY u(o,n) ON u.o IS NOT NULL
-- definition s16
SELECT order_id, unnest(opts) o, generate_series(1, qty) g FROM items
-- definition s17
SELECT o.id, x.* FROM orders o CROSS JOIN LATERAL (SELECT i.sku, i.price FROM items i WHERE i.order_id = o.id ORDER BY i.price DESC, i.sku LIMIT 2) x
-- definition s18
SELECT o.id, p.a, p.b FROM orders o CROSS JOIN pairs(o.id % 3) p
-- definition s19
SELECT status, vat(sum(total)) v, label(status) l, mul(total) FILTER (WHERE total < 30) m, mul(DISTINCT total ORDER BY total) m2 FROM orders GROUP BY status
-- definition s20
SELECT cust, status FROM orders INTERSECT ALL SELECT cust, status FROM orders WHERE total > 50
-- definition s21
SELECT cust, NULL AS x FROM orders UNION SELECT "Id", tier FROM "Sales Data"."Customers"
-- definition s23
SELECT a.id, b.id bid FROM orders a JOIN orders b ON a.cust IS NOT DISTINCT FROM b.cust AND a.id < b.id
-- definition s24
SELECT c."Id" FROM "Sales Data"."Customers" c WHERE (c."Id", c.tier) IN (SELECT cust, 'gold' FROM orders)
-- definition s25
SELECT c."Id" FROM "Sales Data"."Customers" c WHERE (c."Id", c.tier) NOT IN (SELECT cust, status FROM orders WHERE status IS NOT NULL)
-- definition s26
SELECT c."Id", EXISTS (SELECT FROM orders o WHERE o.cust = c."Id" AND EXISTS (SELECT FROM items i WHERE i.order_id = o.id AND i.qty > 1)) h, (SELECT count(*) FROM orders o WHERE o.cust = c."Id") n, (SELECT max(total) FROM orders o WHERE o.cust = c.ref) m, c."Id" = ANY (SELECT cust FROM orders) y, c."Id" <> ALL (SELECT cust FROM orders) z FROM "Sales Data"."Customers" c
-- definition s29
SELECT status, count(*) FILTER (WHERE tax IS NULL) a, sum(tax) s, avg(tax) v, sum(tax)::text st, min(tax) mi, bool_or(tax > 1) b, array_agg(id ORDER BY total DESC) ids FROM orders GROUP BY status
-- definition s30
SELECT * FROM orders NATURAL JOIN (SELECT id, status, 'x' AS extra FROM orders WHERE id % 2 = 0) e
-- definition s32
SELECT CASE WHEN sum(total) > 300 THEN 'big' WHEN count(*) = 0 THEN 'none' ELSE 'small' END c, sum(CASE status WHEN 'paid' THEN total ELSE 0 END) p, status FROM orders GROUP BY status
-- definition s34
SELECT id, total FROM orders ORDER BY total DESC FETCH FIRST 3 ROWS WITH TIES
-- definition s35
SELECT id, total FROM orders ORDER BY total DESC, id LIMIT 3 OFFSET 2
-- definition s36
SELECT id FROM orders ORDER BY id OFFSET 1 FETCH FIRST 0 ROWS WITH TIES
-- definition s36b
SELECT status FROM orders ORDER BY status OFFSET 1 ROWS FETCH FIRST 0 ROWS WITH TIES
-- definition s37
SELECT id FROM orders ORDER BY id LIMIT NULL
-- definition s37b
SELECT id FROM orders ORDER BY id LIMIT ALL OFFSET 0
-- definition s38
SELECT cust, count(*) OVER (PARTITION BY cust) FROM orders GROUP BY cust, id
-- definition s39
SELECT DISTINCT cust, first_value(id) OVER (PARTITION BY cust ORDER BY total, id) FROM orders
-- definition s41
SELECT regexp_split_to_table(status, '') ch, id FROM orders
-- definition s42
SELECT o.id, q.n FROM orders o LEFT JOIN (SELECT order_id, count(*) n FROM items GROUP BY order_id HAVING count(*) > 2) q ON q.order_id = o.id WHERE coalesce(q.n, 0) < 4
-- definition s43
SELECT status, (SELECT count(*) FROM refunds) r, (SELECT max(amount) FROM refunds WHERE amount < 1000) mx FROM orders GROUP BY status
-- definition s44
WITH a AS MATERIALIZED (SELECT cust, sum(total) t FROM orders GROUP BY cust), b AS (SELECT avg(t) m FROM a) SELECT a.* FROM a, b WHERE a.t > b.m
-- definition s45
SELECT id FROM orders o WHERE total > (SELECT avg(total) FROM orders x WHERE x.status = o.status)
-- definition s47
SELECT jsonb_object_keys(meta) k, count(*) FROM orders GROUP BY 1
-- definition s49
SELECT o.id, o.status, i.sku FROM orders o RIGHT JOIN items i ON i.order_id = o.id AND o.status = 'paid' LEFT JOIN refunds r ON r.order_id = coalesce(o.id, i.order_id)
-- definition s53
SELECT c."Country", count(*) FROM "Sales Data"."Customers" c GROUP BY c."Country"
-- definition s55
SELECT o.id FROM orders o WHERE o.status IN (SELECT status FROM orders GROUP BY status HAVING count(*) > 5 EXCEPT SELECT 'void')
-- definition s56
SELECT o.id, (SELECT string_agg(i.sku, ',' ORDER BY i.sku) FROM items i WHERE i.order_id = o.id) skus, ARRAY(SELECT i.qty FROM items i WHERE i.order_id = o.id ORDER BY i.qty) qs, (SELECT sum(i.qty * i.price) FROM items i WHERE i.order_id = o.id AND i.price < o.total) lt FROM orders o
-- definition s57
SELECT id, sum(total) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING) s, total - lag(total, 1, 0::numeric) OVER (ORDER BY id) d FROM orders
-- definition s58
SELECT tax, count(*) c FROM orders GROUP BY tax
-- definition s59
SELECT s.status, s.n FROM (SELECT status, count(*) n, grouping(status) g FROM orders GROUP BY ROLLUP(status)) s WHERE g = 0
-- definition s60
SELECT status, percentile_cont(ARRAY[0.25,0.5]) WITHIN GROUP (ORDER BY total) p, rank(50) WITHIN GROUP (ORDER BY total) r FROM orders GROUP BY status
-- definition s62
SELECT DISTINCT ON (cust) cust, id, total FROM orders WHERE cust IS NOT NULL ORDER BY cust, total DESC NULLS LAST, id
-- refresh
-- write
INSERT INTO items SELECT order_id, sku, qty, price, NULL FROM items WHERE order_id < 5; DELETE FROM refunds WHERE order_id = 2; INSERT INTO refunds VALUES (4, 1.100, 'x'),(4,1.1,'x'),(NULL,2,'null')
-- refresh
-- write
UPDATE orders SET tax = NULL WHERE id % 2 = 0; DELETE FROM orders WHERE status = 'void'; UPDATE orders SET total = total + 1; UPDATE orders SET total = total - 1
-- refresh
-- write
INSERT INTO orders (id,cust,total,status,tax) VALUES (500,1,99.00,NULL,'NaN'),(501,NULL,99,'',1.25),(502,2,50,'paid',1); INSERT INTO products VALUES ('s0','zero','c9',NULL,NULL)
-- refresh
-- write
DELETE FROM orders WHERE tax = 'NaN'; UPDATE products SET sku = sku || 'x' WHERE sku < 's3'; UPDATE items SET price = NULL WHERE qty = 0
-- refresh
