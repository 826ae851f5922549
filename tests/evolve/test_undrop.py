"""DROP keeps a table as long as its retention says, and UNDROP brings it back."""

from __future__ import annotations

import psycopg
import pytest

import dyntables
from dyntables.errors import (
    CatalogError,
    DependentObjectsError,
    EngineError,
    InvalidOptionError,
    InvalidQueryError,
    NotFoundError,
)
from dyntables.refresh.logs.prune import prune_dropped
from tests.evolve.support import LAG, rows, sources
from tests.support.refreshes import refreshed

pytestmark = pytest.mark.pg(15, 18)

SUMS = f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = INCREMENTAL AS SELECT k, sum(v) AS total FROM s GROUP BY k"


def storage(dt: dyntables.Client) -> list[str]:
    return [
        r[0]
        for r in dt.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'dyntables_data'::regnamespace AND relkind IN ('r', 'v')"
        ).rows
    ]


def test_a_dropped_table_comes_back_with_contents_history_and_rights(dt: dyntables.Client) -> None:
    role = f"reader_{dt.execute('SELECT current_database()').rows[0][0]}"
    dt.execute(f"CREATE ROLE {role}")
    dt.execute(f"{SUMS}; GRANT MONITOR ON DYNAMIC TABLE t TO {role}; GRANT SELECT ON t TO {role}")
    before, history = rows(dt, "t"), dt.execute("SELECT count(*) FROM dyntables.refresh_history").rows
    state = "SELECT to_jsonb(t) - 'reinitialize_reason' - 'frontier' FROM dyntables.dynamic_table t"
    row = dt.execute(state).rows
    dropped = dt.execute("DROP DYNAMIC TABLE t")
    assert dropped.rows == [("dynamic table public.t dropped; UNDROP can bring it back",)]
    with pytest.raises(InvalidQueryError, match='relation "t" does not exist'):
        dt.execute("SELECT * FROM t")
    # Nothing is captured or kept for it, and its source is free.
    assert sources(dt) == []
    dt.execute("INSERT INTO s VALUES (100, 'k9', 1)")
    result = dt.execute("UNDROP DYNAMIC TABLE t")
    assert result.notices == ["its contents are those that it had; its next refresh computes them anew"]
    assert rows(dt, "t") == before
    assert dt.execute(state).rows == row
    assert dt.execute("SELECT count(*) FROM dyntables.refresh_history").rows == history
    assert dt.execute("SELECT grantee, privilege FROM dyntables.privileges").rows == [(role, "MONITOR")]
    assert dt.execute(f"SELECT has_table_privilege('{role}', 't', 'SELECT')").rows == [(True,)]
    assert refreshed(dt, "t") == ("REINITIALIZE", "UNDROPPED")
    dt.execute("INSERT INTO s VALUES (101, 'k9', 2)")
    assert refreshed(dt, "t") == ("INCREMENTAL", "CHANGES")
    trail = dt.execute("SELECT action FROM dyntables.audit_trail WHERE object = 'public.t' ORDER BY id").rows
    assert [r[0] for r in trail] == ["CREATE", "GRANT", "DROP", "UNDROP"]
    dt.execute(f"DROP DYNAMIC TABLE t; DROP OWNED BY {role}; DROP ROLE {role}")


def test_full_tables_and_their_state_come_back(dt: dyntables.Client) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE f {LAG} REFRESH_MODE = FULL AS SELECT k, v FROM s")
    dt.execute("ALTER DYNAMIC TABLE f SUSPEND; DROP DYNAMIC TABLE f; UNDROP DYNAMIC TABLE f")
    shown = dt.execute("SELECT scheduling_state, suspend_reason_code FROM dyntables.dynamic_tables").rows
    assert shown == [("SUSPENDED", "USER_SUSPENDED")]
    dt.execute("INSERT INTO s VALUES (100, 'k9', 1)")
    assert refreshed(dt, "f") == ("FULL", "FULL_MODE")


