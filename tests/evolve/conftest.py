"""A client over a database with a small source."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import dyntables


@pytest.fixture
def dt(database_url: str) -> Iterator[dyntables.Client]:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (id integer PRIMARY KEY, k text, v integer)")
        client.execute("INSERT INTO s SELECT i, 'k' || i % 3, i FROM generate_series(1, 9) i")
        yield client
