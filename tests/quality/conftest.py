"""Tables that rules are about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import dyntables


@pytest.fixture
def dt(database_url: str) -> Iterator[dyntables.Client]:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (id serial PRIMARY KEY, k integer, n integer, w text)")
        client.execute("CREATE TABLE other (key integer); INSERT INTO other VALUES (0), (1), (2)")
        client.execute(
            "INSERT INTO s (k, n, w) SELECT i % 11, i - 6, (ARRAY['a', 'b', ' ', NULL])[1 + i % 4] "
            "FROM generate_series(1, 24) i"
        )
        yield client
