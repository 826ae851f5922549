"""Nobody but a refresh waits for a table that a user has locked: no page, no figure, and not the leader."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx
import psycopg
import pytest

import dyntables
from dyntables.catalog import store
from dyntables.refresh.choice.idle import skip_unchanged
from dyntables.server.read.system.figures import all_figures

API = "/api/v1"
Execute = Callable[[str], dyntables.Result]
Found = TypeVar("Found")
# A plain table with an index on an expression and a generated column, a partitioned one, and a view above both.
SOURCES = """
CREATE TABLE bolted (id integer PRIMARY KEY, double integer GENERATED ALWAYS AS (id * 2) STORED);
CREATE INDEX ON bolted ((id + 1));
CREATE TABLE parts (id integer, region integer) PARTITION BY LIST (region);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES IN (2);
CREATE VIEW both_of_them AS SELECT b.id, b.double, p.region FROM bolted b JOIN parts p USING (id);
INSERT INTO bolted VALUES (1), (2);
INSERT INTO parts VALUES (1, 1), (2, 2);
CREATE DYNAMIC TABLE doubled TARGET_LAG = '1 hour' AS SELECT double, count(*) AS n FROM bolted GROUP BY double;
CREATE DYNAMIC TABLE regions TARGET_LAG = '1 hour' AS SELECT region, count(*) AS n FROM parts GROUP BY region;
CREATE DYNAMIC TABLE seen TARGET_LAG = '1 hour' AS SELECT region, sum(double) AS n FROM both_of_them GROUP BY region;
"""
NAMES = ("doubled", "regions", "seen")
EVERYWHERE = (
    "overview", "graph", "graph/columns", "sources", "dynamic-tables", "recommendations", "system", "refreshes",
    "refreshes/running", "metrics", "templates", "completions", "audit", "dynamic-tables/dropped",
)  # fmt: skip
OF_A_TABLE = (
    "", "/why-late", "/plan", "/changes", "/lag", "/lineage", "/critical-path", "/preview", "/versions", "/activity",
)  # fmt: skip
# These read the definition anew, for which the server itself looks at the table: they give up soon.
GIVE_UP = ("/plan", "/changes")
# The server looks for a lock for some milliseconds by its own clock, however busy the machine is.
WAITING = """
SELECT a.query FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE a.datname = current_database() AND l.locktype = 'relation' AND clock_timestamp() - l.waitstart > interval '1 s'
"""


@pytest.fixture(params=["bolted", "parts", "parts_1"])
def locked(request: pytest.FixtureRequest, sources_url: str) -> Iterator[str]:
    with psycopg.connect(sources_url) as other:
        other.execute(f"LOCK TABLE {request.param} IN ACCESS EXCLUSIVE MODE")
        yield str(request.param)


@pytest.fixture(scope="module")
def sources_url(filled_url: str) -> str:
    with dyntables.connect(filled_url) as client:
        client.execute(SOURCES)
    return filled_url


@pytest.mark.usefixtures("locked")
def test_no_page_waits_for_a_locked_source(served: httpx.Client, sources_url: str) -> None:
    pages = [*EVERYWHERE, *(f"dynamic-tables/public/{name}{more}" for name in NAMES for more in OF_A_TABLE)]
    with waits(sources_url) as seen:
        for page in (page for page in pages if not page.endswith(GIVE_UP)):
            response = served.get(f"{API}/{page}", timeout=60)
            assert response.status_code == 200, (page, response.text)
            assert seen == [], page
    for page in (page for page in pages if page.endswith(GIVE_UP)):
        response = served.get(f"{API}/{page}", timeout=60)
        assert response.status_code in (200, 409), (page, response.text)
        assert not response.is_error or response.json()["sqlstate"] == "55P03", response.text


@pytest.mark.usefixtures("locked")
def test_neither_the_recorder_nor_the_leader_waits(sources_url: str) -> None:
    with psycopg.connect(sources_url, autocommit=True) as leader, waits(sources_url) as seen:
        leader.execute("SET statement_timeout = '60 s'")
        read = store.load_all(leader)
        until = datetime.now(UTC)
        assert all_figures(leader, until - timedelta(minutes=1), until)
        mine = [i for i, t in read.items() if t.name in NAMES]
        assert skip_unchanged(leader, read, mine) == set(mine)
        assert seen == []


def test_a_locked_table_has_the_size_that_was_found_last(sources_url: str) -> None:
    with psycopg.connect(sources_url) as other, psycopg.connect(sources_url, autocommit=True) as reader:
        reader.execute("VACUUM ANALYZE bolted")
        size = "SELECT dyntables.size_of('bolted'::regclass::oid)"
        free = reader.execute(size).fetchone()
        other.execute("LOCK TABLE bolted IN ACCESS EXCLUSIVE MODE")
        locked = reader.execute(size).fetchone()
        assert free is not None
        assert locked is not None
        assert 0 < locked[0] <= free[0]


def test_it_says_who_holds_a_refresh_up_and_an_admin_ends_that_session(
    served: httpx.Client, sources_url: str, execute: Execute
) -> None:
    api = served
    nobody = api.post(f"{API}/sessions/1/end")
    assert nobody.status_code == 404
    with (
        psycopg.connect(sources_url, application_name="nightly report") as first,
        psycopg.connect(sources_url, application_name="its helper") as second,
    ):
        first.execute("LOCK TABLE bolted IN ACCESS EXCLUSIVE MODE")
        second.execute("SELECT 1")
        waiting = threading.Thread(target=lambda: second.execute("LOCK TABLE bolted IN ACCESS SHARE MODE"))
        waiting.start()
        second_pid, first_pid = second.info.backend_pid, first.info.backend_pid
        refreshed = api.post(f"{API}/dynamic-tables/public/doubled/refresh").json()
        blockers = wait_for(lambda: blockers_of(api, "doubled"))
        assert blockers[first_pid]["application"] == "nightly report"
        assert blockers[first_pid]["state"] == "idle in transaction"
        assert blockers[first_pid]["query"].startswith("LOCK TABLE bolted")
        assert second_pid not in blockers, "it waits like the refresh"
        ended = wait_for(lambda: says_why(api, "doubled"))
        assert f"waits for a lock of session {first_pid} (" in ended
        answer = api.post(f"{API}/sessions/{first_pid}/end")
        assert answer.status_code == 200, answer.text
        waiting.join()
        done = api.get(f"{API}/operations/{refreshed['id']}", params={"wait": 20}).json()
        assert done["state"] == "SUCCEEDED"
        with pytest.raises(psycopg.OperationalError):
            first.execute("SELECT 1")
    (entry,) = execute("SELECT object, detail FROM dyntables.audit WHERE action = 'END_SESSION'").rows
    assert entry[0] == "public.doubled"
    assert entry[1]["process"] == first_pid


@contextmanager
def waits(url: str) -> Iterator[list[str]]:
    """Collect the statements that are seen to wait for a lock of a table."""
    seen: list[str] = []
    over = threading.Event()

    def watch() -> None:
        with psycopg.connect(url, autocommit=True) as watcher:
            while not over.wait(0.02):
                seen.extend(query for (query,) in watcher.execute(WAITING))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield seen
    finally:
        over.set()
        watching.join()


def blockers_of(api: httpx.Client, name: str) -> dict[int, dict[str, Any]]:
    running = api.get(f"{API}/refreshes/running").json()
    return {b["process_id"]: b for refresh in running if refresh["name"] == name for b in refresh["blockers"]}


def says_why(api: httpx.Client, name: str) -> str:
    causes = api.get(f"{API}/dynamic-tables/public/{name}").json()["causes"]
    return next((str(c["message"]) for c in causes if c["aspect"] == "lock"), "")


def wait_for(look: Callable[[], Found]) -> Found:
    until = time.monotonic() + 20
    while not (found := look()):
        assert time.monotonic() < until
        time.sleep(0.1)
    return found
