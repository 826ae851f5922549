"""Sources that make a refresh fail: a clear error, the previous contents kept, and recovery by itself."""

from __future__ import annotations

import pytest

import dyntables
from dyntables.errors import DyntablesError
from tests.sources.test_sources import write
from tests.support.refreshes import refreshed

pytestmark = pytest.mark.pg(15, 18)


def _fails(client: dyntables.Client, message: str) -> None:
    before = client.execute("TABLE t ORDER BY 1").rows
    with pytest.raises(DyntablesError, match=message):
        client.execute("ALTER DYNAMIC TABLE t REFRESH")
    assert client.execute("TABLE t ORDER BY 1").rows == before
    states = client.execute("SELECT state FROM dyntables.refresh_history ORDER BY refresh_id DESC LIMIT 1").rows
    assert states == [("FAILED",)]


def test_drop_used_column(database_url: str) -> None:
    write(database_url, "CREATE TABLE s (id integer PRIMARY KEY, v integer); INSERT INTO s VALUES (1, 1), (2, 2)")
    with dyntables.connect(database_url) as client:
        client.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' AS SELECT id, v FROM s")
        write(database_url, "ALTER TABLE s DROP v")
        write(database_url, "INSERT INTO s VALUES (3)")
        _fails(client, r"column (s\.v|\"v\") does not exist")
        write(database_url, "ALTER TABLE s ADD v integer DEFAULT 7")
        assert refreshed(client) == ("REINITIALIZE", "SOURCE_ALTERED")
        write(database_url, "INSERT INTO s VALUES (4)")
        assert refreshed(client)[0] == "INCREMENTAL"


def test_drop_table(database_url: str) -> None:
    write(database_url, "CREATE TABLE s (id integer); INSERT INTO s VALUES (1), (2)")
    with dyntables.connect(database_url) as client:
        client.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' AS SELECT id FROM s")
        write(database_url, "DROP TABLE s")
        _fails(client, 'relation "public.s" does not exist')
        write(database_url, "CREATE TABLE s (id integer)")
        assert refreshed(client) == ("REINITIALIZE", "SOURCE_ALTERED")


def test_temporary_table(database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TEMP TABLE s (id integer)")
        with pytest.raises(DyntablesError, match='reads the temporary table "s"'):
            client.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' AS SELECT id FROM s")


def test_subscription(database_url: str, new_database) -> None:  # type: ignore[no-untyped-def]
    """What a subscription writes fires no statement triggers, so its tables are read in full."""
    other = new_database()
    write(other, "CREATE TABLE s (id integer)")
    write(other, "CREATE PUBLICATION p FOR TABLE s")
    write(database_url, "CREATE TABLE s (id integer); INSERT INTO s VALUES (1)")
    with dyntables.connect(database_url) as client:
        client.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' AS SELECT id FROM s")
        target = other.replace("'", "''")
        write(
            database_url,
            f"CREATE SUBSCRIPTION dt_sub CONNECTION '{target}' PUBLICATION p "
            "WITH (create_slot = false, enabled = false, slot_name = NONE, copy_data = false)",
        )
        try:
            assert refreshed(client) == ("FULL", "NOT_INCREMENTAL")
            modes = client.execute("SELECT refresh_mode, refresh_mode_reason FROM dyntables.dynamic_tables").rows
            assert modes[0][0] == "FULL"
            assert "subscription" in modes[0][1]
        finally:
            write(database_url, "DROP SUBSCRIPTION dt_sub")
