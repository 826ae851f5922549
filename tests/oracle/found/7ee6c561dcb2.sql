-- schema
DROP SCHEMA IF EXISTS lib CASCADE;
-- schema
CREATE SCHEMA lib;
-- schema
CREATE TABLE t (id integer PRIMARY KEY, n integer, more integer);
-- schema
INSERT INTO t SELECT i, i, i FROM generate_series(1, 5) i;
-- schema
CREATE FUNCTION lib.f0(n integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN n + 2;
-- schema
CREATE FUNCTION lib.g(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT lib.U&"\00660"(n)';
-- definition d0 functions
SELECT id, lib.g(n) AS v FROM t
-- definition d1 functions
SELECT more, count(*) AS c FROM t GROUP BY more
-- refresh
-- write
UPDATE t SET n = 7 WHERE id = 1; CREATE TABLE other (id integer)
-- refresh
-- write
DROP TABLE other; DELETE FROM t WHERE id = 2
-- refresh
-- replace
CREATE OR REPLACE FUNCTION lib.f0(n integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN n + 3
-- refresh
d0=REINITIALIZE
