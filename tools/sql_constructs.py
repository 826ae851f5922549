"""SQL constructs, each with an example that is compiled for docs/sql-support.md, and what Snowflake does with it.

The column of Snowflake is what its documentation said in autumn 2026.
"""

from __future__ import annotations

from dataclasses import dataclass

SCHEMA = """
CREATE TYPE address AS (street text, zip text);
CREATE TYPE mood AS ENUM ('low', 'high');
CREATE DOMAIN positive AS integer CHECK (value > 0);
CREATE TABLE t (
    id integer PRIMARY KEY, k integer, n integer NOT NULL, g text, price numeric(10,2), day date, at timestamptz,
    tags text[], doc jsonb, home address, mood mood, p positive, r int4range, f float8
);
CREATE TABLE u (id integer PRIMARY KEY, k integer, n integer NOT NULL, y text, tags text[]);
CREATE TABLE parted (k integer) PARTITION BY RANGE (k);
CREATE TABLE part PARTITION OF parted FOR VALUES FROM (0) TO (10);
CREATE TABLE parent (id integer);
CREATE TABLE child () INHERITS (parent);
CREATE TABLE secured (id integer);
ALTER TABLE secured ENABLE ROW LEVEL SECURITY;
CREATE VIEW seen AS SELECT id, n FROM t WHERE n > 1;
CREATE EXTENSION citext;
CREATE TABLE member (id integer PRIMARY KEY, mail citext);
CREATE VIEW listed AS SELECT id FROM member WHERE (id, mail) IN (SELECT 1, 'ann@x'::citext FROM t);
CREATE MATERIALIZED VIEW stored AS SELECT id FROM t;
CREATE FOREIGN DATA WRAPPER fdw;
CREATE SERVER remote FOREIGN DATA WRAPPER fdw;
CREATE FOREIGN TABLE far_away (id integer) SERVER remote;
CREATE SEQUENCE numbers;
CREATE TABLE bare ();
DO $$ BEGIN EXECUTE (
    SELECT 'CREATE TABLE wide (' || string_agg('c' || i || ' integer', ', ') || ')' FROM generate_series(1, 1590) i
); END $$;
CREATE FUNCTION doubled(n integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN 2 * n;
CREATE FUNCTION greeting(name text) RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN 'hello ' || name; END $$;
CREATE FUNCTION looked_up(n integer) RETURNS text LANGUAGE sql STABLE RETURN (SELECT y FROM u WHERE id = n);
CREATE FUNCTION unsure(n integer) RETURNS integer LANGUAGE sql AS 'SELECT n';
CREATE FUNCTION series(n integer) RETURNS SETOF integer LANGUAGE sql IMMUTABLE RETURN generate_series(1, n);
CREATE AGGREGATE product(integer) (SFUNC = int4mul, STYPE = integer, INITCOND = '1');
CREATE DYNAMIC TABLE below TARGET_LAG = '1 minute' AS SELECT id, n FROM t;
CREATE DYNAMIC TABLE in_full TARGET_LAG = '1 minute' REFRESH_MODE = FULL AS SELECT id, n FROM t;
"""

YES, FULL, NO, NONE = "incremental", "full", "not supported", "–"


@dataclass(frozen=True, slots=True)
class Construct:
    """One construct: a definition that has it, and what Snowflake does with it."""

    name: str
    sql: str
    snowflake: str