def test_a_pipeline_comes_back_from_below(dt: dyntables.Client) -> None:
    dt.execute(SUMS)
    dt.execute(f"CREATE DYNAMIC TABLE above {LAG} REFRESH_MODE = INCREMENTAL AS SELECT max(total) AS m FROM t")
    with pytest.raises(DependentObjectsError):
        dt.execute("DROP DYNAMIC TABLE t RESTRICT")
    dt.execute("DROP DYNAMIC TABLE t CASCADE")
    assert dt.execute("SHOW DYNAMIC TABLES").rows == []
    with pytest.raises(CatalogError, match=r'what it reads is not there any more: relation "public\.t" does not exist'):
        dt.execute("UNDROP DYNAMIC TABLE above")
    dt.execute("UNDROP DYNAMIC TABLE t; UNDROP DYNAMIC TABLE above")
    dt.execute("INSERT INTO s VALUES (100, 'k9', 1000)")
    assert refreshed(dt, "above") == ("REINITIALIZE", "UNDROPPED")
    dt.execute("INSERT INTO s VALUES (101, 'k9', 1000)")
    assert refreshed(dt, "above") == ("INCREMENTAL", "CHANGES")


def test_a_dropped_table_keeps_its_sources_from_nothing(dt: dyntables.Client) -> None:
    dt.execute(f"{SUMS}; DROP DYNAMIC TABLE t")
    dt.execute("ALTER TABLE s RENAME TO renamed; ALTER TABLE renamed RENAME COLUMN v TO w")
    dt.execute("UNDROP DYNAMIC TABLE t")
    dt.execute("INSERT INTO renamed VALUES (100, 'k9', 1)")
    assert refreshed(dt, "t") == ("REINITIALIZE", "UNDROPPED")
    dt.execute("DROP DYNAMIC TABLE t; DROP TABLE renamed")
    with pytest.raises(CatalogError, match=r'relation "public\.renamed" does not exist'):
        dt.execute("UNDROP DYNAMIC TABLE t")
    dt.execute("CREATE TABLE renamed (k text, w integer); INSERT INTO renamed VALUES ('new', 1)")
    dt.execute("UNDROP DYNAMIC TABLE t")
    assert refreshed(dt, "t") == ("REINITIALIZE", "UNDROPPED")
    assert rows(dt, "t") == [("new", 1)]


def test_names_that_were_taken_since(dt: dyntables.Client) -> None:
    dt.execute(f"{SUMS}; DROP DYNAMIC TABLE t; CREATE TABLE t ()")
    with pytest.raises(CatalogError, match=r'"public\.t" is a table and not a dynamic table'):
        dt.execute("UNDROP DYNAMIC TABLE t")
    dt.execute(f"DROP TABLE t; {SUMS}")
    with pytest.raises(CatalogError, match=r'"public\.t" is a dynamic table again'):
        dt.execute("UNDROP DYNAMIC TABLE t")
    dt.execute("ALTER DYNAMIC TABLE t RENAME TO newer; UNDROP DYNAMIC TABLE t")
    assert rows(dt, "t") == rows(dt, "newer")
    # The one that was dropped last comes back first.
    dt.execute("DROP DYNAMIC TABLE t; ALTER DYNAMIC TABLE newer RENAME TO t")
    dt.execute("COMMENT ON VIEW t IS 'newer'; DROP DYNAMIC TABLE t; UNDROP DYNAMIC TABLE t")
    assert dt.execute("SELECT obj_description('t'::regclass)").rows == [("newer",)]


def test_a_view_on_top_stops_the_drop(dt: dyntables.Client) -> None:
    dt.execute(f"{SUMS}; CREATE VIEW plain AS SELECT * FROM t")
    with pytest.raises(EngineError, match="other objects depend on it"):
        dt.execute("DROP DYNAMIC TABLE t")
    assert refreshed(dt, "t") == ("NO_DATA", "NO_CHANGES")


def test_retention(dt: dyntables.Client, database_url: str) -> None:
    with pytest.raises(InvalidOptionError, match="from 0 to 90"):
        dt.execute(SUMS.replace("AS SELECT", "DATA_RETENTION_TIME_IN_DAYS = 91 AS SELECT"))
    dt.execute(f"{SUMS}; ALTER DYNAMIC TABLE t SET DATA_RETENTION_TIME_IN_DAYS = 0; DROP DYNAMIC TABLE t")
    with pytest.raises(NotFoundError, match="there is no dropped dynamic table"):
        dt.execute("UNDROP DYNAMIC TABLE t")
    assert storage(dt) == []
    dt.execute(f"{SUMS}; ALTER DYNAMIC TABLE t SET DATA_RETENTION_TIME_IN_DAYS = 7; DROP DYNAMIC TABLE t")
    with psycopg.connect(database_url, autocommit=True) as connection:
        assert prune_dropped(connection) == []
        connection.execute("UPDATE dyntables.dropped_table SET kept_until = now()")
        with pytest.raises(NotFoundError, match="dropped too long ago"):
            dt.execute("UNDROP DYNAMIC TABLE t")
        assert len(prune_dropped(connection)) == 1
    assert storage(dt) == []
    assert dt.execute("SELECT count(*) FROM dyntables.dropped_part").rows == [(0,)]


