"""Recursive definitions, and changes of what they read: a forest, a graph with cycles, and one without."""

from __future__ import annotations

from collections.abc import Callable, Sequence

TABLES = (
    "CREATE TABLE part (id integer PRIMARY KEY, parent integer, name text)",
    "CREATE TABLE edge (a integer, b integer, label text)",
    "CREATE TABLE dag (a integer NOT NULL, b integer NOT NULL CHECK (a < b), w numeric)",
)
ABOVE = (
    "CREATE DYNAMIC TABLE labels TARGET_LAG = DOWNSTREAM AS SELECT label, count(*) AS n FROM edge GROUP BY label",
    "CREATE DYNAMIC TABLE links TARGET_LAG = DOWNSTREAM AS SELECT a, b FROM edge WHERE a <> b",
    "CREATE VIEW seen AS WITH RECURSIVE r AS (SELECT id, name FROM part WHERE parent IS NULL UNION ALL "
    "SELECT p.id, r.name FROM r JOIN part p ON p.parent = r.id) SELECT id, name FROM r",
)

_TREE = (
    "WITH RECURSIVE tree AS (SELECT id, 0 AS depth, name FROM part WHERE parent IS NULL UNION ALL "
    "SELECT p.id, t.depth + 1, p.name FROM tree t JOIN part p ON p.parent = t.id)"
)
_REACH = "WITH RECURSIVE r(a, b) AS (SELECT a, b FROM edge UNION SELECT r.a, e.b FROM r JOIN edge e ON e.a = r.b)"

