"""Migrations go up and down and up again, with data in place, and notice what was changed behind their back."""

from __future__ import annotations

import psycopg
import pytest

import dyntables
from dyntables.catalog.migrate import migrate, migrations
from dyntables.errors import MigrationError
from tests.support.servers import EMPTY


@pytest.fixture
def database_template() -> str:
    """Here the catalog comes and goes."""
    return EMPTY


def test_up_down_up_with_data_in_place(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        names = [f"{m.number:04d} {m.name}" for m in migrations()]
        up = [f"up {name}" for name in names]
        assert migrate(connection, dry_run=True) == up
        assert migrate(connection) == up
        assert migrate(connection) == []
        with dyntables.connect(database_url) as client:
            client.execute("CREATE TABLE s (id integer); INSERT INTO s VALUES (1)")
            client.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' AS SELECT id FROM s")
        assert migrate(connection, 0) == [f"down {name}" for name in reversed(names)]
        # What users see stays readable; their tables are untouched.
        assert connection.execute("SELECT * FROM t").fetchall() == [(1,)]
        assert migrate(connection) == up


def test_frozen_rows_outlive_the_way_down_and_up(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection, dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (id integer, v integer); INSERT INTO s SELECT i, i FROM generate_series(1, 9) i")
        client.execute(
            "CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL FROZEN WHERE (id < 5) "
            "AS SELECT id, v FROM s"
        )
        client.execute("UPDATE s SET v = v + 100")
        frozen = next(m for m in migrations() if m.name == "frozen")
        down = migrate(connection, max(m.number for m in migrations() if m.number < frozen.number))
        assert down[-1] == f"down {frozen.number:04d} frozen"
        column = "SELECT FROM pg_attribute WHERE attrelid = 'dyntables.dynamic_table'::regclass AND attname = 'frozen'"
        assert connection.execute(column).fetchone() is None
        assert migrate(connection) == [up.replace("down", "up") for up in reversed(down)]
        client.execute("INSERT INTO s VALUES (10, 10)")
        row = client.execute("ALTER DYNAMIC TABLE t VERIFY").rows[0]
        # On the way down all definitions got the same settings.
        assert (row[1], row[5], row[6]) == (True, "REINITIALIZE", 4)
        assert client.execute("SELECT sum(v) FROM t").rows == [(1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 500 + 10,)]


def test_a_changed_migration_is_noticed(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        migrate(connection)
        connection.execute("UPDATE dyntables.migration SET checksum = 'x'")
        with pytest.raises(MigrationError, match="was changed"):
            migrate(connection)
        connection.execute("UPDATE dyntables.migration SET number = number + 98")
        with pytest.raises(MigrationError, match="does not know"):
            migrate(connection)
