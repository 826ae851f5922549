"""What docs/migrating.md tells people to run, runs, in its order, and leaves tables that are right and incremental."""

from __future__ import annotations

import pytest

import dyntables
from tests.docs.blocks import blocks
from tests.support.refreshes import refreshed


@pytest.mark.pg(15, 18)
def test_every_block_runs_in_order(database_url: str) -> None:
    have, ask, beside, rename, by_hand, snowflake, dbt, rules = blocks("migrating.md")
    with dyntables.connect(database_url) as client:
        client.execute(have)
        assert "refresh mode INCREMENTAL" in str(client.execute(ask).rows[0][0])
        assert client.execute(beside).rows == [(0,)]
        client.execute(rename)
        assert client.execute("SELECT count(*) FROM best_days").rows == [(10,)]
        proof = client.execute(by_hand)
        assert dict(zip(proof.columns, proof.rows[0], strict=True))["equal"] is True
        assert client.execute(
            "SELECT refresh_action FROM dyntables.refresh_history WHERE name = 'daily' "
            "AND refresh_action <> 'NO_DATA' ORDER BY refresh_id DESC LIMIT 1"
        ).rows == [("INCREMENTAL",)]
        client.execute(snowflake)
        client.execute("INSERT INTO orders VALUES (2002, '2026-01-06', 5)")
        assert refreshed(client, "weekly") == ("INCREMENTAL", "CHANGES")
        client.execute(dbt)
        assert client.execute(
            "SELECT refresh_action FROM dyntables.refresh_history WHERE name = 'dbt_daily' "
            "ORDER BY refresh_id DESC LIMIT 1"
        ).rows == [("INCREMENTAL",)]
        assert client.execute(
            "SELECT count(*) FROM (TABLE dbt_daily EXCEPT ALL "
            "SELECT day, count(*), sum(price) FROM orders GROUP BY day) d"
        ).rows == [(0,)]
        assert {row[2] for row in client.execute(rules).rows} == {"PASSED"}
