"""Histories that once gave a wrong row, as small as they get."""

from __future__ import annotations

import pytest

import dyntables
from tests.support.refreshes import verified


@pytest.mark.pg(15, 18)
def test_extreme_of_a_row_that_leaves_while_its_group_moves(database_url: str) -> None:
    # The join's delta holds the deleted row once with weight +1 and once with −1: MAX must not believe the first.
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE customer (id integer PRIMARY KEY, nation text NOT NULL)")
        client.execute("CREATE TABLE orders (customer integer, day integer)")
        client.execute("INSERT INTO customer VALUES (1, 'a'), (2, 'a')")
        client.execute("INSERT INTO orders VALUES (1, 10), (1, 20), (2, 5)")
        client.execute(
            "CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS "
            "SELECT c.id, c.nation, max(o.day) AS last, min(o.day) AS first FROM customer c "
            "LEFT JOIN orders o ON o.customer = c.id GROUP BY c.id, c.nation"
        )
        client.execute("UPDATE customer SET nation = 'b' WHERE id = 1; DELETE FROM orders WHERE day = 20")
        row = verified(client, "t")
        assert row["equal"], client.execute("SELECT * FROM t").rows
        assert row["action"] == "INCREMENTAL"
        client.execute("UPDATE customer SET nation = 'c' WHERE id = 1; DELETE FROM orders WHERE customer = 1")
        assert verified(client, "t")["equal"]


@pytest.mark.pg(15, 18)
def test_names_that_need_care(database_url: str) -> None:
    # Quotes, percent signs and keywords in names reach the change logs of the source and of the dynamic table.
    with dyntables.connect(database_url) as client:
        client.execute('CREATE TABLE "a ""b" ("50%s" integer, "select" text, "x""y" numeric)')
        client.execute("""INSERT INTO "a ""b" VALUES (1, '%d', 1.5), (2, NULL, 2)""")
        client.execute(
            "CREATE DYNAMIC TABLE \"t %s\" TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS "
            'SELECT "select", sum("50%s") AS "sum ""%s", max("x""y") AS "x""y" FROM "a ""b" GROUP BY "select"'
        )
        client.execute(
            "CREATE DYNAMIC TABLE in_full TARGET_LAG = '1 minute' REFRESH_MODE = FULL AS SELECT * FROM \"t %s\""
        )
        client.execute(
            "CREATE DYNAMIC TABLE above TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS "
            'SELECT f."x""y", t."sum ""%s" FROM in_full f JOIN "t %s" t USING ("select")'
        )
        client.execute("""INSERT INTO "a ""b" VALUES (5, '%d', 7), (6, 'new%%', 2)""")
        row = verified(client, "above")
        assert row["equal"]
        assert row["action"] == "INCREMENTAL"
        assert client.execute("SELECT count(*) FROM above").rows == [(2,)]


def test_unions_of_many_branches_are_flat(database_url: str) -> None:
    # Nested, the server took 34 s to plan their rows, and 43 s to plan one change.
    branches = [f"SELECT id, v + {number} AS v FROM counted WHERE id <> {number}" for number in range(120)]
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE counted (id integer PRIMARY KEY, v integer); INSERT INTO counted VALUES (1, 1)")
        client.execute(
            "CREATE DYNAMIC TABLE many TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS "
            + " UNION ALL ".join(branches)
        )
        plan = client.execute("EXPLAIN DYNAMIC TABLE many").rows
        assert any("Union of 120 branches" in str(line) for line in plan), plan
        client.execute("INSERT INTO counted VALUES (2, 2)")
        row = verified(client, "many")
        assert row["equal"]
        assert row["action"] == "INCREMENTAL"
