"""Frozen regions of tables that belong to others than the service."""

from __future__ import annotations

import pytest

from dyntables.errors import DyntablesError, PermissionDeniedError
from tests.rights.conftest import People
from tests.support.refreshes import refreshed

pytestmark = pytest.mark.pg(15, 18)

LAG = "TARGET_LAG = '1 hour'"


def test_frozen_rows_belong_to_the_owner(people: People) -> None:
    alice, bob = people.acting(people.alice), people.acting(people.bob)
    alice.execute(
        f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = INCREMENTAL FROZEN WHERE (at < now() - interval '1 hour') AS "
        "SELECT id, v, timestamptz '2026-01-01' + id * interval '1 hour' AS at FROM open"
    )
    people.service.execute("UPDATE open SET v = 0; INSERT INTO open VALUES (10, 10)")
    assert refreshed(people.service) == ("INCREMENTAL", "CHANGES")
    owners = people.service.execute(
        "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relnamespace = 'dyntables_data'::regnamespace "
        "AND relkind = 'r'"
    )
    assert owners.rows == [(people.alice,)]
    with people.connection(people.alice) as plain:
        assert plain.execute("SELECT sum(v) FROM t").fetchall() == [(45,)]
        assert plain.execute("SELECT name, frozen_rows FROM dyntables.frozen_regions").fetchall() == [("t", 9)]
    with people.connection(people.bob) as plain:
        assert plain.execute("SELECT * FROM dyntables.frozen_regions").fetchall() == []
    alice.execute(f"GRANT OPERATE ON DYNAMIC TABLE t TO {people.bob}")
    for statement in ("SET FROZEN WHERE (id < 3)", "UNSET FROZEN WHERE"):
        with pytest.raises(PermissionDeniedError):
            bob.execute(f"ALTER DYNAMIC TABLE t {statement}")
    alice.execute("ALTER DYNAMIC TABLE t SET FROZEN WHERE (id < 3)")
    assert refreshed(people.service) == ("REINITIALIZE", "FROZEN_REGION_CHANGED")
    alice.execute("DROP DYNAMIC TABLE t")


def test_a_backfill_needs_the_right_to_read_it(people: People) -> None:
    alice = people.acting(people.alice)
    people.service.execute("CREATE TABLE old AS SELECT id, v FROM open")
    statement = f"CREATE DYNAMIC TABLE t {LAG} FROZEN WHERE (id < 5) BACKFILL FROM old AS SELECT id, v FROM open"
    with pytest.raises(DyntablesError, match="permission denied for table old"):
        alice.execute(statement)
    assert people.service.execute("SELECT count(*) FROM dyntables.dynamic_table").rows == [(0,)]
    people.service.execute("GRANT SELECT ON old TO PUBLIC; UPDATE old SET v = -1")
    alice.execute(statement)
    assert people.service.execute("SELECT count(*) FROM t WHERE v = -1").rows == [(4,)]


def test_an_immutable_function_in_a_predicate_is_not_run_by_the_service(people: People) -> None:
    """The server only parses the predicate: nothing of its owner's runs before it is refused."""
    alice = people.acting(people.alice)
    people.service.execute("CREATE TABLE trace (who text); GRANT INSERT ON trace TO PUBLIC")
    with people.connection(people.alice) as plain:
        plain.execute(
            "CREATE FUNCTION spy(integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS "
            "$$ BEGIN INSERT INTO public.trace SELECT current_user; RETURN true; END $$"
        )
    with pytest.raises(DyntablesError, match="could be replaced"):
        alice.execute(f"CREATE DYNAMIC TABLE t {LAG} FROZEN WHERE (spy(1) AND id < 5) AS SELECT id FROM open")
    assert people.service.execute("SELECT * FROM trace").rows == []
