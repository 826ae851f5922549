"""Behind PgBouncer: works in session mode, is refused at once in the others, and never waits for ever."""

from __future__ import annotations

import threading
import time

import psycopg
import pytest
from typer.testing import CliRunner

import dyntables
from dyntables.cli import app
from dyntables.errors import ConnectionFailedError
from dyntables.scheduling.scheduler import Scheduler
from tests.support.pgbouncer import pgbouncer

pytestmark = pytest.mark.pg


@pytest.fixture
def seeded(database_url: str) -> str:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE items (id int PRIMARY KEY, n int); INSERT INTO items VALUES (1, 10), (2, 20)")
    return database_url


@pytest.mark.parametrize("mode", ["transaction", "statement"])
@pytest.mark.parametrize("order", ["0", "1"], ids=["last used first", "in turn"])
def test_a_shared_backend_is_refused_at_once(seeded: str, mode: str, order: str) -> None:
    with (
        pgbouncer(seeded, mode, server_round_robin=order) as url,
        psycopg.connect(url, autocommit=True) as one,
        psycopg.connect(url, autocommit=True) as two,
    ):
        for other in (one, two):  # there are several backends in the pool
            other.execute("SELECT 1")
        if mode == "transaction":
            with one.transaction():
                one.execute("SELECT 1")
                two.execute("SELECT 1")
        started = time.monotonic()
        with pytest.raises(ConnectionFailedError, match="gives the session to others") as error:
            dyntables.connect(url)
        assert time.monotonic() - started < 3
        assert "pool_mode = session" in str(error.value)
        # Nothing was set, for whoever is served next.
        left = "SELECT count(*) FROM pg_settings WHERE source = 'session' AND name <> 'application_name'"
        assert {c.execute(left).fetchone() for c in (one, two) * 3} <= {one.execute(left).fetchone()}
        assert one.execute("SHOW search_path").fetchone() == ('"$user", public',)


def test_run_and_serve_are_refused(seeded: str) -> None:
    with pgbouncer(seeded, "transaction") as url:
        for verb in (["run"], ["serve", "--port", "0"], ["sql", "SHOW DYNAMIC TABLES"]):
            done = CliRunner().invoke(app, [*verb, "--database", url])
            assert done.exit_code == 1, verb
            assert "pool_mode = session" in " ".join(done.stderr.split()), done.stderr


def test_session_mode_serves_everything(seeded: str) -> None:
    with pgbouncer(seeded, "session") as url, dyntables.connect(url) as client:
        client.execute("CREATE DYNAMIC TABLE total TARGET_LAG = '1 second' AS SELECT sum(n) AS n FROM items")
        client.execute("INSERT INTO items VALUES (3, 30)")
        assert [r[2] for r in client.execute("ALTER DYNAMIC TABLE total REFRESH").rows] == ["INCREMENTAL"]
        scheduler = Scheduler(url)
        thread = threading.Thread(target=scheduler.run)
        thread.start()
        try:
            client.execute("INSERT INTO items VALUES (4, 40)")
            until = time.monotonic() + 20
            while client.execute("SELECT n FROM total").rows != [(100,)] and time.monotonic() < until:
                time.sleep(0.1)
        finally:
            scheduler.stop()
            thread.join()
        assert client.execute("SELECT n FROM total").rows == [(100,)]


def test_an_exhausted_pool_is_an_error_and_no_wait_for_ever(seeded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dyntables.engines.postgres.connection.pooler._PATIENCE", 1.0)
    with pgbouncer(seeded, "session", default_pool_size="1") as url:
        with pytest.raises(ConnectionFailedError, match="gave no answer within 1 seconds") as error:
            dyntables.connect(url)
        assert error.value.retryable