RECURSIONS = {
    "tree": f"{_TREE} SELECT id, depth FROM tree",
    "levels": f"{_TREE} SELECT depth, count(*) AS n, max(name) AS last FROM tree GROUP BY depth",
    "joined": f"{_TREE} SELECT t.id, t.depth, e.label FROM tree t LEFT JOIN edge e ON e.a = t.id",
    "filtered": f"{_TREE} SELECT name || '!' AS name FROM tree WHERE depth > 1",
    "first": f"{_TREE} SELECT id, depth FROM tree ORDER BY depth DESC, id LIMIT 3",
    "twice": f"{_TREE} SELECT x.id, y.id AS other FROM tree x JOIN tree y ON x.name = y.name AND x.id < y.id",
    "paths": "WITH RECURSIVE p(id, path) AS (SELECT id, ARRAY[id] FROM part WHERE parent IS NULL UNION ALL "
    "SELECT c.id, p.path || c.id FROM p, part c WHERE c.parent = p.id) SELECT id, path, cardinality(path) AS n FROM p",
    "guarded": "WITH RECURSIVE p(a, path) AS (SELECT DISTINCT a, ARRAY[a] FROM edge UNION ALL "
    "SELECT e.b, p.path || e.b FROM p JOIN edge e ON e.a = p.a WHERE e.b <> ALL (p.path)) SELECT a, path FROM p",
    "reach": f"{_REACH} SELECT a, b FROM r",
    "cyclic": f"{_REACH} SELECT a FROM r WHERE a = b",
    "from_ones": "WITH RECURSIVE r AS (VALUES (1), (4) UNION SELECT e.b FROM r JOIN edge e ON e.a = r.column1) "
    "SELECT column1 AS b FROM r",
    "same_null": "WITH RECURSIVE r(a, l) AS (SELECT a, label FROM edge WHERE a < 3 UNION "
    "SELECT e.b, e.label FROM r JOIN edge e ON e.a IS NOT DISTINCT FROM r.a AND e.label = r.l) SELECT a, l FROM r",
    "by_label": "WITH RECURSIVE r AS (SELECT label, 1 AS n FROM edge UNION SELECT p.name, n + 1 FROM r "
    "JOIN part p ON p.name > r.label WHERE n < 3) SELECT label, n FROM r",
    "ways": "WITH RECURSIVE r AS (SELECT a, b FROM dag UNION ALL SELECT r.a, d.b FROM r JOIN dag d ON d.a = r.b) "
    "SELECT a, b FROM r",
    "weighed": "WITH RECURSIVE r AS (SELECT a, b, w FROM dag UNION ALL SELECT r.a, d.b, r.w + d.w FROM r "
    "JOIN dag d ON d.a = r.b) SELECT a, b, w FROM r",
    "cheapest": "WITH RECURSIVE r AS (SELECT a, b, w FROM dag UNION ALL SELECT r.a, d.b, r.w + d.w FROM r "
    "JOIN dag d ON d.a = r.b) SELECT a, b, min(w) AS least, count(*) AS ways FROM r GROUP BY a, b",
    "two_sources": "WITH RECURSIVE r(a) AS (SELECT id FROM part WHERE parent IS NULL UNION "
    "SELECT d.b FROM r JOIN dag d ON d.a = r.a JOIN edge e ON e.a = d.b) SELECT a FROM r",
    "two_sources_all": "WITH RECURSIVE r(a, n) AS (SELECT id, 0 FROM part UNION ALL "
    "SELECT d.b, n + 1 FROM r JOIN dag d ON d.a = r.a JOIN part p ON p.id = d.b WHERE n < 4) SELECT a, n FROM r",
    "semi": "WITH RECURSIVE r AS (SELECT id FROM part WHERE parent IS NULL UNION ALL SELECT p.id FROM r "
    "JOIN part p ON p.parent = r.id WHERE EXISTS (SELECT FROM edge e WHERE e.a = p.id)) SELECT id FROM r",
    "anti": "WITH RECURSIVE r AS (SELECT id FROM part WHERE parent IS NULL UNION ALL SELECT p.id FROM r "
    "JOIN part p ON p.parent = r.id WHERE NOT EXISTS (SELECT FROM dag d WHERE d.a = p.id)) SELECT id FROM r",
    "left": "WITH RECURSIVE r AS (SELECT id, name FROM part WHERE parent IS NULL UNION ALL "
    "SELECT p.id, coalesce(e.label, r.name) FROM r JOIN part p ON p.parent = r.id LEFT JOIN edge e ON e.a = p.id) "
    "SELECT id, name FROM r",
    "derived": "WITH RECURSIVE r AS (SELECT id, 1 AS n FROM part WHERE parent IS NULL UNION ALL SELECT q.id, q.n FROM "
    "(SELECT p.id, s.n + 1 AS n FROM (SELECT id, n FROM r WHERE n < 5) s, part p WHERE p.parent = s.id) q) "
    "SELECT id, n FROM r",
    "nested_with": "WITH RECURSIVE r AS (SELECT id FROM part WHERE parent IS NULL UNION ALL (WITH k AS (SELECT id, "
    "parent FROM part WHERE name <> 'x'), s AS (SELECT id AS up FROM r) SELECT k.id FROM s JOIN k ON k.parent = s.up)) "
    "SELECT id FROM r",
    "own_with": "WITH RECURSIVE r AS (WITH k AS (SELECT a, b FROM edge WHERE label <> 'y') SELECT a, b FROM k UNION "
    "SELECT r.a, k.b FROM r JOIN k ON k.a = r.b) SELECT a, b FROM r",
    "forward": "WITH RECURSIVE r AS (SELECT a, b FROM k UNION SELECT r.a, k.b FROM r JOIN k ON k.a = r.b), "
    "k AS (SELECT a, b FROM edge WHERE a > 1), top AS (SELECT max(b) AS b FROM r) SELECT r.a, top.b FROM r, top",
    "of_two": "WITH RECURSIVE r AS (SELECT id FROM part WHERE parent IS NULL UNION ALL SELECT id FROM part WHERE name "
    "= 'x' UNION ALL SELECT p.id FROM r JOIN part p ON p.parent = r.id) SELECT id FROM r",
    "of_a_set": "WITH RECURSIVE r AS (SELECT a FROM edge UNION SELECT id FROM part UNION ALL SELECT d.b FROM r "
    "JOIN dag d ON d.a = r.a) SELECT a FROM r",
    "grouped_below": "WITH RECURSIVE g AS (SELECT a, max(b) AS b FROM edge GROUP BY a), r AS (SELECT a, b FROM g UNION "
    "SELECT r.a, g.b FROM r JOIN g ON g.a = r.b) SELECT a, b FROM r",
    "over_another": "WITH RECURSIVE r AS (SELECT a, b FROM edge WHERE a < 4 UNION SELECT r.a, e.b FROM r JOIN edge e "
    "ON e.a = r.b), s AS (SELECT a, b, 0 AS n FROM r WHERE a < b UNION ALL SELECT s.a, r.b, n + 1 FROM s JOIN r "
    "ON r.a = s.b WHERE n < 2 AND r.a < r.b) SELECT a, b, n FROM s",
    "of_a_table": "WITH RECURSIVE r AS (SELECT a, b FROM links UNION SELECT r.a, l.b FROM r JOIN links l ON l.a = r.b) "
    "SELECT a, b FROM r",
    "of_counts": "WITH RECURSIVE r AS (SELECT id, name FROM part WHERE parent IS NULL UNION ALL SELECT p.id, l.label "
    "FROM r JOIN part p ON p.parent = r.id JOIN labels l ON l.label = r.name AND l.n > 1) SELECT id, name FROM r",
    "of_a_view": "SELECT name, count(*) AS n FROM seen GROUP BY name",
    "numbers": "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 9) "
    "SELECT n.i, p.name FROM n LEFT JOIN part p ON p.id = n.i",
    "sets": "WITH RECURSIVE r AS (SELECT id, 0 AS v FROM part WHERE parent IS NULL UNION ALL SELECT p.id, g FROM r "
    "JOIN part p ON p.parent = r.id, generate_series(1, 2) g) SELECT id, v FROM r",
    "expanded": "WITH RECURSIVE r AS (SELECT id FROM part WHERE parent IS NULL UNION SELECT "
    "unnest(ARRAY[p.id, p.id + 1]) FROM r JOIN part p ON p.parent = r.id) SELECT id FROM r",
    "in_subquery": f"SELECT id FROM part WHERE id IN ({_REACH} SELECT b FROM r WHERE a = 1)",
    "outside": f"SELECT id FROM part WHERE NOT EXISTS ({_REACH} SELECT FROM r WHERE r.b = part.id)",
    "self_joined_source": "WITH RECURSIVE r AS (SELECT a, b FROM edge UNION SELECT r.a, y.b FROM r JOIN edge x "
    "ON x.a = r.b JOIN edge y ON y.a = x.b) SELECT a, b FROM r",
    "constant_step": "WITH RECURSIVE r AS (SELECT a, b FROM edge UNION SELECT v.i, r.b FROM r JOIN (VALUES (1, 2), "
    "(2, 3)) v(h, i) ON v.h = r.a) SELECT a, b FROM r",
    "tagged": f"{_TREE} SELECT 'p' AS kind, id FROM tree UNION ALL SELECT label, a FROM edge",
}

