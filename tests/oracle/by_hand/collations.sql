-- schema
CREATE TABLE ct (id int PRIMARY KEY, a text COLLATE "pg_unicode_fast", b varchar(20) COLLATE "pg_unicode_fast", c text);
CREATE TABLE cu (id int, a text COLLATE "pg_unicode_fast", z text COLLATE "pg_unicode_fast");
INSERT INTO ct SELECT i, (ARRAY['b','B','a','é','Z','ß'])[1+i%6], (ARRAY['x','X'])[1+i%2], 'c'||i%3 FROM generate_series(1,12) i;
INSERT INTO cu SELECT i%5, (ARRAY['b','B','a','é','Z','ß'])[1+i%6], 'Z'||i FROM generate_series(1,12) i;
-- definition c1
SELECT id, a FROM ct WHERE a < 'C'
-- definition c2
SELECT id, upper(a) u, a > b gt FROM ct
-- definition c3
SELECT b, min(a) mi, max(a) ma, count(*) FROM ct GROUP BY b
-- definition c4
SELECT ct.id, cu.z FROM ct JOIN cu ON cu.a = ct.a
-- definition c5
SELECT ct.id, ct.a, cu.z FROM ct LEFT JOIN cu ON cu.id = ct.id AND cu.a > ct.a
-- definition c6
SELECT ct.id, cu.a FROM ct FULL JOIN cu ON cu.id = ct.id
-- definition c7
SELECT a FROM ct UNION SELECT a FROM cu
-- definition c8
SELECT a FROM ct EXCEPT ALL SELECT z FROM cu
-- definition c9
SELECT id, a, rank() OVER (PARTITION BY b ORDER BY a) FROM ct
-- definition c10
SELECT a, id FROM ct ORDER BY a DESC, id LIMIT 3
-- definition c11
SELECT a, count(*) FROM cu GROUP BY a
-- definition c12
SELECT c, string_agg(a, ',' ORDER BY a, id) FROM ct GROUP BY c
-- definition c13
SELECT id, (SELECT max(cu.a) FROM cu WHERE cu.id = ct.id) m FROM ct WHERE a IN (SELECT a FROM cu) OR a >= ALL (SELECT a FROM cu)
-- definition c14
SELECT q.m, count(*) FROM (SELECT id, max(a) m FROM cu GROUP BY id) q GROUP BY q.m
-- definition c15
SELECT ct.b, count(cu.a) n, max(cu.a) FROM ct LEFT JOIN cu ON cu.id = ct.id GROUP BY ct.b
-- definition c19
SELECT x, mi FROM (SELECT upper(b) x, mi FROM c3) q WHERE mi < 'B'
-- definition c20
SELECT mi, count(*) FROM c3 GROUP BY mi
-- definition c21
SELECT a, id FROM ct INTERSECT SELECT a, id FROM cu
-- definition c22
SELECT coalesce(ct.a, cu.a) k, count(*) FROM ct FULL JOIN cu USING (id) GROUP BY 1
-- refresh
-- write
INSERT INTO ct VALUES (20,'D','y','c1'),(21,'c','Y','c1'),(22,'ä','y','c2'),(23,NULL,'x',NULL); INSERT INTO cu VALUES (20,'c','C'),(20,'D','é'),(1,NULL,NULL)
-- refresh
-- write
UPDATE ct SET a = 'straße' WHERE id < 4; UPDATE cu SET a = 'Straße' WHERE id = 1
-- refresh
-- write
DELETE FROM ct WHERE a IN ('a','B'); DELETE FROM cu WHERE a > 'b'
-- refresh
-- write
UPDATE ct SET a = upper(a); UPDATE ct SET id = id + 100
-- refresh
