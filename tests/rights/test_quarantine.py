"""Quarantines of tables that belong to others than the service, and who decides about what waits there."""

from __future__ import annotations

import psycopg
import pytest

from dyntables.errors import PermissionDeniedError
from tests.rights.conftest import People
from tests.support.refreshes import refreshed

pytestmark = pytest.mark.pg(15, 18)


def test_a_quarantine_belongs_to_the_owner(people: People) -> None:
    alice, bob = people.acting(people.alice), people.acting(people.bob)
    alice.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS SELECT id, v FROM open")
    alice.execute("CREATE QUALITY RULE q ON t CHECK expression(v > 3) ON VIOLATION QUARANTINE")
    people.service.execute("UPDATE open SET v = 0 WHERE id = 9")
    assert refreshed(people.service) == ("REINITIALIZE", "QUARANTINE_CHANGED")
    people.service.execute("UPDATE open SET v = 0 WHERE id = 8")
    assert refreshed(people.service) == ("INCREMENTAL", "CHANGES")
    with people.connection(people.alice) as plain:
        assert plain.execute("SELECT array_agg(id ORDER BY id) FROM t").fetchall() == [([4, 5, 6, 7],)]
        assert plain.execute("SELECT array_agg(id ORDER BY id) FROM t__quarantine").fetchall() == [([1, 2, 3, 8, 9],)]
        assert plain.execute("SELECT count(*) FROM dyntables.quarantine").fetchall() == [(5,)]
        plain.execute(f"GRANT SELECT ON t TO {people.bob}")
    with people.connection(people.bob) as plain:
        plain.execute("SET timezone = 'Asia/Tokyo'")
        assert plain.execute("SELECT count(*) FROM t").fetchall() == [(4,)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            plain.execute("SELECT * FROM t__quarantine")
        assert plain.execute("SELECT count(*) FROM dyntables.quarantine").fetchall() == [(0,)]
    for statement in ("RELEASE QUARANTINE", "DISCARD QUARANTINE", "REFRESH PUBLISH ANYWAY"):
        with pytest.raises(PermissionDeniedError):
            bob.execute(f"ALTER DYNAMIC TABLE t {statement}")
    alice.execute(f"GRANT OPERATE ON DYNAMIC TABLE t TO {people.bob}")
    assert bob.execute("ALTER DYNAMIC TABLE t RELEASE QUARANTINE WHERE (id = 1)").rows == [(1,)]
    [(by,)] = people.service.execute("SELECT decided_by FROM dyntables.quarantine WHERE decision = 'RELEASED'").rows
    assert by == people.bob
    with people.connection(people.bob) as plain:
        assert plain.execute("SELECT count(*) FROM t").fetchall() == [(5,)]


def test_a_quarantine_follows_its_owner(people: People) -> None:
    alice = people.acting(people.alice)
    alice.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS SELECT id, v FROM open")
    alice.execute("CREATE QUALITY RULE q ON t CHECK expression(v > 3) ON VIOLATION QUARANTINE")
    refreshed(people.service)
    people.service.execute(f"ALTER DYNAMIC TABLE t OWNER TO {people.bob}")
    people.service.execute("UPDATE open SET v = 0 WHERE id = 8")
    assert refreshed(people.service) == ("INCREMENTAL", "CHANGES")
    people.service.execute("TRUNCATE open; INSERT INTO open VALUES (1, 0), (2, 9)")
    assert refreshed(people.service)[0] == "REINITIALIZE"
    with people.connection(people.bob) as plain:
        assert plain.execute("SELECT id FROM t").fetchall() == [(2,)]
        assert plain.execute("SELECT id FROM t__quarantine").fetchall() == [(1,)]
    assert people.service.execute("ALTER DYNAMIC TABLE t VERIFY").rows[0][1]
