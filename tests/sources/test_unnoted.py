"""What is done to a source and undone, where the service is no superuser: no event trigger of its own notes it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

import dyntables
from tests.sources.cases import CASES, Case
from tests.sources.cases.case import ALTERED, REINIT
from tests.sources.test_sources import write
from tests.support.refreshes import refreshed
from tests.support.servers import EMPTY


@pytest.fixture
def database_template() -> str:
    """The service installs the catalog, without being a superuser."""
    return EMPTY


_ZONED = """
CREATE TABLE s (id integer PRIMARY KEY, k integer, v timestamptz, other integer);
INSERT INTO s SELECT i, i % 5, '2026-01-01 00:00Z', i FROM generate_series(1, 50) i;
"""
# The server rewrites nothing while the session is in UTC, so the file of the table stays.
_TO, _BACK = ("SET timezone = 'UTC'; ALTER TABLE s ALTER v TYPE timestamp" + zone for zone in ("", "tz"))
RETYPED = Case(
    "retyped_and_back",
    "the type of a used column is changed, it is written, and has its type again",
    (_TO, "SET timezone = 'Asia/Tokyo'; INSERT INTO s VALUES (400, 1, '2026-01-01 00:00', 3)", _BACK),
    REINIT,
    ALTERED,
    setup=_ZONED,
    query="SELECT id, v FROM s",
    follow="INSERT INTO s VALUES (401, 1, now(), 3)",
)
_UNDONE = {
    "exchange_used_columns_twice", "inheritance_child_passed", "source_was_partition",
    "partition_attached_and_detached", "partition_created_and_written_at_once",
}  # fmt: skip
PASSING = [RETYPED, *(case for case in CASES if case.name in _UNDONE)]
# These get other rows by no alteration of theirs.
_GENTLE = {"add_column", "rename_table", "set_schema", "partition_through_parent", "partition_row_moves", "merge_moves"}
GENTLE = [case for case in CASES if case.name in _GENTLE]


@pytest.fixture
def ordinary_url(database_url: str) -> Iterator[str]:
    """The URL of a database for its owner, who is no superuser."""
    database = conninfo_to_dict(database_url)["dbname"]
    owner = f"ordinary_{database}"
    with psycopg.connect(database_url, autocommit=True) as superuser:
        superuser.execute(
            f"CREATE ROLE {owner} LOGIN; ALTER DATABASE {database} OWNER TO {owner}; "
            f"ALTER SCHEMA public OWNER TO {owner}"
        )
        yield make_conninfo(database_url, user=owner)
        superuser.execute(f"ALTER DATABASE {database} OWNER TO CURRENT_USER; ALTER SCHEMA public OWNER TO CURRENT_USER")
        superuser.execute(f"DROP OWNED BY {owner} CASCADE; DROP ROLE {owner}")


def try_out(url: str, case: Case, schema: str) -> tuple[str, str]:
    """Let a case happen in a schema of its own; return the action and the reason of the refresh after it."""
    path = make_conninfo(url, options=f"-csearch_path={schema}")
    write(url, f"CREATE SCHEMA {schema}")
    write(path, case.setup)
    with dyntables.connect(path) as client:
        client.execute(f"CREATE DYNAMIC TABLE {schema} TARGET_LAG = '1 minute' AS {case.query}")
        for statement in (case.change,) if isinstance(case.change, str) else case.change:
            write(path, statement)
        found = refreshed(client, schema)
        write(path, case.follow)
        assert refreshed(client, schema)[0] == "INCREMENTAL", case.name
    return found


@pytest.mark.pg(15, 18)
def test_what_is_undone_is_noticed(ordinary_url: str) -> None:
    for case in PASSING:
        assert try_out(ordinary_url, case, case.name) == (REINIT, ALTERED), case.name


@pytest.mark.pg(18)
def test_what_changes_no_rows_is_followed(ordinary_url: str) -> None:
    for case in GENTLE:
        assert try_out(ordinary_url, case, case.name)[0] == "INCREMENTAL", case.name


@pytest.mark.pg(15, 18)
def test_a_superuser_notices_a_type_that_comes_back(database_url: str) -> None:
    assert try_out(database_url, RETYPED, "retyped") == (REINIT, ALTERED)
