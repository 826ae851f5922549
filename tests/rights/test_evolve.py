"""Rights on statements that change tables without computing them anew."""

from __future__ import annotations

import pytest

from dyntables.errors import DyntablesError, PermissionDeniedError
from tests.evolve.support import LAG, rows
from tests.rights.conftest import People
from tests.support.refreshes import refreshed

pytestmark = pytest.mark.pg(15, 18)


def test_only_the_owner_brings_a_table_back(people: People) -> None:
    alice, bob = people.acting(people.alice), people.acting(people.bob)
    alice.execute(
        f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = INCREMENTAL AS SELECT v % 3 AS k, count(*) FROM open GROUP BY 1"
    )
    alice.execute(f"GRANT OPERATE ON DYNAMIC TABLE t TO {people.bob}; DROP DYNAMIC TABLE t")
    with pytest.raises(PermissionDeniedError, match="does not have OWNERSHIP on the dropped dynamic table"):
        bob.execute("UNDROP DYNAMIC TABLE t")
    seen = [r[-2] for r in bob.execute("SHOW DYNAMIC TABLES HISTORY").rows]
    assert seen == [None]
    assert alice.execute("SHOW DYNAMIC TABLES HISTORY").rows[0][-2] is not None
    people.service.execute(f"REVOKE CREATE ON SCHEMA public FROM {people.alice}")
    with pytest.raises(PermissionDeniedError, match="may not create anything"):
        alice.execute("UNDROP DYNAMIC TABLE t")
    people.service.execute(f"GRANT CREATE ON SCHEMA public TO {people.alice}")
    alice.execute("UNDROP DYNAMIC TABLE t")
    owner = people.service.execute("SELECT pg_get_userbyid(relowner)::text FROM pg_class WHERE relname = 't'").rows
    assert owner == [(people.alice,)]
    people.service.execute("INSERT INTO open VALUES (10, 10)")
    assert refreshed(people.service, "t") == ("REINITIALIZE", "UNDROPPED")
    assert bob.execute("ALTER DYNAMIC TABLE t REFRESH").rows[0][1] == "SUCCEEDED"


def test_a_table_comes_back_only_to_those_who_may_still_read_its_sources(people: People) -> None:
    alice = people.acting(people.alice)
    alice.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT id, v FROM open; DROP DYNAMIC TABLE t")
    people.service.execute("REVOKE SELECT ON open FROM PUBLIC")
    alice.execute("UNDROP DYNAMIC TABLE t")
    with pytest.raises(DyntablesError, match="may not read what it reads"):
        people.service.execute("ALTER DYNAMIC TABLE t REFRESH")
    assert len(rows(people.service, "t")) == 9


def test_both_tables_of_a_swap_must_be_ones_own(people: People) -> None:
    alice, bob = people.acting(people.alice), people.acting(people.bob)
    alice.execute(f"CREATE DYNAMIC TABLE a {LAG} AS SELECT id, v FROM open WHERE v < 5")
    alice.execute(f"CREATE DYNAMIC TABLE b {LAG} AS SELECT id, v FROM open WHERE v >= 5")
    bob.execute(f"CREATE DYNAMIC TABLE c {LAG} AS SELECT id, v FROM open")
    for role, statement in ((alice, "a SWAP WITH c"), (bob, "a SWAP WITH c"), (bob, "a SWAP WITH b")):
        with pytest.raises(PermissionDeniedError, match="does not have OWNERSHIP"):
            role.execute(f"ALTER DYNAMIC TABLE {statement}")
    a, b = rows(people.service, "a"), rows(people.service, "b")
    alice.execute(f"GRANT SELECT ON DYNAMIC TABLE a TO {people.bob}")
    alice.execute(f"GRANT SELECT ON DYNAMIC TABLE b TO {people.bob}")
    bob.execute(f"CREATE DYNAMIC TABLE above {LAG} REFRESH_MODE = INCREMENTAL AS SELECT sum(v) AS t FROM a")
    alice.execute("ALTER DYNAMIC TABLE a SWAP WITH b")
    assert (rows(people.service, "a"), rows(people.service, "b")) == (b, a)
    assert refreshed(people.service, "above") == ("REINITIALIZE", "SOURCE_ALTERED")
    people.service.execute("INSERT INTO open VALUES (10, 10)")
    assert refreshed(people.service, "above") == ("INCREMENTAL", "CHANGES")


