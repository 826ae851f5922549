"""Staging tables that are kept for the next refresh: few catalog rows, and never a row of an earlier refresh."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

import dyntables
from dyntables.engines.postgres.storage import staging
from dyntables.refresh.logs.prune import trim_all
from tests.support.refreshes import refreshed

_KEPT = (
    "SELECT oid::bigint FROM pg_class WHERE relnamespace = 'dyntables_log'::regnamespace AND relname ~ '^w' ORDER BY 1"
)
_JOINED = "SELECT s.id, s.v, r.name FROM s JOIN r ON r.id = s.v"


@pytest.fixture
def client(database_url: str) -> Iterator[dyntables.Client]:
    with dyntables.connect(database_url) as opened:
        opened.execute("CREATE TABLE s (id integer, v integer); CREATE TABLE r (id integer, name text)")
        opened.execute("INSERT INTO s SELECT i, i % 9 FROM generate_series(1, 500) i")
        opened.execute("INSERT INTO r SELECT i, 'r' || i FROM generate_series(0, 8) i")
        yield opened


def change(client: dyntables.Client, number: int, rows: int = 2) -> None:
    first = 1000 * number
    client.execute(f"INSERT INTO s SELECT {first} + i, i % 9 FROM generate_series(1, {rows}) i")
    client.execute(f"UPDATE r SET name = name || '.' WHERE id = {number % 9}; DELETE FROM s WHERE id = {number}")


@pytest.mark.pg(15, 18)
def test_they_are_made_once_and_emptied_for_each_refresh(client: dyntables.Client) -> None:
    client.execute(f"CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {_JOINED}")
    seen = []
    for number in range(1, 7):
        change(client, number)
        assert refreshed(client)[0] == "INCREMENTAL"
        seen.append(client.execute(_KEPT).rows)
    assert seen[0] == []
    assert len(seen[1]) >= 2
    assert seen[2:] == [seen[2]] * 4


def test_one_that_has_grown_is_made_anew_and_one_that_is_held_is_done_without(
    client: dyntables.Client, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.execute(f"CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {_JOINED}")
    for number in (1, 2, 3):
        change(client, number, rows=100)
        assert refreshed(client)[0] == "INCREMENTAL"
    before = client.execute(_KEPT).rows
    monkeypatch.setattr(staging, "_LARGE", 0)
    with psycopg.connect(database_url) as backup:
        for (oid,) in before:
            (name,) = backup.execute("SELECT %s::bigint::oid::regclass::text", (oid,)).fetchone() or ("",)
            backup.execute(f"LOCK TABLE {name} IN ACCESS SHARE MODE")
        change(client, 4)
        assert refreshed(client)[0] == "INCREMENTAL"
        assert client.execute(_KEPT).rows == before
    change(client, 5)
    assert refreshed(client)[0] == "INCREMENTAL"
    after = client.execute(_KEPT).rows
    assert len(after) == len(before)
    assert not {*after} & {*before}
    monkeypatch.undo()
    # A large change has tables of its own.
    change(client, 6, rows=2000)
    assert refreshed(client)[0] == "INCREMENTAL"
    assert client.execute(_KEPT).rows == after


def test_they_follow_the_table_and_hold_no_type_of_others(client: dyntables.Client, database_url: str) -> None:
    client.execute("CREATE TYPE mood AS ENUM ('sad', 'glad'); ALTER TABLE r ADD COLUMN mood mood DEFAULT 'sad'")
    client.execute(f"CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {_JOINED}")
    client.execute(
        "CREATE DYNAMIC TABLE moods TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL "
        "AS SELECT s.id, r.mood FROM s JOIN r ON r.id = s.v"
    )
    owners = "SELECT DISTINCT substring(relname FROM '[0-9]+')::bigint FROM pg_class WHERE oid = ANY(%s)"
    for number in (1, 2, 3):
        change(client, number)
        assert (refreshed(client)[0], refreshed(client, "moods")[0]) == ("INCREMENTAL", "INCREMENTAL")
    with psycopg.connect(database_url, autocommit=True) as service:
        kept = [oid for (oid,) in service.execute(_KEPT).fetchall()]
        (t,) = service.execute("SELECT id FROM dyntables.dynamic_table WHERE table_name = 't'").fetchone() or (0,)
        assert service.execute(owners, (kept,)).fetchall() == [(t,)]
        # A column of another type: the table is built anew, and with it all that is kept.
        client.execute("ALTER TABLE s ALTER COLUMN v TYPE numeric(12, 4)")
        assert refreshed(client)[0] == "REINITIALIZE"
        assert service.execute(_KEPT).fetchall() == []
        for number in (4, 5, 6):
            client.execute(f"INSERT INTO s VALUES ({number}, 1.25), ({number}, 2)")
            change(client, number)
            assert refreshed(client)[0] == "INCREMENTAL"
        assert service.execute(_KEPT).fetchall() != []
        client.execute("DROP DYNAMIC TABLE t")
        trim_all(service)
        assert service.execute(_KEPT).fetchall() == []
