"""A dynamic table is its view: under another name, in another schema, of another owner."""

from __future__ import annotations

import psycopg
import pytest

from dyntables.errors import CatalogError, DyntablesError, PermissionDeniedError
from tests.rights.conftest import People
from tests.support.refreshes import refreshed

pytestmark = pytest.mark.pg(15, 18)
LAG = "TARGET_LAG = '1 hour'"
QUERY = "SELECT v % 3 AS k, count(*) AS n FROM open GROUP BY 1"


def owner(people: People, name: str) -> tuple[object, ...]:
    """Return the owner by the catalog, by the view, and of the storage."""
    rows = people.service.execute(
        "SELECT t.owner_name, pg_get_userbyid(v.relowner), (SELECT string_agg(DISTINCT pg_get_userbyid(c.relowner), "
        "' ') FROM pg_class c WHERE c.relkind = 'r' AND c.relname LIKE 't' || t.id || '\\_g%') "
        "FROM dyntables.dynamic_table t "
        f"JOIN pg_class v ON v.oid = t.view_oid WHERE t.table_name = '{name}'"
    ).rows
    return tuple(rows[0])


def write(people: People, number: int) -> None:
    people.service.execute(f"INSERT INTO open VALUES ({number}, {number})")


def test_the_view_is_renamed_and_moved_by_hand(people: People) -> None:
    service = people.service
    service.execute(f"CREATE SCHEMA a; CREATE DYNAMIC TABLE a.t {LAG} AS {QUERY}")
    service.execute(f"CREATE DYNAMIC TABLE above {LAG} AS SELECT sum(n) AS n FROM a.t")
    service.execute(f"CREATE DYNAMIC TABLE a.other {LAG} INITIALIZE = ON_SCHEDULE AS SELECT v FROM open")
    service.execute(
        "ALTER VIEW a.t RENAME TO u; ALTER SCHEMA a RENAME TO b; CREATE SCHEMA c; ALTER VIEW b.u SET SCHEMA c"
    )
    service.execute("SET search_path = public, b, c")
    write(people, 100)
    assert refreshed(service, "above") == ("INCREMENTAL", "CHANGES")
    assert refreshed(service, "u") == ("NO_DATA", "NO_CHANGES")
    shown = service.execute("SELECT schema_name, name FROM dyntables.dynamic_tables ORDER BY 2").rows
    assert shown == [("public", "above"), ("b", "other"), ("c", "u")]
    assert '"c"."u"' in service.execute("SHOW CREATE DYNAMIC TABLE above").rows[0][0]
    assert service.execute("ALTER DYNAMIC TABLE b.other REFRESH").rows
    service.execute("ALTER VIEW c.u SET SCHEMA b; ALTER VIEW b.u RENAME TO w; ALTER VIEW b.other RENAME TO u")
    service.execute("ALTER VIEW b.w RENAME TO other")
    assert len(service.execute("SELECT k, n FROM b.other").columns) == 2
    assert [r[0] for r in service.execute("ALTER DYNAMIC TABLE b.other REFRESH").rows] == ["b.other"]
    assert refreshed(service, "other")[0] == "NO_DATA"


def test_the_owner_is_renamed_and_replaced_by_hand(people: People) -> None:
    service, alice = people.service, people.acting(people.alice)
    alice.execute(f"CREATE DYNAMIC TABLE t {LAG} AS {QUERY}")
    alice.execute(f"CREATE DYNAMIC TABLE dropped {LAG} AS {QUERY}; DROP DYNAMIC TABLE dropped")
    service.execute(f"ALTER ROLE {people.alice} RENAME TO {people.alice}_new")
    write(people, 101)
    assert refreshed(service) == ("INCREMENTAL", "CHANGES")
    assert owner(people, "t") == (f"{people.alice}_new",) * 3
    service.execute("UNDROP DYNAMIC TABLE dropped; DROP DYNAMIC TABLE dropped")
    service.execute(f"ALTER ROLE {people.alice}_new RENAME TO {people.alice}")
    service.execute(f"ALTER VIEW t OWNER TO {people.bob}")
    write(people, 102)
    assert refreshed(service) == ("INCREMENTAL", "CHANGES")
    assert owner(people, "t") == (people.bob,) * 3
    service.execute(f"GRANT CREATE ON SCHEMA dyntables_data TO {people.alice}")
    service.execute(f"REASSIGN OWNED BY {people.bob} TO {people.alice}")
    write(people, 103)
    assert refreshed(service) == ("INCREMENTAL", "CHANGES")
    assert owner(people, "t") == (people.alice,) * 3
    with people.connection(people.alice) as plain:
        assert plain.execute("SELECT count(*) FROM t").fetchone() == (3,)


def test_owner_to(people: People) -> None:
    service, alice = people.service, people.acting(people.alice)
    alice.execute(f"CREATE DYNAMIC TABLE t {LAG} AS {QUERY}")
    with pytest.raises(PermissionDeniedError, match="is no member of the role"):
        alice.execute(f"ALTER DYNAMIC TABLE t OWNER TO {people.bob}")
    with pytest.raises(PermissionDeniedError, match="does not have OWNERSHIP"):
        people.acting(people.bob).execute("ALTER DYNAMIC TABLE t OWNER TO CURRENT_USER")
    with pytest.raises(CatalogError, match='role "nobody_here" does not exist'):
        service.execute("ALTER DYNAMIC TABLE t OWNER TO nobody_here")
    service.execute(f"GRANT {people.bob} TO {people.alice}; REVOKE CREATE ON SCHEMA public FROM {people.bob}")
    with pytest.raises(PermissionDeniedError, match="may not create anything"):
        alice.execute(f"ALTER DYNAMIC TABLE t OWNER TO {people.bob}")
    service.execute(f"GRANT CREATE ON SCHEMA public TO {people.bob}")
    alice.execute(f"ALTER DYNAMIC TABLE t OWNER TO {people.bob}")
    assert owner(people, "t") == (people.bob,) * 3
    write(people, 104)
    assert refreshed(service) == ("INCREMENTAL", "CHANGES")
    service.execute("ALTER DYNAMIC TABLE t OWNER TO CURRENT_USER")
    write(people, 105)
    assert refreshed(service) == ("INCREMENTAL", "CHANGES")
    assert service.execute("SELECT count(*) FROM dyntables.audit_trail WHERE action = 'OWNER'").rows == [(2,)]


def test_the_rights_of_the_new_owner_count(people: People) -> None:
    service = people.service
    service.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT word FROM secret")
    service.execute(f"ALTER DYNAMIC TABLE t OWNER TO {people.alice}; INSERT INTO secret VALUES (2, 'open')")
    with pytest.raises(DyntablesError, match="may not read what it reads"):
        service.execute("ALTER DYNAMIC TABLE t REFRESH")
    with people.connection(people.alice) as plain, pytest.raises(psycopg.errors.InsufficientPrivilege):
        plain.execute("SELECT * FROM secret")
