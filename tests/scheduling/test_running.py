"""A scheduler in a thread of its own, as every process starts it."""

from __future__ import annotations

import os
import signal

import dyntables
from dyntables.cli.run import run_until_told
from dyntables.errors import CatalogTooNewError, DyntablesError
from dyntables.events import Fact, RefreshEnded
from dyntables.wiring import new_scheduler


def test_a_listener_hears_of_a_refresh_under_dyntables_run(database_url: str) -> None:
    heard: list[Fact] = []

    def listen(fact: Fact) -> None:
        heard.append(fact)
        if isinstance(fact, RefreshEnded):
            os.kill(os.getpid(), signal.SIGTERM)  # which ends ``dyntables run``

    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (k int); INSERT INTO s VALUES (1)")
        client.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 second' AS SELECT k FROM s")
        client.execute("INSERT INTO s VALUES (2)")
        running = new_scheduler(database_url)
        running.bus.listen(listen)
        run_until_told(running)
        assert not running.alive
        assert client.execute("SELECT count(*) FROM t").rows == [(2,)]
    ended = [f for f in heard if isinstance(f, RefreshEnded)]
    assert [(f.name, f.state, f.action) for f in ended[:1]] == [("public.t", "SUCCEEDED", "INCREMENTAL")]


def test_what_ends_it_for_good_is_told(database_url: str) -> None:
    told: list[DyntablesError] = []
    with dyntables.connect(database_url) as client:
        client.execute("INSERT INTO dyntables.migration SELECT 9999, 'later', max(checksum) FROM dyntables.migration")
        with new_scheduler(database_url, on_failure=told.append) as running:
            running.wait(30)
            assert not running.alive
    assert [type(error) for error in told] == [CatalogTooNewError]