def test_a_clone_needs_select_and_monitor_and_is_ones_own(people: People) -> None:
    alice, bob = people.acting(people.alice), people.acting(people.bob)
    alice.execute(
        f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = INCREMENTAL AS SELECT v % 3 AS k, count(*) FROM open GROUP BY 1"
    )
    with pytest.raises(PermissionDeniedError, match="does not have MONITOR"):
        bob.execute("CREATE DYNAMIC TABLE c CLONE t")
    alice.execute(f"GRANT MONITOR ON DYNAMIC TABLE t TO {people.bob}")
    with pytest.raises(DyntablesError, match="permission denied for view t"):
        bob.execute("CREATE DYNAMIC TABLE c CLONE t")
    alice.execute(f"GRANT SELECT ON DYNAMIC TABLE t TO {people.bob}")
    with pytest.raises(PermissionDeniedError, match="does not have OWNERSHIP"):
        bob.execute("CREATE OR REPLACE DYNAMIC TABLE t CLONE t")
    bob.execute("CREATE DYNAMIC TABLE c CLONE t")
    people.service.execute("INSERT INTO open VALUES (10, 10)")
    assert refreshed(people.service, "c") == ("REINITIALIZE", "CLONED")
    owners = people.service.execute(
        "SELECT DISTINCT pg_get_userbyid(relowner)::text FROM pg_class WHERE relname = 'c' OR relname ~ '^t[0-9]+_g'"
    ).rows
    assert sorted(owners) == [(people.alice,), (people.bob,)]


def test_a_clone_reads_with_the_rights_of_its_owner(people: People) -> None:
    people.service.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT word FROM secret")
    people.service.execute(f"GRANT MONITOR ON DYNAMIC TABLE t TO {people.alice}; GRANT SELECT ON t TO {people.alice}")
    with pytest.raises(DyntablesError, match="permission denied for table secret"):
        people.acting(people.alice).execute("CREATE DYNAMIC TABLE c CLONE t")
    assert people.service.execute("SELECT count(*) FROM dyntables.dynamic_table").rows == [(1,)]


def test_only_the_owner_alters_and_tables_of_others_above_stay(people: People) -> None:
    alice, bob = people.acting(people.alice), people.acting(people.bob)
    options = f"{LAG} REFRESH_MODE = INCREMENTAL"
    alice.execute(f"CREATE OR ALTER DYNAMIC TABLE t {options} AS SELECT v % 3 AS k, sum(v) AS s FROM open GROUP BY 1")
    alice.execute(f"GRANT OPERATE ON DYNAMIC TABLE t TO {people.bob}; GRANT SELECT ON DYNAMIC TABLE t TO {people.bob}")
    bob.execute(f"CREATE DYNAMIC TABLE above {options} AS SELECT max(s) AS m FROM t")
    wider = f"DYNAMIC TABLE t {options} AS SELECT v % 3 AS k, sum(v) AS s, count(*) AS n FROM open GROUP BY 1"
    with pytest.raises(PermissionDeniedError, match="does not have OWNERSHIP"):
        bob.execute(f"CREATE OR ALTER {wider}")
    assert bob.execute(f"EXPLAIN CREATE OR ALTER {wider}").rows[0][5].startswith("REINITIALIZED")
    alice.execute(f"CREATE OR ALTER {wider}")
    people.service.execute("INSERT INTO open VALUES (10, 100)")
    assert refreshed(people.service, "above") == ("INCREMENTAL", "CHANGES")
    alice.execute(f"CREATE OR ALTER DYNAMIC TABLE t {options} AS SELECT v % 3 AS k, sum(v) AS s FROM open GROUP BY 1")
    with people.connection(people.bob) as plain:
        assert len(plain.execute("SELECT k, s FROM t").fetchall()) == 3
    people.service.execute("INSERT INTO open VALUES (11, 100)")
    assert refreshed(people.service, "above") == ("INCREMENTAL", "CHANGES")
    owner = "SELECT pg_get_userbyid(relowner)::text FROM pg_class WHERE relname = 't'"
    assert people.service.execute(owner).rows == [(people.alice,)]


def test_a_definition_that_the_owner_may_not_run_is_refused(people: People) -> None:
    alice = people.acting(people.alice)
    alice.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT v AS word FROM open")
    with pytest.raises(DyntablesError, match="permission denied for table secret"):
        alice.execute(f"CREATE OR ALTER DYNAMIC TABLE t {LAG} AS SELECT id AS word FROM secret")
    people.service.execute("INSERT INTO open VALUES (10, 100)")
    assert refreshed(people.service, "t") == ("INCREMENTAL", "CHANGES")


def test_renaming_what_others_read(people: People) -> None:
    alice, bob = people.acting(people.alice), people.acting(people.bob)
    options = f"{LAG} REFRESH_MODE = INCREMENTAL"
    alice.execute(f"CREATE DYNAMIC TABLE t {options} AS SELECT v % 3 AS k, sum(v) AS s FROM open GROUP BY 1")
    alice.execute(f"GRANT SELECT ON DYNAMIC TABLE t TO {people.bob}")
    bob.execute(f"CREATE DYNAMIC TABLE above {options} AS SELECT max(s) AS m FROM t")
    alice.execute("ALTER DYNAMIC TABLE t RENAME TO u")
    people.service.execute("INSERT INTO open VALUES (10, 100)")
    assert refreshed(people.service, "above") == ("INCREMENTAL", "CHANGES")
