"""Servers and databases for tests.

- `database_url`: a fresh, empty database, gone after the test. It is on PostgreSQL 18; with
  ``@pytest.mark.pg(15, 18)`` the test runs once on each version.
- `new_database`: a function that makes one more such database on the same server.
  Both have the catalog already, as a copy of one database is made faster than the catalog: a folder or a module whose
  tests install it themselves has a fixture `database_template` that returns `EMPTY`.
- `server_url`, `server18_url`, `server15_url`: the server itself, for whoever makes databases otherwise.

Each worker of pytest-xdist has servers of its own, started when the first test asks.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator

import pytest

from dyntables.engines.postgres.embedded import EmbeddedServer
from tests.support.servers import create_database, drop_database, installed, server_home, start_test_server

DEFAULT_VERSIONS = (18,)

_numbers = itertools.count(1)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "server_version" not in metafunc.fixturenames:
        return
    mark = metafunc.definition.get_closest_marker("pg")
    versions = (mark and mark.args) or DEFAULT_VERSIONS
    metafunc.parametrize(
        "server_version", versions, ids=[f"pg{version}" for version in versions], indirect=True, scope="session"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a server, so that ``-m "not pg"`` leaves the tests without input and output."""
    for item in items:
        needs_server = {"server15", "server18", "server_version"} & set(getattr(item, "fixturenames", ()))
        if needs_server and item.get_closest_marker("pg") is None:
            item.add_marker(pytest.mark.pg)


@pytest.fixture(scope="session")
def server18() -> Iterator[EmbeddedServer]:
    with server_home() as home, start_test_server(18, home) as server:
        yield server


@pytest.fixture(scope="session")
def server15() -> Iterator[EmbeddedServer]:
    with server_home() as home, start_test_server(15, home) as server:
        yield server


@pytest.fixture(scope="session")
def server18_url(server18: EmbeddedServer) -> str:
    return server18.url


@pytest.fixture(scope="session")
def server15_url(server15: EmbeddedServer) -> str:
    return server15.url


@pytest.fixture(scope="session")
def server_version(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="session")
def server(server_version: int, request: pytest.FixtureRequest) -> EmbeddedServer:
    chosen: EmbeddedServer = request.getfixturevalue(f"server{server_version}")
    return chosen


@pytest.fixture(scope="session")
def server_url(server: EmbeddedServer) -> str:
    return server.url


@pytest.fixture
def database_template(server: EmbeddedServer) -> str:
    """What new databases are copies of."""
    return installed(server)


@pytest.fixture
def new_database(server: EmbeddedServer, database_template: str) -> Iterator[Callable[[], str]]:
    made: list[str] = []

    def create() -> str:
        name = f"test_{os.getpid()}_{next(_numbers)}"
        made.append(name)
        return create_database(server, name, database_template)

    yield create
    for name in made:
        drop_database(server.url, name)


@pytest.fixture
def database_url(new_database: Callable[[], str]) -> str:
    return new_database()
