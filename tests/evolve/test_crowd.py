"""Whatever a crowd did at the same time: every table equals its definition, and nothing is left behind.

DYNTABLES_CROWD is the number of seeds; 1 if it is not set.
"""

from __future__ import annotations

import os

import psycopg
import pytest

import dyntables
from dyntables.engines.postgres.capture import rotation
from dyntables.errors import InvalidQueryError, RefreshError, UnsupportedQueryError
from dyntables.refresh.logs import trim as upkeep
from dyntables.refresh.logs.prune import trim_all
from tests.evolve.crowd import SCHEMA, Crowd

_REMAINS = """
SELECT 'lock', objid::text FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND pid <> pg_backend_pid()
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
UNION ALL SELECT 'storage', relname FROM pg_class WHERE relnamespace = 'dyntables_data'::regnamespace AND relkind = 'r'
    AND substring(relname FROM '^t([0-9]+)_')::bigint NOT IN
        (SELECT id FROM dyntables.dynamic_table UNION ALL SELECT id FROM dyntables.dropped_table)
UNION ALL SELECT 'source', relation::regclass::text FROM dyntables.source
    WHERE relation NOT IN (SELECT relation FROM dyntables.dependency)
UNION ALL SELECT 'trigger', tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'dyntables\\_capture%'
    AND tgrelid NOT IN (SELECT member FROM dyntables.source_member)
UNION ALL SELECT 'temporary', relname FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'
"""


@pytest.mark.pg(15, 18)
@pytest.mark.parametrize("seed", range(int(os.environ.get("DYNTABLES_CROWD", "1"))))
def test_a_crowd(database_url: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # Small logs are rotated and trimmed, too.
    monkeypatch.setattr(rotation, "_ROTATE_BYTES", 8192)
    monkeypatch.setattr(upkeep, "_TRIM_BYTES", 1)
    with dyntables.connect(database_url) as dt, psycopg.connect(database_url, autocommit=True) as service:
        dt.execute(SCHEMA)
        for number in range(3):
            crowd = Crowd(database_url, seed * 3 + number)
            crowd.work(4)
            assert crowd.problems == []
            _check(dt)
        trim_all(service)
        assert service.execute(_REMAINS).fetchall() == []


def _check(dt: dyntables.Client) -> None:
    for (name,) in dt.execute("SELECT table_name FROM dyntables.dynamic_table").rows:
        try:
            row = dt.execute(f"ALTER DYNAMIC TABLE {name} VERIFY").rows[0]
        except (InvalidQueryError, RefreshError, UnsupportedQueryError):
            continue  # what it reads is away
        assert row[1] is True, row
    broken = "SELECT table_name FROM dyntables.refresh r JOIN dyntables.dynamic_table t ON t.id = r.dynamic_table_id "
    assert dt.execute(broken + "WHERE reason = 'INVARIANT_VIOLATED'").rows == []