C = Construct
SECTIONS: dict[str, tuple[Construct, ...]] = {
    "What is read": (
        C("tables", "SELECT id, n FROM t", YES),
        C("partitioned tables", "SELECT k FROM parted", NONE),
        C("views", "SELECT id FROM seen", YES),
        C("dynamic tables", "SELECT id FROM below", YES),
        C("dynamic tables that are refreshed in full", "SELECT id FROM in_full", "full, without a key"),
        C("WITH", "WITH q AS (SELECT id, n FROM t) SELECT a.id FROM q a JOIN q b ON a.n = b.id", YES),
        C("a WITH query that nothing reads", "WITH q AS (SELECT count(*) FROM u) SELECT id FROM t", NONE),
        C("WITH RECURSIVE, while rows are added", "WITH RECURSIVE r AS (SELECT id FROM t WHERE k IS NULL UNION ALL SELECT t.id FROM r JOIN t ON t.k = r.id) SELECT id FROM r", FULL),
        C("WITH RECURSIVE, UNION", "WITH RECURSIVE r (a, b) AS (SELECT k, n FROM u UNION SELECT r.a, u.n FROM r JOIN u ON u.k = r.b) SELECT a, count(*) AS c FROM r GROUP BY a", FULL),
        C("WITH RECURSIVE, UNION of a type whose equal values differ", "WITH RECURSIVE r AS (SELECT price + 0 AS p FROM t UNION SELECT r.p + 1 FROM r WHERE r.p < 9) SELECT p FROM r", FULL),
        C("WITH RECURSIVE, an aggregate over its own rows", "WITH RECURSIVE r AS (SELECT id FROM t UNION SELECT max(s.id) FROM (SELECT id - 1 AS id FROM r WHERE id > 0) s) SELECT id FROM r", FULL),
        C("WITH RECURSIVE, a window function over its own rows", "WITH RECURSIVE r AS (SELECT id FROM t WHERE k IS NULL UNION ALL SELECT (rank() OVER (ORDER BY t.n))::integer FROM r JOIN t ON t.k = r.id) SELECT id FROM r", FULL),
        C("WITH RECURSIVE, LIMIT over its own rows", "WITH RECURSIVE r AS (SELECT id FROM t WHERE k IS NULL UNION ALL (SELECT t.id FROM r JOIN t ON t.k = r.id ORDER BY t.id LIMIT 3)) SELECT id FROM r", FULL),
        C("WITH RECURSIVE that reads its own rows twice", "WITH RECURSIVE r AS (SELECT id FROM t UNION (WITH q AS (SELECT id FROM r) SELECT a.id + b.id FROM q a JOIN q b ON a.id = b.id + 1 WHERE a.id < 9)) SELECT id FROM r", FULL),
        C("WITH RECURSIVE through another one", "WITH RECURSIVE r AS (SELECT k FROM u UNION (WITH RECURSIVE s AS (SELECT k FROM r UNION SELECT u.n FROM s JOIN u ON u.k = s.k) SELECT k FROM s)) SELECT k FROM r", FULL),
        C("SEARCH, CYCLE", "WITH RECURSIVE r AS (SELECT id FROM t WHERE k IS NULL UNION ALL SELECT t.id FROM r JOIN t ON t.k = r.id) CYCLE id SET again USING way SELECT id, again FROM r", FULL),
        C("WITH RECURSIVE for each row", "SELECT t.id, s.n FROM t, LATERAL (WITH RECURSIVE r AS (SELECT t.n AS n UNION ALL SELECT u.n FROM r JOIN u ON u.k = r.n) SELECT n FROM r) s", FULL),
        C("WITH RECURSIVE that a LIMIT ends", "WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r) SELECT t.id, q.i FROM t, (SELECT i FROM r LIMIT 3) q", FULL),
        C("VALUES", "SELECT v.y, t.id FROM (VALUES (1, 'a'), (2, 'b')) v(n, y) JOIN t ON t.n = v.n", NONE),
        C("SELECT without FROM", "SELECT 0 AS id UNION ALL SELECT id FROM t", NONE),
        C("TABLESAMPLE", "SELECT id FROM t TABLESAMPLE SYSTEM (10)", NO),
        C("ONLY", "SELECT k FROM ONLY parted", NONE),
        C("tables with inheritance children", "SELECT id FROM parent", NONE),
        C("tables with row-level security", "SELECT id FROM secured", "full, with some policies"),
        C("materialized views", "SELECT id FROM stored", NONE),
        C("foreign tables", "SELECT id FROM far_away", NONE),
        C("system tables", "SELECT relname FROM pg_class", NONE),
        C("a table without columns", "SELECT count(*) AS c FROM bare", NO),
        C("more than 1,580 columns", "SELECT * FROM wide", NONE),
    ),
    "The select list": (
        C("no columns", "SELECT FROM t WHERE n > 1", NO),
        C("expressions, CASE, casts", "SELECT id, n * 2 AS twice, CASE WHEN n > 1 THEN 'many' END AS size, n::text AS text FROM t", YES),
        C("IS TRUE, IS NOT TRUE, IS UNKNOWN", "SELECT id, (k > 1) IS NOT TRUE AS a, (k > 1) IS UNKNOWN AS b FROM t", YES),
        C("arrays, json, ranges", "SELECT id, tags[1] AS tag, doc -> 'a' AS a, upper(r) AS until FROM t", YES),
        C("composite types, enums, domains", "SELECT id, (home).zip AS zip, mood, p FROM t", "structured types: not supported"),
        C("collations", 'SELECT id FROM t WHERE g COLLATE "C" > \'a\'', YES),
        C("floats", "SELECT id, f * 2 AS f FROM t WHERE f > 0.5", YES),
        C("immutable functions of the user", "SELECT id, doubled(n) AS n FROM t", YES),
        C("functions of the server that read catalog or session", "SELECT id, obj_description(k::oid) AS about FROM t", FULL),
        C("stable functions of the user", "SELECT id, greeting(g) AS hello FROM t", NONE),
        C("stable functions of the user that read tables", "SELECT id, looked_up(k) AS y FROM t", "full, or never"),
        C("volatile functions of the user", "SELECT id, unsure(n) AS n FROM t", "select list: incremental; else full"),
        C("random()", "SELECT id, random() AS r FROM t", FULL),
        C("sequences", "SELECT id, nextval('numbers') AS number FROM t", FULL),
        C("now() as a value", "SELECT id, now() - at AS age FROM t", FULL),
        C("current_user", "SELECT id FROM t WHERE g = current_user", NO),
        C("current_schema, current_setting()", "SELECT id, current_setting('my.option', true) AS option FROM t", FULL),
        C("set-returning functions", "SELECT id, unnest(tags) AS tag, generate_series(1, n) AS i FROM t", NONE),
        C("a whole row as a value", "SELECT id, to_jsonb(t) AS row FROM t", NONE),
        C("system columns", "SELECT id, xmin::text AS x FROM t", NONE),
        C("JSON_VALUE, JSON_EXISTS", "SELECT id, JSON_VALUE(doc, '$.a') AS a FROM t", NONE),
        C("JSON_QUERY … WITH WRAPPER, JSON_SERIALIZE", "SELECT id, JSON_QUERY(doc, '$.a' WITH WRAPPER) AS a FROM t", NONE),
        C("operators before their operand: @, !!, user-defined", "SELECT id, @ n AS size FROM t", NONE),
        C("intervals of a few digits, numeric without its last ones", "SELECT id, price::numeric(10,-2) AS hundreds FROM t", NONE),
    ),
    "Conditions": (
        C("WHERE", "SELECT id FROM t WHERE n > 1 OR k IS NULL", YES),
        C("now() in WHERE", "SELECT id FROM t WHERE at > now() - interval '1 day'", YES),
        C("CURRENT_DATE in HAVING", "SELECT g, max(day) AS last FROM t GROUP BY g HAVING max(day) < CURRENT_DATE", YES),
        C("now() in an inner join", "SELECT t.id FROM t JOIN u ON u.k = t.k AND t.at > now()", FULL),
        C("now() in an outer join", "SELECT t.id FROM t LEFT JOIN u ON u.k = t.k AND t.at > now()", FULL),
        C("now() in FILTER", "SELECT g, count(*) FILTER (WHERE at > now()) AS n FROM t GROUP BY g", NONE),
        C("clock_timestamp(), statement_timestamp()", "SELECT id FROM t WHERE at > statement_timestamp()", NONE),
    ),
    "Joins": (
        C("inner joins of any number of tables", "SELECT t.id, u.y, v.y AS z FROM t JOIN u ON u.k = t.k JOIN u v ON v.n = t.n", YES),
        C("inner joins without equality, cross joins", "SELECT t.id, u.id AS other FROM t, u WHERE t.n < u.n", YES),
        C("USING, NATURAL", "SELECT k, t.id, u.y FROM t JOIN u USING (k)", YES),
        C("self-joins", "SELECT a.id, b.id AS other FROM t a JOIN t b ON a.k = b.k", YES),
        C("LEFT, RIGHT, FULL on equalities", "SELECT t.id, u.y FROM t FULL JOIN u ON u.k = t.k", YES),
        C("outer joins on other conditions", "SELECT t.id, u.y FROM t LEFT JOIN u ON u.k = t.k AND u.n > t.n OR u.y = t.g", FULL),
        C("outer joins chained, nested, over groups", "SELECT t.id, q.s FROM t LEFT JOIN (SELECT k, sum(n) AS s FROM u GROUP BY k) q ON q.k = t.k", YES),
        C("LATERAL functions of a row", "SELECT t.id, e.key, e.value FROM t LEFT JOIN LATERAL jsonb_each_text(t.doc) e ON true", "FLATTEN: incremental; else full"),
        C("LATERAL functions of the user", "SELECT t.id, s.i FROM t CROSS JOIN series(t.n) s(i)", FULL),
        C("LATERAL subqueries", "SELECT t.id, s.n FROM t CROSS JOIN LATERAL (SELECT count(*) AS n FROM u WHERE u.k = t.k) s", FULL),
        C("LATERAL: the first rows of each", "SELECT t.id, s.y FROM t LEFT JOIN LATERAL (SELECT u.y FROM u WHERE u.k = t.k ORDER BY u.n, u.id LIMIT 3) s ON true", FULL),
        C("a LEFT JOIN LATERAL of an aggregate, with a condition", "SELECT t.id, s.n FROM t LEFT JOIN LATERAL (SELECT count(*) AS n FROM u WHERE u.k = t.k) s ON s.n > 1", FULL),
        C("ROWS FROM, JSON_TABLE", "SELECT t.id, j.a FROM t, JSON_TABLE(t.doc, '$[*]' COLUMNS (a integer PATH '$.a')) j", NONE),
        C("calls with syntax of their own in FROM", "SELECT t.id, y FROM t, EXTRACT(year FROM t.day) y", NONE),
        C("functions of records in ROWS FROM", "SELECT t.id, r.a FROM t JOIN ROWS FROM (jsonb_to_recordset('[]') AS (a integer), generate_series(1, 2)) AS r (a, n) ON r.a = t.n", NONE),
        C("CURRENT_DATE in FROM", "SELECT t.id, d FROM t, current_date d", NONE),
        C("a join in parentheses with an alias", "SELECT j.a FROM (u JOIN seen ON seen.n = u.n) AS j(a)", NONE),
    ),
    "Types with operators outside pg_catalog": (
        C("groups, DISTINCT, windows, set operations", "SELECT mail, count(*) AS c FROM member GROUP BY mail", NONE),
        C("comparisons, USING, IN, CASE x WHEN, NULLIF, IS DISTINCT FROM", "SELECT a.id, CASE b.mail WHEN 'ann@x' THEN 1 END AS k FROM member a JOIN member b USING (mail) WHERE nullif(a.mail, 'bob@x') IS DISTINCT FROM 'eve@x'", NONE),
        C("IN with rows, in a view", "SELECT id FROM listed", NONE),
    ),
    "Subqueries outside FROM": (
        C("EXISTS, NOT EXISTS", "SELECT id FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.k = t.k)", FULL),
        C("IN, NOT IN", "SELECT id FROM t WHERE k NOT IN (SELECT k FROM u)", FULL),
        C("ANY, ALL", "SELECT id FROM t WHERE n >= ALL (SELECT n FROM u WHERE u.k = t.k)", FULL),
        C("as values, in OR and CASE", "SELECT id, k IN (SELECT k FROM u) AS found FROM t WHERE n = 1 OR EXISTS (SELECT 1 FROM u WHERE u.n = t.n)", FULL),
        C("scalar, correlated", "SELECT id, (SELECT max(u.n) FROM u WHERE u.k = t.k) AS m FROM t", FULL),
        C("scalar, not correlated", "SELECT id FROM t WHERE n > (SELECT avg(n) FROM u)", FULL),
        C("correlated by something else than equality", "SELECT id, (SELECT sum(u.n) FROM u WHERE u.n < t.n) AS s FROM t", FULL),
        C("correlated set operations", "SELECT id FROM t WHERE k IN (SELECT u.k FROM u WHERE u.n > t.n INTERSECT SELECT id FROM u)", FULL),
        C("in HAVING and inside aggregates", "SELECT g, sum((SELECT count(*) FROM u WHERE u.k = t.k)) AS s FROM t GROUP BY g HAVING count(*) > (SELECT count(*) FROM u)", FULL),
        C("ARRAY(SELECT …)", "SELECT id, ARRAY(SELECT u.y FROM u WHERE u.k = t.k ORDER BY u.y) AS ys FROM t", FULL),
        C("ARRAY over more than a filter", "SELECT id, ARRAY(SELECT DISTINCT u.y FROM u WHERE u.k = t.k ORDER BY u.y) AS ys FROM t", FULL),
        C("a scalar subquery of arrays by something else than a key", "SELECT id, (SELECT u.tags FROM u WHERE u.k = t.k AND u.id = (SELECT min(id) FROM u)) AS tags FROM t", FULL),
        C("a row compared with a subquery", "SELECT id FROM t WHERE (k, n) = (SELECT u.k, u.n FROM u WHERE u.id = t.id)", FULL),
        C("HAVING without GROUP BY in a subquery", "SELECT id, (SELECT sum(u.n) FROM u WHERE u.k = t.k HAVING count(*) > 1) AS s FROM t", FULL),
        C("EXISTS, IN, ANY, ALL without FROM", "SELECT EXISTS (SELECT FROM u WHERE n > 5) AS some, 7 IN (SELECT n FROM u) AS seven", NONE),
        C("an aggregate of the query around it", "SELECT g, (SELECT count(*) FROM u WHERE u.n > max(t.n)) AS c FROM t GROUP BY g", NONE),
        C("GROUP BY a column of the query around it", "SELECT id, (SELECT count(*) FROM u WHERE u.n > t.n GROUP BY t.n) AS c FROM t", NONE),
        C("VALUES with subqueries", "SELECT v.a FROM (VALUES ((SELECT count(*) FROM t))) v (a)", NONE),
        C("VALUES in WITH", "WITH v (n, y) AS (VALUES (1, 'a'), (2, 'b')) SELECT v.y, t.id FROM v JOIN t ON t.n = v.n", NONE),
        C("LIMIT over VALUES with subqueries", "WITH v (a) AS (VALUES ((SELECT count(*) FROM t)) OFFSET 1) SELECT a FROM v", NONE),
        C("several rows of VALUES with subqueries", "SELECT v.a FROM (VALUES ((SELECT count(*) FROM t)), (1)) v (a)", NONE),
        C("IN over a query without tables", "SELECT id FROM t WHERE n IN (SELECT unnest(ARRAY[1, 2]))", FULL),
        C("hypothetical-set aggregates of correlated rows", "SELECT id, (SELECT rank(t.n) WITHIN GROUP (ORDER BY u.n) FROM u WHERE u.k = t.k) AS place FROM t", FULL),
        C("windows of correlated rows", "SELECT id, (SELECT max(n) FROM (SELECT row_number() OVER (ORDER BY u.id) AS n FROM u WHERE u.k = t.k) q) AS m FROM t", FULL),
        C("a FULL JOIN below the correlation", "SELECT id, (SELECT count(*) FROM u a FULL JOIN u b ON a.k = b.n AND a.k = t.k) AS c FROM t", FULL),
        C("two queries further out, by something else than equality", "SELECT id, (SELECT count(*) FROM u WHERE u.n = (SELECT max(v.n) FROM u v WHERE v.n < t.n)) AS c FROM t", FULL),
        C("functions of the outer row in FROM, beside tables", "SELECT id, (SELECT max(u.y) FROM u JOIN generate_series(1, t.n) i ON i = u.k) AS m FROM t", FULL),
        C("in ON of outer joins", "SELECT t.id, u.y FROM t LEFT JOIN u ON u.k = t.k AND EXISTS (SELECT 1 FROM u v WHERE v.n = t.n AND v.y = u.y)", FULL),
        C("in GROUP BY", "SELECT count(*) AS n FROM t GROUP BY (SELECT max(u.y) FROM u WHERE u.k = t.k)", FULL),
    ),
    "Groups": (
        C("GROUP BY, HAVING", "SELECT g, count(*) AS c, sum(price) / count(*) AS mean FROM t GROUP BY g HAVING count(*) > 1", YES),
        C("without GROUP BY", "SELECT count(*) AS c, sum(price) AS s FROM t", "incremental, computed anew"),
        C("FILTER", "SELECT g, count(*) FILTER (WHERE n > 1) AS c FROM t GROUP BY g", NONE),
        C("min, max", "SELECT g, min(day) AS first, max(price) AS m FROM t GROUP BY g", YES),
        C("DISTINCT inside", "SELECT g, count(DISTINCT k) AS c FROM t GROUP BY g", YES),
        C("string_agg, array_agg, json aggregates", "SELECT g, string_agg(g, ',' ORDER BY id) AS s, jsonb_agg(n) AS j FROM t GROUP BY g", YES),
        C("statistics", "SELECT g, stddev(price) AS sd, var_pop(n) AS v FROM t GROUP BY g", YES),
        C("statistics of floats", "SELECT g, corr(n, k) AS co, regr_slope(n, k) AS sl FROM t GROUP BY g", YES),
        C("boolean and bit aggregates", "SELECT g, bool_and(n > 1) AS b, bit_or(n) AS o FROM t GROUP BY g", YES),
        C("percentiles, mode", "SELECT g, percentile_cont(0.5) WITHIN GROUP (ORDER BY price) AS median, mode() WITHIN GROUP (ORDER BY k) AS m FROM t GROUP BY g", FULL),
        C("any_value", "SELECT g, any_value(g) AS any FROM t GROUP BY g", NO),
        C("sums of floats", "SELECT g, sum(f) AS s FROM t GROUP BY g", "incremental, unless joined or grouped on"),
        C("aggregates of the user", "SELECT g, product(n) FILTER (WHERE k > 1) AS p FROM t GROUP BY g", NONE),
        C("ROLLUP, CUBE, GROUPING SETS", "SELECT g, k, sum(price) AS s, grouping(g, k) AS level FROM t GROUP BY ROLLUP (g, k)", FULL),
        C("more than 64 groupings", "SELECT count(*) AS c FROM t GROUP BY CUBE (g, k, n, price, day, at, f)", FULL),
        C("aggregates over aggregates", "SELECT c, count(*) AS n FROM (SELECT g, count(*) AS c FROM t GROUP BY g) q GROUP BY c", YES),
    ),
    "Distinct rows and set operations": (
        C("DISTINCT", "SELECT DISTINCT g, k FROM t", YES),
        C("DISTINCT ON", "SELECT DISTINCT ON (g) g, id FROM t ORDER BY g, price DESC, id", NONE),
        C("UNION ALL", "SELECT id FROM t UNION ALL SELECT id FROM u", YES),
        C("UNION", "SELECT k FROM t UNION SELECT k FROM u", YES),
        C("EXCEPT, EXCEPT ALL", "SELECT k FROM t EXCEPT ALL SELECT k FROM u", FULL),
        C("INTERSECT, INTERSECT ALL", "SELECT k FROM t INTERSECT SELECT k FROM u", FULL),
    ),
    "Windows": (
        C("ranks", "SELECT id, rank() OVER (PARTITION BY g ORDER BY price, id) AS place FROM t", YES),
        C("frames of rows, range, groups", "SELECT id, sum(n) OVER (PARTITION BY g ORDER BY day RANGE BETWEEN '7 days' PRECEDING AND CURRENT ROW) AS week FROM t", "incremental; not RANK with a sliding frame"),
        C("several windows", "SELECT id, count(*) OVER (PARTITION BY g) AS a, count(*) OVER (PARTITION BY k) AS b FROM t", YES),
        C("without PARTITION BY", "SELECT id, row_number() OVER (ORDER BY id) AS n FROM t", "incremental, computed anew"),
        C("over groups and joins", "SELECT day, sum(price) - lag(sum(price)) OVER (ORDER BY day) AS growth FROM t GROUP BY day", YES),
        C("row_number() = 1", "SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY g ORDER BY price, id) AS n FROM t) q WHERE n = 1", YES),
        C("WINDOW w AS …, OVER w", "SELECT id, sum(n) OVER w AS s FROM t WINDOW w AS (PARTITION BY g ORDER BY id)", NONE),
        C("frames without an end, EXCLUDE", "SELECT id, sum(n) OVER (PARTITION BY g ORDER BY id ROWS 2 PRECEDING EXCLUDE TIES) AS s FROM t", NONE),
        C("an order or a frame added to a named window", "SELECT id, sum(n) OVER (w ROWS 1 PRECEDING) AS s FROM t WINDOW w AS (PARTITION BY g ORDER BY id)", NONE),
    ),
    "Order and limit": (
        C("ORDER BY", "SELECT id FROM t ORDER BY n", "accepted, no effect"),
        C("ORDER BY … LIMIT, OFFSET", "SELECT id, n FROM t ORDER BY n DESC, id LIMIT 10 OFFSET 5", FULL),
        C("FETCH FIRST … WITH TIES", "SELECT id, n FROM t ORDER BY n FETCH FIRST 10 ROWS WITH TIES", FULL),
        C("LIMIT in a subquery", "SELECT q.g, count(*) AS c FROM (SELECT g FROM t ORDER BY n, id LIMIT 10) q GROUP BY q.g", FULL),
        C("LIMIT ALL, LIMIT NULL", "SELECT id FROM t ORDER BY id LIMIT ALL", NONE),
        C("LIMIT without ORDER BY", "SELECT g, day FROM t LIMIT 10 OFFSET 5", FULL),
        C("an ORDER BY that leaves ties open", "SELECT g FROM t ORDER BY day LIMIT 10", FULL),
        C("LIMIT without ORDER BY, of groups", "SELECT g, count(*) AS c FROM t GROUP BY g LIMIT 10", FULL),
        C("LIMIT without ORDER BY, of each row", "SELECT id, (SELECT u.y FROM u WHERE u.k = t.k LIMIT 1) AS y FROM t", FULL),
        C("LIMIT without ORDER BY, of a type without an order", "SELECT doc::json AS doc FROM t LIMIT 10", FULL),
        C("OFFSET without LIMIT", "SELECT id FROM t ORDER BY id OFFSET 10", FULL),
        C("a LIMIT of the outer row", "SELECT id, (SELECT u.y FROM u WHERE u.k = t.k ORDER BY u.id LIMIT t.n) AS y FROM t", FULL),
    ),
}  # fmt: skip
