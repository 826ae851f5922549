"""Roles for the tests of rights: alice and bob, with names of their own in each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

import dyntables


@dataclass
class People:
    """The service's client, and clients that act for alice and bob."""

    service: dyntables.Client
    alice: str
    bob: str
    acting: Callable[[str], dyntables.Client]

    def connection(self, role: str) -> psycopg.Connection:
        """Return a plain connection of a role."""
        return psycopg.connect(make_conninfo(self.service.url, user=role), autocommit=True)


@pytest.fixture
def people(database_url: str) -> Iterator[People]:
    number = conninfo_to_dict(database_url)["dbname"]
    roles = [f"alice_{number}", f"bob_{number}"]
    clients: list[dyntables.Client] = []
    with dyntables.connect(database_url) as service:

        def acting(role: str) -> dyntables.Client:
            clients.append(dyntables.connect(database_url, role=role))
            return clients[-1]

        for role in roles:
            service.execute(f"CREATE ROLE {role} LOGIN")
            service.execute(f"GRANT CREATE ON SCHEMA public TO {role}")
        service.execute("CREATE TABLE open (id integer PRIMARY KEY, v integer); GRANT SELECT ON open TO PUBLIC")
        service.execute("INSERT INTO open SELECT i, i FROM generate_series(1, 9) i")
        service.execute(
            "CREATE TABLE secret (id integer PRIMARY KEY, word text); INSERT INTO secret VALUES (1, 'sesame')"
        )
        try:
            yield People(service, roles[0], roles[1], acting)
        finally:
            for client in clients:
                client.close()
            for role in roles:
                service.execute(f"DROP OWNED BY {role} CASCADE")
                service.execute(f"DROP ROLE {role}")
