"""A table is filled by the session that makes it, once; what somebody else refreshed meanwhile is not due any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import psycopg
import pytest

import dyntables
from dyntables.catalog.model import Trigger
from dyntables.catalog.state import making
from dyntables.engines.at_work import engine_on
from dyntables.engines.postgres.connection.session import connect
from dyntables.refresh.runner import Refresher
from tests.support.processes import schedulers, wait_until

HISTORY = "SELECT refresh_trigger, refresh_action FROM dyntables.refresh_history WHERE name = %s ORDER BY refresh_id"


@pytest.fixture
def client(database_url: str) -> Iterator[dyntables.Client]:
    with dyntables.connect(database_url) as opened:
        opened.execute("CREATE TABLE s (id integer)")
        opened.execute("INSERT INTO s VALUES (1), (2)")
        yield opened


def history(client: dyntables.Client, name: str) -> list[tuple[str, str]]:
    with psycopg.connect(client.url) as connection:
        return connection.execute(HISTORY, (name,)).fetchall()


def test_the_scheduler_leaves_a_new_table_to_the_session_that_makes_it(
    client: dyntables.Client, database_url: str
) -> None:
    client.execute("CREATE DYNAMIC TABLE quick TARGET_LAG = '1 second' AS SELECT count(*) AS n FROM s")
    with schedulers(database_url):
        client.execute("INSERT INTO s VALUES (3)")
        wait_until(lambda: ("SCHEDULED", "INCREMENTAL") in history(client, "quick"))
        for made, word in enumerate(("CREATE", "CREATE OR REPLACE"), 1):
            client.execute(
                f"{word} DYNAMIC TABLE slow TARGET_LAG = '1 day' REFRESH_MODE = FULL "
                f"AS SELECT sum(id) AS n{made}, (SELECT pg_sleep(1))::text AS slept FROM s"
            )
            client.execute("SELECT pg_sleep(2.5)")  # a second refresh would have begun, and ended
            assert history(client, "slow") == [("CREATION", "FULL")] * made


def test_the_scheduler_fills_what_its_maker_left(client: dyntables.Client, database_url: str) -> None:
    client.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' INITIALIZE = ON_SCHEDULE AS SELECT id FROM s")
    with psycopg.connect(database_url, autocommit=True) as maker:
        [(table_id,)] = maker.execute("SELECT id FROM dyntables.dynamic_table").fetchall()
        making.mark(maker, table_id)
        assert making.being_made(maker) == {table_id}
        with schedulers(database_url) as processes:
            wait_until(lambda: maker.execute("SELECT 1 FROM dyntables.leader WHERE epoch > 0").fetchone())
            maker.execute("SELECT pg_sleep(1.5)")
            assert history(client, "t") == []
            maker.close()
            wait_until(lambda: history(client, "t") == [("SCHEDULED", "REINITIALIZE")])
            assert processes


def test_a_table_that_somebody_else_refreshed_is_not_due_any_more(client: dyntables.Client) -> None:
    client.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' AS SELECT id FROM s")
    client.execute("CREATE DYNAMIC TABLE other TARGET_LAG = '1 hour' AS SELECT id FROM s")
    with connect(client.url) as connection:
        seen: dict[int, datetime | None] = dict(
            connection.execute("SELECT id, data_timestamp FROM dyntables.dynamic_table ORDER BY id").fetchall()
        )
        client.execute("INSERT INTO s VALUES (3)")
        client.execute("ALTER DYNAMIC TABLE t REFRESH")
        refresher = Refresher(connection, engine_on(connection))
        results = refresher.refresh(seen, Trigger.SCHEDULED, seen)
        assert [(r.name, r.action) for r in results] == [("other", "INCREMENTAL")]
        assert refresher.refresh(seen, Trigger.SCHEDULED, seen) == []
    assert history(client, "t") == [("CREATION", "REINITIALIZE"), ("MANUAL", "INCREMENTAL")]
