"""The live connection: what it tells, how it resumes, and whom it refuses."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

import dyntables
from dyntables.engines.postgres.connection.session import connect as connect_database
from dyntables.server.live.hub import QUEUE_LENGTH, Hub
from dyntables.server.live.messages import Heartbeat
from dyntables.server.security import tokens, users
from dyntables.server.security.roles import Role
from tests.server.conftest import Served, serving
from tests.support.live import live, receive
from tests.support.processes import wait_until

Execute = Callable[[str], dyntables.Result]


def test_a_refresh_is_told_within_a_moment(server_at_work: Served, execute: Execute) -> None:
    with live(server_at_work) as socket:
        assert receive(socket, "hello")["heartbeat_seconds"] > 0
        execute("INSERT INTO orders VALUES (30001, 1, '2026-01-05', 9)")
        execute("ALTER DYNAMIC TABLE by_day REFRESH")  # in this process, not in the server's
        done = time.monotonic()
        finished = receive(socket, "refresh_finished")["refreshes"]
        assert [(r["name"], r["action"]) for r in finished] == [("by_day", "INCREMENTAL")]
        status = receive(socket, "table_status")["tables"]
        assert time.monotonic() - done < 2
        assert [t["name"] for t in status] == ["by_day"]
        assert status[0]["last_refresh"]["id"] == finished[0]["id"]


def test_the_graph_and_operations_are_told(server_at_work: Served, served: httpx.Client) -> None:
    with live(server_at_work) as socket:
        receive(socket, "hello")
        sql = "CREATE DYNAMIC TABLE told TARGET_LAG = '1 hour' AS SELECT count(*) AS n FROM customers"
        served.post("/api/v1/dynamic-tables", json={"sql": sql})
        assert receive(socket, "operation")["operation"]["state"] == "RUNNING"
        # What the tests before altered may still be told.
        while not (created := receive(socket, "graph_changed")["created"]):
            pass
        assert len(created) == 1
        served.patch("/api/v1/dynamic-tables/public/told", json={"scheduling_state": "SUSPENDED"})
        assert receive(socket, "graph_changed")["altered"] == created
        assert receive(socket, "table_status")["tables"][0]["scheduling_state"] == "SUSPENDED"
        served.delete("/api/v1/dynamic-tables/public/told")
        assert receive(socket, "graph_changed")["dropped"] == created


def test_progress_is_told_while_a_refresh_runs(server_at_work: Served, served: httpx.Client) -> None:
    slow = "SELECT id, r FROM customers, (SELECT random() AS r, pg_sleep(1.5)) s"
    sql = f"CREATE DYNAMIC TABLE slow TARGET_LAG = '1 day' INITIALIZE = ON_SCHEDULE AS {slow}"
    served.post("/api/v1/dynamic-tables", json={"sql": sql})
    with live(server_at_work) as socket:
        receive(socket, "hello")
        served.post("/api/v1/dynamic-tables/public/slow/refresh")
        assert [r["name"] for r in receive(socket, "refresh_started")["refreshes"]] == ["slow"]
        assert receive(socket, "refresh_progress")["refreshes"][0]["seconds"] >= 0
        assert receive(socket, "refresh_finished")["refreshes"][0]["name"] == "slow"
    served.delete("/api/v1/dynamic-tables/public/slow")


def test_who_comes_back_gets_what_was_missed(server_at_work: Served, served: httpx.Client, execute: Execute) -> None:
    with live(server_at_work) as socket:
        hello = receive(socket, "hello")
        last = receive(socket, "metrics")["sequence"]
    execute("INSERT INTO orders VALUES (30002, 1, '2026-01-05', 9); ALTER DYNAMIC TABLE by_day REFRESH")
    since = {"epoch": hello["epoch"], "after": last}
    wait_until(lambda: "refresh_finished" in served.get("/api/v1/live/messages", params=since).text)
    with live(server_at_work, f"?epoch={hello['epoch']}&after={last}") as socket:
        receive(socket, "hello")
        first = json.loads(socket.recv(timeout=5))
        assert first["sequence"] == last + 1
        if first["type"] != "refresh_finished":
            receive(socket, "refresh_finished")
    with live(server_at_work, "?epoch=another&after=3") as socket:
        receive(socket, "hello")
        assert json.loads(socket.recv(timeout=5))["type"] == "resync"


def test_polling_gets_the_same(served: httpx.Client, execute: Execute) -> None:
    at = served.get("/api/v1/live/messages").json()
    for number in (30003, 30004):
        execute(f"INSERT INTO orders VALUES ({number}, 1, '2026-01-05', 9); ALTER DYNAMIC TABLE by_day REFRESH")
        kinds: list[str] = []
        while "refresh_finished" not in kinds:
            news: dict[str, Any] = {}

            def came(after: dict[str, Any] = at, news: dict[str, Any] = news) -> bool:
                where = {"epoch": after["epoch"], "after": after["sequence"]}
                news |= served.get("/api/v1/live/messages", params=where).json()
                return bool(news["messages"])

            wait_until(came, 10)
            assert news["epoch"] == at["epoch"]
            assert news["sequence"] > at["sequence"]
            kinds = [m["type"] for m in news["messages"]]
            assert "resync" not in kinds
            at = news


def test_a_slow_client_loses_messages_and_is_told() -> None:
    async def scenario() -> None:
        hub = Hub()
        slow, fast = hub.subscribe(None, None), hub.subscribe(None, None)
        await fast.next(1)
        for number in range(QUEUE_LENGTH + 10):
            hub.publish(Heartbeat(at=datetime.now(UTC)))
            await asyncio.sleep(0)
            (text,) = await fast.next(1)
            assert json.loads(text)["sequence"] == number + 1
        waiting = [json.loads(text)["type"] for text in await slow.next(1)]
        assert len(waiting) <= QUEUE_LENGTH
        assert waiting[0] == "resync"
        assert slow.overflows == 1

    asyncio.run(scenario())


def test_publishing_from_many_threads_numbers_each_once() -> None:
    async def scenario() -> list[int]:
        hub = Hub()
        subscriber = hub.subscribe(None, None)
        threads = [
            threading.Thread(target=lambda: [hub.publish(Heartbeat(at=datetime.now(UTC))) for _ in range(50)])
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found: list[int] = []
        while batch := await subscriber.next(0.2):
            found += [json.loads(text)["sequence"] for text in batch]
        return found

    assert sorted(asyncio.run(scenario())) == [0, *range(1, 201)]


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Host": "rebound.example"}],
    ids=["origin", "site", "host"],
)
def test_pages_of_other_sites_are_refused(server_at_work: Served, headers: dict[str, str]) -> None:
    given: dict[str, Any] = {"additional_headers": headers}
    if "Origin" in headers:
        given = {"origin": headers["Origin"]}
    with pytest.raises((InvalidStatus, ConnectionClosed)), live(server_at_work, **given) as socket:
        socket.recv(timeout=5)


def test_without_sign_in_it_is_refused(module_database: Callable[[], str]) -> None:
    url = module_database()
    dyntables.connect(url).close()
    with connect_database(url) as connection:
        user = users.add_user(connection, "ada", Role.ADMIN, "correct horse battery")
        secret, _ = tokens.make_token(connection, user.id, "live", Role.VIEWER, 1)
    with serving(url) as served:
        with pytest.raises((InvalidStatus, ConnectionClosed)), live(served) as socket:
            socket.recv(timeout=5)
        with live(served, additional_headers={"Authorization": f"Bearer {secret}"}) as socket:
            receive(socket, "hello")


def test_clients_of_a_server_that_ends_are_let_go(filled_url: str) -> None:
    with serving(filled_url) as served, connect(f"ws://localhost:{served.port}/api/v1/live", proxy=None) as socket:
        receive(socket, "hello")
        served.server.should_exit = True
        with pytest.raises(ConnectionClosed):
            receive(socket, "nothing", seconds=15)
