"""Every row of docs/sources.md, on both versions: the action, its reason, and contents equal to the definition."""

from __future__ import annotations

import psycopg
import pytest

import dyntables
from tests.sources.cases import CASES, Case
from tests.support.refreshes import refreshed


def write(url: str, statements: str) -> None:
    """Run statements as a program would that knows nothing of dyntables."""
    with psycopg.connect(url, autocommit=True) as writer:
        writer.execute(statements.encode())


@pytest.mark.pg(15, 18)
@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_source(case: Case, server_version: int, database_url: str) -> None:
    if server_version not in case.versions:
        pytest.skip("this version does not have it")
    write(database_url, case.setup)
    with dyntables.connect(database_url) as client:
        client.execute(f"CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' AS {case.query}")
        for statement in (case.change,) if isinstance(case.change, str) else case.change:
            if statement == "refresh":
                client.execute("ALTER DYNAMIC TABLE t REFRESH")
            else:
                write(database_url, statement)
        assert refreshed(client) == (case.action, case.reason)
        write(database_url, case.follow)
        assert refreshed(client)[0] == case.next
