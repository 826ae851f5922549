"""A real server over a database of its own; `served` is a client of the demo admin."""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import uvicorn

import dyntables
from dyntables.engines.postgres.embedded import EmbeddedServer
from dyntables.server.app import create_app
from dyntables.server.process import configuration, listening
from dyntables.server.services import Services, running_services
from dyntables.server.telemetry.logs import configure_logs
from dyntables.settings import Settings
from tests.support.servers import create_database, drop_database, installed

_numbers = itertools.count(1)

SCHEMA = """
CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL, country text);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, day date NOT NULL, amount numeric(12, 2) NOT NULL);
INSERT INTO customers SELECT i, 'customer ' || i, (ARRAY['DE', 'FR', 'GR'])[1 + i % 3] FROM generate_series(1, 30) i;
INSERT INTO orders SELECT i, 1 + i % 30, date '2026-01-01' + i % 20, i FROM generate_series(1, 500) i;
CREATE DYNAMIC TABLE by_day TARGET_LAG = '1 hour' COMMENT = 'figures a day' AS
    SELECT day, count(*) AS orders, sum(amount) AS revenue FROM orders GROUP BY day;
CREATE DYNAMIC TABLE by_month TARGET_LAG = '2 hours' AS
    SELECT date_trunc('month', day)::date AS month, sum(orders) AS orders, sum(revenue) AS revenue FROM by_day
    GROUP BY 1;
CREATE DYNAMIC TABLE shuffled TARGET_LAG = '1 day' AS SELECT id, random() AS r FROM customers;
"""


def settings_for_tests(**given: object) -> Settings:
    quiet = {
        "workers": 0,
        "rate_limit": "",
        "login_rate_limit": "",
        "metrics_seconds": 3600,
        "port": 0,
        "log_level": "ERROR",
        "redis_url": None,
    }
    return Settings(_env_file=None, **{**quiet, **given})  # type: ignore[arg-type]


@dataclass
class Served:
    """A server that listens; `client` sends what the app would send in demo mode."""

    services: Services
    server: uvicorn.Server
    port: int
    client: httpx.Client

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    def stranger(self, **given: Any) -> httpx.Client:
        """A client that sends nothing by itself."""
        return httpx.Client(base_url=self.address, timeout=30, trust_env=False, **given)


@contextmanager
def serving(url: str, *, embedded: bool = True, **given: object) -> Iterator[Served]:
    settings = settings_for_tests(**given)
    configure_logs(settings)
    with running_services(settings, url, embedded=embedded) as services, listening(settings) as listener:
        server = uvicorn.Server(configuration(create_app(settings, services), settings))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.01)
            port = listener.getsockname()[1]
            headers = {"X-CSRF-Token": "demo"}
            with httpx.Client(
                base_url=f"http://localhost:{port}", headers=headers, timeout=60, trust_env=False
            ) as client:
                yield Served(services, server, port, client)
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def module_database(server18: EmbeddedServer) -> Iterator[Callable[[], str]]:
    with ExitStack() as stack:

        def create(template: str = "") -> str:
            name = f"served_{os.getpid()}_{next(_numbers)}"
            stack.callback(drop_database, server18.url, name)
            return create_database(server18, name, template or installed(server18))

        yield create


@pytest.fixture(scope="module")
def filled_url(module_database: Callable[[], str]) -> str:
    url = module_database()
    with dyntables.connect(url) as client:
        client.execute(SCHEMA)
    return url


@pytest.fixture(scope="module")
def server_at_work(filled_url: str) -> Iterator[Served]:
    with serving(filled_url) as served:
        yield served


@pytest.fixture
def served(server_at_work: Served) -> httpx.Client:
    server_at_work.client.cookies.clear()
    return server_at_work.client


@pytest.fixture
def execute(filled_url: str) -> Iterator[Callable[[str], dyntables.Result]]:
    with dyntables.connect(filled_url) as client:
        yield client.execute