def test_what_somebody_reads_is_pruned_later(dt: dyntables.Client, database_url: str) -> None:
    dt.execute(f"{SUMS}; DROP DYNAMIC TABLE t")
    with (
        psycopg.connect(database_url, autocommit=True) as connection,
        psycopg.connect(database_url) as reader,
    ):
        view = next(name for name in storage(dt) if name.startswith("dropped_"))
        reader.execute(f"SELECT * FROM dyntables_data.{view}")
        connection.execute("UPDATE dyntables.dropped_table SET kept_until = now()")
        assert prune_dropped(connection) == []
        reader.rollback()
        assert len(prune_dropped(connection)) == 1
    assert storage(dt) == []


def test_show_history_and_filters(dt: dyntables.Client) -> None:
    dt.execute("CREATE SCHEMA other")
    for name in ("aa", "ab", "b", "other.ac"):
        dt.execute(f"CREATE DYNAMIC TABLE {name} {LAG} AS SELECT v FROM s")
    dt.execute("DROP DYNAMIC TABLE ab")

    def names(statement: str) -> list[str]:
        result = dt.execute(statement)
        return [dict(zip(result.columns, r, strict=True))["name"] for r in result.rows]

    assert names("SHOW DYNAMIC TABLES") == ["ac", "aa", "b"]
    shown = dt.execute("SHOW DYNAMIC TABLES HISTORY LIKE 'ab'")
    row = dict(zip(shown.columns, shown.rows[0], strict=True))
    assert (row["scheduling_state"], row["text"]) == ("DROPPED", "SELECT v FROM s")
    assert row["dropped_on"] is not None
    assert names("SHOW DYNAMIC TABLES HISTORY IN SCHEMA public") == ["aa", "ab", "b"]
    assert names("SHOW DYNAMIC TABLES IN other") == ["ac"]
    assert names("SHOW DYNAMIC TABLES IN DATABASE nowhere") == []
    assert names("SHOW DYNAMIC TABLES IN DATABASE STARTS WITH 'a'") == ["ac", "aa"]
    assert names("SHOW DYNAMIC TABLES IN ACCOUNT LIMIT 2") == ["ac", "aa"]
    assert names("SHOW DYNAMIC TABLES LIMIT 2 FROM 'aa'") == ["ac", "b"]


def test_down_and_up_keeps_the_tables_and_lets_the_dropped_ones_go(dt: dyntables.Client, database_url: str) -> None:
    from dyntables.catalog.migrate import migrate

    dt.execute(f"{SUMS}; CREATE DYNAMIC TABLE gone {LAG} AS SELECT v FROM s; DROP DYNAMIC TABLE gone")
    dt.execute("ALTER DYNAMIC TABLE t SET DATA_RETENTION_TIME_IN_DAYS = 3")
    dt.execute(
        f"CREATE DYNAMIC TABLE back {LAG} AS SELECT v FROM s; DROP DYNAMIC TABLE back; UNDROP DYNAMIC TABLE back"
    )
    with psycopg.connect(database_url, autocommit=True) as connection:
        migrate(connection, 8)
        assert connection.execute("SELECT count(*) FROM t").fetchall() == [(3,)]
        migrate(connection)
    assert len(storage(dt)) == len([n for n in storage(dt) if n.startswith("t")]) > 0
    dt.execute("INSERT INTO s VALUES (100, 'k9', 1)")
    # The settings of its definition were lost on the way down, so that its contents may be others.
    assert refreshed(dt, "t") == ("REINITIALIZE", "SOURCE_ALTERED")
    dt.execute("INSERT INTO s VALUES (101, 'k9', 1)")
    assert refreshed(dt, "t") == ("INCREMENTAL", "CHANGES")
    dt.execute("DROP DYNAMIC TABLE t; UNDROP DYNAMIC TABLE t")
    assert refreshed(dt, "back") == ("REINITIALIZE", "SOURCE_ALTERED")


def test_a_table_whose_view_was_dropped_can_be_dropped(dt: dyntables.Client) -> None:
    dt.execute(f"{SUMS}; DROP VIEW t; DROP DYNAMIC TABLE t")
    assert storage(dt) == []
    with pytest.raises(NotFoundError):
        dt.execute("UNDROP DYNAMIC TABLE t")
