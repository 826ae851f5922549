"""A refresh runs with the rights of the owner, as they are at that moment."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

import dyntables
from dyntables.errors import CatalogError, DyntablesError, PermissionDeniedError, RefreshError
from tests.rights.conftest import People
from tests.support.refreshes import refreshed

pytestmark = pytest.mark.pg(15, 18)

LAG = "TARGET_LAG = '1 hour'"


def test_whoever_creates_a_table_owns_it_and_its_view(people: People) -> None:
    alice = people.acting(people.alice)
    alice.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT v % 3 AS k, count(*) AS n, sum(v) AS s FROM open GROUP BY 1")
    owners = people.service.execute(
        "SELECT owner, pg_get_userbyid(c.relowner), refresh_mode FROM dyntables.dynamic_tables, pg_class c "
        "WHERE relname = 't'"
    )
    assert owners.rows == [(people.alice, people.alice, "INCREMENTAL")]
    people.service.execute("INSERT INTO open VALUES (10, 10); DELETE FROM open WHERE id = 1")
    assert refreshed(people.service) == ("INCREMENTAL", "CHANGES")
    people.service.execute("TRUNCATE open")
    assert refreshed(people.service) == ("REINITIALIZE", "SOURCE_TRUNCATED")
    with people.connection(people.alice) as plain:
        assert plain.execute("SELECT * FROM t").fetchall() == []
        plain.execute(f"GRANT SELECT ON t TO {people.bob}")
    with people.connection(people.bob) as plain:
        assert plain.execute("SELECT * FROM t").fetchall() == []


def test_tables_above_a_full_one_of_another_owner(people: People) -> None:
    """Deltas are handed on by the hands of the owners, too."""
    alice, bob = people.acting(people.alice), people.acting(people.bob)
    alice.execute(f"CREATE DYNAMIC TABLE low {LAG} REFRESH_MODE = FULL AS SELECT id, v FROM open")
    alice.execute(f"GRANT SELECT ON DYNAMIC TABLE low TO {people.bob}")
    bob.execute(f"CREATE DYNAMIC TABLE high {LAG} AS SELECT v % 2 AS k, count(*) AS n FROM low GROUP BY 1")
    people.service.execute("INSERT INTO open VALUES (10, 10)")
    assert refreshed(people.service, "high") == ("INCREMENTAL", "CHANGES")
    assert refreshed(people.service, "low") == ("FULL", "FULL_MODE")


def test_a_lost_right_fails_the_refresh_and_keeps_the_contents(people: People) -> None:
    alice = people.acting(people.alice)
    alice.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT id, v FROM open")
    before = people.service.execute("SELECT * FROM t ORDER BY id").rows
    people.service.execute("REVOKE SELECT ON open FROM PUBLIC; INSERT INTO open VALUES (10, 10)")
    with pytest.raises(RefreshError, match="may not read what it reads: permission denied for table open"):
        people.service.execute("ALTER DYNAMIC TABLE t REFRESH")
    assert people.service.execute("SELECT * FROM t ORDER BY id").rows == before
    people.service.execute(f"GRANT SELECT (id, v) ON open TO {people.alice}")
    assert refreshed(people.service) == ("INCREMENTAL", "CHANGES")


@pytest.mark.parametrize("initialize", ["ON_CREATE", "ON_SCHEDULE"])
def test_no_right_is_gained_by_creating_a_table(people: People, initialize: str) -> None:
    alice = people.acting(people.alice)
    with pytest.raises(DyntablesError, match="permission denied for table secret"):
        alice.execute(f"CREATE DYNAMIC TABLE t {LAG} INITIALIZE = {initialize} AS SELECT word FROM secret")
    left = "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'dyntables_capture%'"
    assert people.service.execute(left).rows == [(0,)]
    assert people.service.execute("SELECT count(*) FROM dyntables.dynamic_tables").rows == [(0,)]


def test_a_view_gives_what_it_gives_and_no_more(people: People) -> None:
    """Below a view of another owner there is a table that alice may not read: FULL, through the view."""
    people.service.execute(f"CREATE VIEW part AS SELECT id FROM secret; GRANT SELECT ON part TO {people.alice}")
    alice = people.acting(people.alice)
    alice.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT id FROM part")
    modes = people.service.execute("SELECT refresh_mode, refresh_mode_reason FROM dyntables.dynamic_tables").rows
    assert modes[0][0] == "FULL"
    assert "through a view only" in modes[0][1]
    people.service.execute("INSERT INTO secret VALUES (2, 'open')")
    assert refreshed(people.service) == ("FULL", "FULL_MODE")
    people.service.execute(f"REVOKE SELECT ON part FROM {people.alice}")
    with pytest.raises(RefreshError, match="permission denied for view part"):
        people.service.execute("ALTER DYNAMIC TABLE t REFRESH")


def test_logs_storage_and_catalog_are_closed(people: People) -> None:
    people.service.execute(f"CREATE DYNAMIC TABLE s {LAG} AS SELECT word FROM secret")
    people.acting(people.alice).execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT v FROM open")
    oid = people.service.execute("SELECT 'secret'::regclass::oid::bigint").rows[0][0]
    storage = people.service.execute("SELECT 't' || id || '_g' || generation FROM dyntables.dynamic_table").rows[0][0]
    with people.connection(people.alice) as alice, people.connection(people.bob) as bob:
        for plain in (alice, bob):
            for sql in (
                "TABLE s", f"TABLE dyntables_log.c{oid}", f"TABLE dyntables_log.c{oid}_0",
                f"TABLE dyntables_data.{storage}",
                f"SELECT dyntables_log.f{oid}()", "TABLE dyntables.dynamic_table", "TABLE dyntables.audit",
                "INSERT INTO dyntables.privilege VALUES (1, 0, 'OPERATE', 'me')", "TABLE dyntables.sources",
                f"DELETE FROM dyntables_log.c{oid}",
            ):  # fmt: skip
                with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.FeatureNotSupported)):
                    plain.execute(sql)


def test_a_session_that_acts_for_a_role_runs_nothing_else(people: People) -> None:
    alice = people.acting(people.alice)
    for sql in ("RESET ROLE", "SELECT 1", "DO $$ BEGIN END $$", "COPY open TO STDOUT"):
        with pytest.raises(PermissionDeniedError, match="runs statements on dynamic tables only"):
            alice.execute(sql)
    with pytest.raises(CatalogError, match='role "nobody" does not exist'):
        people.acting("nobody")


def test_an_ordinary_user_is_told_the_way(people: People) -> None:
    with dyntables.connect(make_conninfo(people.service.url, user=people.alice)) as alice:
        assert alice.execute("SHOW DYNAMIC TABLES").rows == []
        with pytest.raises(DyntablesError) as caught:
            alice.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT v FROM open")
    assert "--role" in (caught.value.hint or "")


def test_a_rename_needs_create_on_the_schema(people: People) -> None:
    alice = people.acting(people.alice)
    alice.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT v FROM open")
    people.service.execute("CREATE SCHEMA closed")
    with pytest.raises(PermissionDeniedError, match="may not create anything"):
        alice.execute("ALTER DYNAMIC TABLE t RENAME TO closed.t")
    people.service.execute(f"GRANT CREATE, USAGE ON SCHEMA closed TO {people.alice}")
    alice.execute("ALTER DYNAMIC TABLE t RENAME TO closed.t")
    people.service.execute("INSERT INTO open VALUES (10, 10)")
    assert people.service.execute("ALTER DYNAMIC TABLE closed.t VERIFY").rows[0][1] is True


def test_storage_made_by_the_service_passes_to_the_owner(people: People) -> None:
    """A table of the service's, as an earlier version made all, is given to a role."""
    people.service.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT v, count(*) AS n FROM open GROUP BY v")
    people.service.execute(f"UPDATE dyntables.dynamic_table SET owner_name = '{people.alice}'")
    people.service.execute("INSERT INTO open VALUES (10, 10)")
    assert refreshed(people.service) == ("INCREMENTAL", "CHANGES")
    people.service.execute("TRUNCATE open")
    assert refreshed(people.service) == ("REINITIALIZE", "SOURCE_TRUNCATED")
