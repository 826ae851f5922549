"""Who owns a database can use dyntables on it without being a superuser; who may less is told what is missing."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

import dyntables
from dyntables.errors import EngineError, MigrationError
from tests.support.servers import EMPTY, drop_database


@pytest.fixture
def database_template() -> str:
    """The service installs the catalog, as whoever it is."""
    return EMPTY


KEEPER, ANALYST = f"keeper_{os.getpid()}", f"analyst_{os.getpid()}"
QUERY = "SELECT day, count(*) AS orders FROM public.orders GROUP BY day"


@pytest.fixture
def roles(database_url: str) -> Iterator[str]:
    database = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
    with psycopg.connect(database_url, autocommit=True) as connection:
        for role in (KEEPER, ANALYST):
            connection.execute(f"CREATE ROLE {role} LOGIN")
        connection.execute(f"ALTER DATABASE {database} OWNER TO {KEEPER}")
    yield database_url
    server = make_conninfo(database_url, dbname="postgres")
    drop_database(server, str(database))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {database}")  # the fixture drops it
        for role in (KEEPER, ANALYST):
            connection.execute(f"DROP ROLE {role}")


def test_the_owner_of_a_database_needs_no_superuser(roles: str) -> None:
    with dyntables.connect(make_conninfo(roles, user=KEEPER)) as client:
        client.execute(
            "CREATE TABLE orders (id int PRIMARY KEY, day date); INSERT INTO orders VALUES (1, '2026-01-01')"
        )
        client.execute(f"CREATE DYNAMIC TABLE daily TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {QUERY}")
        client.execute("INSERT INTO orders VALUES (2, '2026-01-01'), (3, '2026-01-02')")
        (row,) = client.execute("ALTER DYNAMIC TABLE daily REFRESH").rows
        assert "INCREMENTAL" in row
        assert client.execute("ALTER DYNAMIC TABLE daily VERIFY").rows[0][1] is True
        client.execute("DROP DYNAMIC TABLE daily")


def test_who_may_not_is_told_what_is_missing(roles: str) -> None:
    with pytest.raises(MigrationError, match="may not make or change the catalog") as refused:
        dyntables.connect(make_conninfo(roles, user=ANALYST))
    assert f'TO "{ANALYST}"' in str(refused.value.hint)
    with psycopg.connect(roles, autocommit=True) as connection:
        connection.execute("CREATE TABLE orders (id int PRIMARY KEY, day date)")
        connection.execute(f"GRANT SELECT ON orders TO {ANALYST}")
        connection.execute(f"GRANT CREATE ON SCHEMA public TO {ANALYST}")
        connection.execute(f"GRANT CREATE ON DATABASE {connection.info.dbname} TO {ANALYST}")
    with dyntables.connect(make_conninfo(roles, user=ANALYST)) as client:
        with pytest.raises(EngineError, match="may not capture the changes of table") as denied:
            client.execute(f"CREATE DYNAMIC TABLE daily TARGET_LAG = '1 minute' AS {QUERY}")
        assert "REFRESH_MODE = FULL" in str(denied.value.hint)
        client.execute(f"CREATE DYNAMIC TABLE daily TARGET_LAG = '1 minute' REFRESH_MODE = FULL AS {QUERY}")
        client.execute("DROP DYNAMIC TABLE daily")
