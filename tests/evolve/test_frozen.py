"""Tables with a frozen region that are altered, cloned, exchanged, dropped and brought back."""

from __future__ import annotations

import pytest

import dyntables
from dyntables.errors import InvalidOptionError
from tests.evolve.support import LAG, rows
from tests.support.refreshes import refreshed

ROWS = "SELECT id, v FROM b"
STATED = f"CREATE OR ALTER DYNAMIC TABLE t {LAG} REFRESH_MODE = INCREMENTAL"


@pytest.fixture
def frozen(dt: dyntables.Client) -> dyntables.Client:
    """Offer table "t" of which the rows to 3 are frozen, and were changed in the source since; "u" reads it."""
    dt.execute("CREATE TABLE b (id integer PRIMARY KEY, v integer)")
    dt.execute("INSERT INTO b SELECT i, i FROM generate_series(1, 6) i")
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = INCREMENTAL FROZEN WHERE (id <= 3) AS {ROWS}")
    dt.execute(f"CREATE DYNAMIC TABLE u {LAG} REFRESH_MODE = INCREMENTAL AS SELECT sum(v) AS v, count(*) AS n FROM t")
    dt.execute("UPDATE b SET v = v + 10")
    assert refreshed(dt, "u") == ("INCREMENTAL", "CHANGES")
    assert rows(dt, "t") == [(1, 1), (2, 2), (3, 3), (4, 14), (5, 15), (6, 16)]
    return dt


def altered(dt: dyntables.Client, rest: str) -> list[tuple[str, str]]:
    """State what the table shall be; return what changes, and to what effect."""
    return [(r[0], r[3]) for r in dt.execute(f"{STATED} {rest}").rows]


def test_the_same_region_is_no_change(frozen: dyntables.Client) -> None:
    assert altered(frozen, f"FROZEN WHERE ( id<=3 ) AS {ROWS}") == []
    assert refreshed(frozen, "t") == ("NO_DATA", "NO_CHANGES")
    statement = frozen.execute("SHOW CREATE DYNAMIC TABLE t").rows[0][0]
    assert frozen.execute(statement.replace("CREATE", "CREATE OR ALTER", 1)).rows == []


def test_a_region_grows_and_goes(frozen: dyntables.Client) -> None:
    anew = [("FROZEN WHERE", "REINITIALIZED AT THE NEXT REFRESH")]
    assert altered(frozen, f"FROZEN WHERE (id <= 4) AS {ROWS}") == anew
    frozen.execute("UPDATE b SET v = v + 100")
    assert refreshed(frozen, "u") == ("INCREMENTAL", "CHANGES")
    assert rows(frozen, "t") == [(1, 1), (2, 2), (3, 3), (4, 14), (5, 115), (6, 116)]
    assert altered(frozen, f"AS {ROWS}") == anew
    assert refreshed(frozen, "u") == ("INCREMENTAL", "CHANGES")
    assert rows(frozen, "t") == [(i, i + 110) for i in range(1, 7)]


def test_columns_come_and_go_and_frozen_rows_stay(frozen: dyntables.Client) -> None:
    more = "SELECT id, v, v * 2 AS w FROM b"
    altered(frozen, f"FROZEN WHERE (id <= 3) AS {more}")
    assert rows(frozen, "t")[0] == (1, 1, None)
    assert refreshed(frozen, "u") == ("INCREMENTAL", "CHANGES")
    assert rows(frozen, "t") == [(1, 1, None), (2, 2, None), (3, 3, None), (4, 14, 28), (5, 15, 30), (6, 16, 32)]
    frozen.execute("UPDATE b SET v = 0")
    assert refreshed(frozen, "u") == ("INCREMENTAL", "CHANGES")
    assert rows(frozen, "t")[2:4] == [(3, 3, None), (4, 0, 0)]
    altered(frozen, f"FROZEN WHERE (id <= 3) AS {ROWS}")
    refreshed(frozen, "t")
    assert rows(frozen, "t") == [(1, 1), (2, 2), (3, 3), (4, 0), (5, 0), (6, 0)]


def test_the_source_of_frozen_rows_cannot_be_altered(frozen: dyntables.Client) -> None:
    with pytest.raises(InvalidOptionError, match="BACKFILL FROM can only be given when the table is created"):
        altered(frozen, f"FROZEN WHERE (id <= 3) BACKFILL FROM b AS {ROWS}")


def test_a_clone_has_the_frozen_rows(frozen: dyntables.Client) -> None:
    frozen.execute("CREATE DYNAMIC TABLE c CLONE t")
    assert refreshed(frozen, "c")[0] == "REINITIALIZE"
    frozen.execute("UPDATE b SET v = 0")
    assert refreshed(frozen, "c") == ("INCREMENTAL", "CHANGES")
    assert rows(frozen, "c") == [(1, 1), (2, 2), (3, 3), (4, 0), (5, 0), (6, 0)]


def test_dropped_and_brought_back(frozen: dyntables.Client) -> None:
    frozen.execute("DROP DYNAMIC TABLE u")
    frozen.execute("DROP DYNAMIC TABLE t")
    frozen.execute("UPDATE b SET v = 0")
    frozen.execute("UNDROP DYNAMIC TABLE t")
    assert refreshed(frozen, "t") == ("REINITIALIZE", "UNDROPPED")
    assert rows(frozen, "t") == [(1, 1), (2, 2), (3, 3), (4, 0), (5, 0), (6, 0)]


def test_nothing_is_left_of_a_table_that_is_dropped_for_good(frozen: dyntables.Client) -> None:
    frozen.execute("ALTER DYNAMIC TABLE t SET DATA_RETENTION_TIME_IN_DAYS = 0")
    frozen.execute("DROP DYNAMIC TABLE t CASCADE")
    left = "SELECT relname FROM pg_class WHERE relnamespace = 'dyntables_data'::regnamespace AND relname ~ '^t1_'"
    assert frozen.execute(left).rows == []


def test_exchanged(frozen: dyntables.Client) -> None:
    frozen.execute(f"CREATE DYNAMIC TABLE o {LAG} REFRESH_MODE = INCREMENTAL AS {ROWS}")
    frozen.execute("ALTER DYNAMIC TABLE t SWAP WITH o")
    frozen.execute("UPDATE b SET v = 0")
    for name in ("o", "t"):
        assert refreshed(frozen, name) == ("INCREMENTAL", "CHANGES")
    assert rows(frozen, "o") == [(1, 1), (2, 2), (3, 3), (4, 0), (5, 0), (6, 0)]
    assert rows(frozen, "t") == [(i, 0) for i in range(1, 7)]
