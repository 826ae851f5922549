"""A table whose storage has to be built anew tells those above it what changed."""

from __future__ import annotations

import pytest

import dyntables
from tests.evolve.support import LAG
from tests.support.refreshes import refreshed

pytestmark = pytest.mark.pg(15, 18)


def test_another_layout_of_storage_is_no_reason_to_miss_changes_above(database_url: str) -> None:
    with dyntables.connect(database_url) as dt:
        dt.execute("CREATE TABLE s (id integer PRIMARY KEY, k text NOT NULL, v integer NOT NULL)")
        dt.execute("INSERT INTO s SELECT i, 'k' || i % 3, i FROM generate_series(1, 9) i")
        options = f"{LAG} REFRESH_MODE = INCREMENTAL"
        dt.execute(f"CREATE DYNAMIC TABLE t {options} AS SELECT k, sum(v) AS total FROM s GROUP BY k")
        dt.execute(f"CREATE DYNAMIC TABLE above {options} AS SELECT count(*) AS n, sum(total) AS s FROM t")
        # Another version of the program stores the groups in another way.
        dt.execute("UPDATE dyntables.dynamic_table SET layout = 'another' WHERE table_name = 't'")
        dt.execute("INSERT INTO s VALUES (100, 'k9', 100); ALTER DYNAMIC TABLE t REFRESH")
        assert refreshed(dt, "above") == ("INCREMENTAL", "CHANGES")
        dt.execute("ALTER TABLE s ALTER COLUMN v DROP NOT NULL; INSERT INTO s VALUES (101, 'k9', NULL), (102, 'k8', 7)")
        assert refreshed(dt, "above") == ("INCREMENTAL", "CHANGES")
