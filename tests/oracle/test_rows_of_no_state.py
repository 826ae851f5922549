"""Both sides of a join change at once: pairs of an old and a new row are of no state, and nothing may fail on them.

Before the first change a budget is 0 and nothing was spent; after it there are costs, and the budget is not 0. No state
has a cost that is divided by 0, and every join of changes does.
"""

from __future__ import annotations

import dyntables
from tests.support.refreshes import verified

SCHEMA = """
CREATE TABLE teams (id integer PRIMARY KEY, budget integer, ok boolean DEFAULT true);
CREATE TABLE costs (id integer PRIMARY KEY, team integer, amount integer);
INSERT INTO teams VALUES (1, 0);
CREATE TABLE facts (id integer PRIMARY KEY, raw text);
CREATE TABLE kinds (id integer PRIMARY KEY, kind text);
INSERT INTO facts VALUES (1, 'abc'); INSERT INTO kinds VALUES (1, 'word');
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE FUNCTION checked(n integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS
$$BEGIN IF n = 0 THEN RAISE 'zero'; END IF; RETURN n; END$$;
CREATE VIEW numbers AS SELECT id, raw::integer AS n FROM facts;
CREATE TABLE visits (page integer)
"""
APPEAR = """
UPDATE teams SET budget = 100; INSERT INTO costs VALUES (1, 1, 200), (2, 1, 7), (3, 1, 70);
UPDATE facts SET raw = '12'; UPDATE kinds SET kind = 'number'; INSERT INTO visits VALUES (1), (2), (2)
"""
VANISH = """
DELETE FROM costs; UPDATE teams SET budget = 0;
UPDATE facts SET raw = 'x'; UPDATE kinds SET kind = 'word'; DELETE FROM visits
"""
STEPS = (APPEAR, VANISH, APPEAR)

_BOTH = "costs c JOIN teams t ON t.id = c.team"
_KINDS = "facts f JOIN kinds k USING (id) WHERE kind = 'number'"
QUERIES = {
    "projected": f"SELECT c.id, c.amount / t.budget AS p FROM {_BOTH}",
    "summed": f"SELECT t.id, sum(c.amount / t.budget) AS p FROM {_BOTH} GROUP BY t.id",
    "aggregate_filter": f"SELECT t.id, count(*) FILTER (WHERE c.amount / t.budget > 0) AS n FROM {_BOTH} GROUP BY t.id",
    "extreme": f"SELECT t.id, max(c.amount / t.budget) AS m FROM {_BOTH} GROUP BY t.id",
    "group_key": f"SELECT c.amount / t.budget AS k, count(*) AS n FROM {_BOTH} GROUP BY 1",
    "condition": f"SELECT c.id FROM {_BOTH} WHERE c.amount / t.budget > 1",
    "on_condition": f"SELECT c.id FROM {_BOTH} AND c.amount / t.budget > 1",
    "cyclic": f"SELECT c.id, d.id AS other FROM {_BOTH} JOIN costs d ON d.team = t.id AND d.amount / t.budget > c.id",
    "padded": "SELECT c.id, c.amount / t.budget AS p FROM costs c LEFT JOIN teams t ON t.id = c.team",
    "full_join": "SELECT c.id, t.id AS o, c.amount / t.budget AS p FROM costs c FULL JOIN teams t ON t.id = c.team",
    "above_semi_join": "SELECT id, raw::integer AS n FROM facts f WHERE EXISTS "
    "(SELECT FROM kinds k WHERE k.id = f.id AND kind = 'number')",
    "above_mark": "SELECT id, CASE WHEN id IN (SELECT id FROM kinds WHERE kind = 'number') THEN raw::integer END AS n "
    "FROM facts",
    "ranked": f"SELECT c.id, rank() OVER (PARTITION BY t.id ORDER BY c.amount / t.budget) AS r FROM {_BOTH}",
    "partitioned": f"SELECT c.id, count(*) OVER (PARTITION BY c.amount / t.budget) AS n FROM {_BOTH}",
    "first": f"SELECT c.id, c.amount / t.budget AS p FROM {_BOTH} ORDER BY 2, 1 LIMIT 3",
    "distinct_rows": f"SELECT DISTINCT c.amount / t.budget AS p FROM {_BOTH}",
    "set_operation": f"SELECT c.amount / t.budget AS p FROM {_BOTH} UNION SELECT 100 / budget FROM teams "
    "WHERE budget > 0",
    "subquery": "SELECT t.id, (SELECT sum(c.amount / t.budget) FROM costs c WHERE c.team = t.id) AS s FROM teams t",
    "lateral_query": "SELECT t.id, l.p FROM teams t CROSS JOIN LATERAL "
    "(SELECT c.amount / t.budget AS p FROM costs c WHERE c.team = t.id) l",
    "kept_groups": f"SELECT t.id FROM {_BOTH} GROUP BY t.id HAVING sum(c.amount) / max(t.budget) > 1",
    "expanded": f"SELECT c.id, generate_series(1, c.amount / t.budget) AS n FROM {_BOTH}",
    "part_of_total": "SELECT c.id, c.amount * 100 / (SELECT sum(budget) FROM teams) AS p FROM costs c",
    "above_maximum": "SELECT c.id FROM costs c WHERE c.amount / (SELECT max(budget) FROM teams) > 1",
    "share_of_all": "SELECT page, count(*) * 100 / (SELECT count(*) FROM visits) AS pct FROM visits GROUP BY page",
    "below_a_join": "SELECT c.id, s.r FROM costs c JOIN (SELECT id, 1000 / budget AS r FROM teams) s ON s.id = c.team",
    "cast_of_kind": f"SELECT id, raw::integer AS n FROM {_KINDS}",
    "cast_to_domain": f"SELECT c.id, (c.amount * t.budget)::positive AS n FROM {_BOTH}",
    "function": f"SELECT c.id, c.amount / checked(t.budget) AS n FROM {_BOTH}",
    "view": "SELECT id, n FROM numbers JOIN kinds USING (id) WHERE kind = 'number'",
    "view_summed": "SELECT kind, sum(n) AS n FROM numbers JOIN kinds USING (id) WHERE kind = 'number' GROUP BY kind",
    "either": "SELECT c.id, t.id AS o FROM costs c, teams t WHERE (c.amount > 100 AND t.ok) "
    "OR (c.amount < 50 AND t.budget > 0) OR t.budget = 100",
    "emptied_group": "SELECT team, 1000 / count(*) AS n, sum(amount) / count(amount) AS mean FROM costs GROUP BY team",
    "emptied_and_hidden": "SELECT team, sum(amount) AS a FROM costs GROUP BY team HAVING 1000 / count(*) > 0",
}


def test_pairs_of_no_state_fail_nothing(database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute(SCHEMA)
        for name, query in QUERIES.items():
            client.execute(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS {query}")
        for number, step in enumerate(STEPS):
            client.execute(step)
            for name in QUERIES:
                row = verified(client, name)
                assert row["equal"], (name, number, row)
                assert row["action"] in ("INCREMENTAL", "NO_DATA"), (name, number, row)
        assert all(client.execute(f"SELECT count(*) FROM {name}").rows[0][0] for name in QUERIES)
