"""A view that somebody drops by hand comes back with the next refresh, and what reads it follows."""

from __future__ import annotations

import pytest

import dyntables
from tests.evolve.support import LAG
from tests.support.refreshes import refreshed

pytestmark = pytest.mark.pg(15, 18)


@pytest.mark.parametrize(
    ("mode", "expected"), [("INCREMENTAL", ("REINITIALIZE", "VIEW_MISSING")), ("FULL", ("FULL", "FULL_MODE"))]
)
def test_a_view_that_was_dropped_by_hand_comes_back(database_url: str, mode: str, expected: tuple[str, str]) -> None:
    with dyntables.connect(database_url) as dt:
        dt.execute("CREATE TABLE s (id integer PRIMARY KEY, k text NOT NULL)")
        dt.execute("INSERT INTO s SELECT i, 'k' || i % 3 FROM generate_series(1, 9) i")
        dt.execute(f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = {mode} AS SELECT k, count(*) AS n FROM s GROUP BY k")
        dt.execute(f"CREATE DYNAMIC TABLE above {LAG} REFRESH_MODE = INCREMENTAL AS SELECT sum(n) AS n FROM t")
        for change in ("", "INSERT INTO s VALUES (10, 'k9')"):
            dt.execute("DROP VIEW t")
            if change:
                dt.execute(change)
            assert refreshed(dt, "t") == expected
            assert refreshed(dt, "above") == ("REINITIALIZE", "SOURCE_ALTERED")
        dt.execute("INSERT INTO s VALUES (11, 'k1')")
        assert refreshed(dt, "above") == ("INCREMENTAL", "CHANGES")
        assert dt.execute("ALTER DYNAMIC TABLE t VERIFY").rows[0][1:4] == (True, 0, 0)
        assert dt.execute("SELECT n FROM above").rows == [(11,)]
