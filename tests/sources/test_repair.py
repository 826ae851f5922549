"""What shows and mends capture, what happens without the event trigger, and what a quiet tick must not overlook."""

from __future__ import annotations

import json

import psycopg
import pytest
from typer.testing import CliRunner

import dyntables
from dyntables.catalog import store
from dyntables.cli import app
from dyntables.refresh.choice.idle import skip_unchanged
from tests.sources.test_sources import write
from tests.support.refreshes import refreshed

pytestmark = pytest.mark.pg(15, 18)


@pytest.fixture
def client(database_url: str):  # type: ignore[no-untyped-def]
    with dyntables.connect(database_url) as opened:
        opened.execute("CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE TABLE s (id integer PRIMARY KEY, v mood)")
        opened.execute("INSERT INTO s VALUES (1, 'sad'), (2, 'glad')")
        opened.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' AS SELECT v, count(*) AS n FROM s GROUP BY v")
        yield opened


def _capture(url: str, *options: str) -> tuple[int, dict[str, object]]:
    result = CliRunner().invoke(app, ["capture", "-d", url, "-F", "json", *options])
    return result.exit_code, json.loads(result.stdout)[0]


def test_capture_is_shown_and_repaired(client: dyntables.Client) -> None:
    client.execute("INSERT INTO s VALUES (3, 'sad')")
    code, row = _capture(client.url)
    assert (code, row["source"], row["capture"], row["columns"]) == (0, "public.s", "COMPLETE", "v")
    assert (row["readers"], row["slowest_reader"], row["rows_owed"], row["generations"]) == (1, "public.t", 1, 1)
    write(client.url, "ALTER TABLE s DISABLE TRIGGER dyntables_capture_upd")
    write(client.url, "UPDATE s SET v = 'glad'")
    assert _capture(client.url)[0] == 1
    assert CliRunner().invoke(app, ["doctor", "-d", client.url]).exit_code == 1
    code, row = _capture(client.url, "--repair")
    assert (code, row["capture"]) == (0, "COMPLETE")
    assert refreshed(client) == ("REINITIALIZE", "CAPTURE_MISSING")
    write(client.url, "UPDATE s SET v = 'sad'")
    assert refreshed(client) == ("INCREMENTAL", "CHANGES")


def test_a_partition_created_without_the_event_trigger(database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute("DROP EVENT TRIGGER dyntables_create_table")
        client.execute("CREATE TABLE p (id integer) PARTITION BY RANGE (id)")
        client.execute("CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (100)")
        client.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' AS SELECT id FROM p")
        write(database_url, "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (100) TO (200)")
        write(database_url, "INSERT INTO p2 VALUES (101)")
        assert refreshed(client) == ("REINITIALIZE", "SOURCE_ALTERED")
        write(database_url, "INSERT INTO p2 VALUES (102)")
        assert refreshed(client) == ("INCREMENTAL", "CHANGES")


def test_a_quiet_tick_overlooks_nothing(client: dyntables.Client) -> None:
    with psycopg.connect(client.url, autocommit=True) as service:

        def idle() -> bool:
            tables = store.load_all(service)
            return bool(skip_unchanged(service, tables, tables))

        assert idle()
        write(client.url, "TRUNCATE s")
        assert not idle()
        assert refreshed(client) == ("REINITIALIZE", "SOURCE_TRUNCATED")
        assert idle()
        write(client.url, "ALTER TABLE s DISABLE TRIGGER ALL")
        write(client.url, "INSERT INTO s VALUES (9, 'sad')")
        assert not idle()
        assert refreshed(client) == ("REINITIALIZE", "CAPTURE_MISSING")
        assert idle()


def test_two_readers_of_one_source_keep_apart(client: dyntables.Client) -> None:
    """A reader that is ahead has seen an event; the one behind has not, and the event is kept for it."""
    client.execute("CREATE DYNAMIC TABLE u TARGET_LAG = '1 minute' AS SELECT id FROM s")
    write(client.url, "TRUNCATE s")
    assert refreshed(client, "u") == ("REINITIALIZE", "SOURCE_TRUNCATED")
    write(client.url, "INSERT INTO s VALUES (1, 'sad')")
    assert refreshed(client, "u") == ("INCREMENTAL", "CHANGES")
    assert refreshed(client, "t") == ("REINITIALIZE", "SOURCE_TRUNCATED")
    assert client.execute("SELECT count(*) FROM dyntables.source_event").rows == [(0,)]