APPENDS = (
    "INSERT INTO part SELECT i, nullif(i / {n}, 0), {text} FROM (SELECT greatest(max(id), 0) AS last FROM part) p, "
    "generate_series(last + 1, last + {few}) i",
    "INSERT INTO part SELECT least(min(id), 0) - 1, NULL, {text} FROM part",
    "INSERT INTO edge VALUES ({node}, {node}, {text}), ({node}, {node}, {text})",
    "INSERT INTO edge VALUES ({node}, NULL, {text})",
    "INSERT INTO edge SELECT * FROM edge ORDER BY a, b, label LIMIT 1",
    "INSERT INTO dag SELECT {node}, {node} + 8, 1.0 FROM generate_series(1, {few})",
    "INSERT INTO dag SELECT x, x + {few}, 1.50 FROM (SELECT {node}) v(x)",
)
OTHERS = (
    "DELETE FROM edge WHERE a = {node}",
    "DELETE FROM edge WHERE ctid = (SELECT min(ctid) FROM edge)",
    "UPDATE edge SET b = {node} WHERE a = {node}",
    "UPDATE edge SET label = {text} WHERE b = {node}",
    "DELETE FROM part WHERE id % 7 = {few}",
    "UPDATE part SET parent = NULL WHERE id = {node}",
    "UPDATE part SET name = {text} WHERE id % 5 = {few}",
    "UPDATE part SET parent = {few} WHERE id > 4 AND id % 3 = {few}",
    "DELETE FROM dag WHERE a = {node}",
    "UPDATE dag SET w = w + 1 WHERE b > {node}",
    "DELETE FROM dag WHERE b > 6",
)


def filled(statement: str, one: Callable[[Sequence[str]], str]) -> str:
    """Return a statement with values for its words, each chosen by ``one``."""
    for word, values in _WORDS.items():
        while f"{{{word}}}" in statement:
            statement = statement.replace(f"{{{word}}}", one(values), 1)
    return statement


_WORDS = {
    "node": ("1", "2", "3", "4", "5", "6", "7", "8"),
    "few": ("1", "2", "3"),
    "n": ("2", "3", "4", "5"),
    "text": ("'x'", "'y'", "'z'", "NULL"),
}
