"""Migrations go up and down and up again, with data in place, and notice what was changed behind their back."""

from __future__ import annotations

import psycopg
import pytest

import dyntables
from dyntables.catalog.migrate import migrate, migrations
from dyntables.errors import MigrationError


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


def test_a_changed_migration_is_noticed(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        migrate(connection)
        connection.execute("UPDATE dyntables.migration SET checksum = 'x'")
        with pytest.raises(MigrationError, match="was changed"):
            migrate(connection)
        connection.execute("UPDATE dyntables.migration SET number = number + 98")
        with pytest.raises(MigrationError, match="does not know"):
            migrate(connection)
