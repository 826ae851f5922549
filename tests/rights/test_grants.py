"""OPERATE and MONITOR, what is shown to whom, and the audit trail."""

from __future__ import annotations

import pytest

from dyntables.errors import PermissionDeniedError, StatementSyntaxError
from tests.rights.conftest import People

pytestmark = pytest.mark.pg(15, 18)

LAG = "TARGET_LAG = '1 hour'"
OPERATE = ("SUSPEND", "RESUME", "REFRESH", "VERIFY", "SET TARGET_LAG = '2 hours'")
OWNERSHIP = ("RENAME TO x", "SET COMMENT = 'mine'")
MONITOR = ("EXPLAIN DYNAMIC TABLE t", "DESCRIBE DYNAMIC TABLE t", "SHOW COLUMN LINEAGE OF t", "EXPLAIN CHANGES t")


@pytest.fixture
def shared(people: People) -> People:
    people.acting(people.alice).execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT id, v FROM open")
    return people


def _denied(people: People, statements: list[str]) -> None:
    bob = people.acting(people.bob)
    for statement in statements:
        with pytest.raises(PermissionDeniedError, match="does not have"):
            bob.execute(statement)


def _altering(*actions: str) -> list[str]:
    return [f"ALTER DYNAMIC TABLE t {action}" for action in actions]


DROPS = [
    "DROP DYNAMIC TABLE t",
    f"CREATE OR REPLACE DYNAMIC TABLE t {LAG} AS SELECT 1 AS id",
    "GRANT OPERATE ON DYNAMIC TABLE t TO public",
]


def test_without_a_grant_nothing_is_allowed(shared: People) -> None:
    _denied(shared, [*_altering(*OPERATE, *OWNERSHIP), *MONITOR, *DROPS])


def test_monitor_allows_looking(shared: People) -> None:
    shared.acting(shared.alice).execute(f"GRANT MONITOR ON DYNAMIC TABLE t TO {shared.bob}")
    for statement in MONITOR:
        shared.acting(shared.bob).execute(statement)
    _denied(shared, [*_altering(*OPERATE, *OWNERSHIP), *DROPS])


def test_operate_allows_running_but_not_changing(shared: People) -> None:
    alice, bob = shared.acting(shared.alice), shared.acting(shared.bob)
    alice.execute(f"GRANT OPERATE ON DYNAMIC TABLE t TO {shared.bob}")
    for statement in [*_altering(*OPERATE), *MONITOR]:
        bob.execute(statement)
    _denied(shared, [*_altering(*OWNERSHIP), *DROPS])
    alice.execute(f"REVOKE OPERATE ON DYNAMIC TABLE t FROM {shared.bob}")
    _denied(shared, [*_altering(*OPERATE), *MONITOR])


def test_a_refresh_needs_operate_on_what_it_refreshes(shared: People) -> None:
    shared.acting(shared.alice).execute(f"GRANT SELECT ON DYNAMIC TABLE t TO ROLE {shared.bob}")
    bob = shared.acting(shared.bob)
    bob.execute(f"CREATE DYNAMIC TABLE u {LAG} AS SELECT v FROM t")
    with pytest.raises(PermissionDeniedError, match=r'OPERATE on the dynamic table "public\.t"'):
        bob.execute("ALTER DYNAMIC TABLE u REFRESH")


def test_members_and_everybody(shared: People) -> None:
    shared.service.execute(f"GRANT {shared.alice} TO {shared.bob}")
    shared.acting(shared.bob).execute("ALTER DYNAMIC TABLE t SUSPEND")
    shared.service.execute(f"REVOKE {shared.alice} FROM {shared.bob}")
    _denied(shared, _altering("SUSPEND"))
    shared.acting(shared.alice).execute("GRANT OPERATE ON DYNAMIC TABLE t TO public")
    shared.acting(shared.bob).execute("ALTER DYNAMIC TABLE t RESUME")


def test_what_the_views_show(shared: People) -> None:
    queries = {
        "text": "SELECT text FROM dyntables.dynamic_tables",
        "history": "SELECT count(*) > 0 FROM dyntables.refresh_history",
        "graph": "SELECT query_text FROM dyntables.graph",
        "lineage": "SELECT count(*) > 0 FROM dyntables.column_lineage",
        "audit": "SELECT count(*) > 0 FROM dyntables.audit_trail",
    }

    def seen(role: str) -> dict[str, object]:
        with shared.connection(role) as plain:
            return {
                name: row[0] if (row := plain.execute(sql.encode()).fetchone()) else None
                for name, sql in queries.items()
            }

    everything = {
        "text": "SELECT id, v FROM open",
        "history": True,
        "graph": "SELECT id, v FROM open",
        "lineage": True,
        "audit": True,
    }
    nothing = {"text": None, "history": False, "graph": None, "lineage": False, "audit": False}
    service = shared.service.execute("SELECT current_user").rows[0][0]
    assert seen(service) == everything
    assert seen(shared.alice) == everything
    assert seen(shared.bob) == nothing
    shown = shared.acting(shared.bob).execute("SHOW DYNAMIC TABLES")
    row = dict(zip(shown.columns, shown.rows[0], strict=True))
    assert (row["name"], row["text"], row["scheduling_state"]) == ("t", None, None)
    shared.acting(shared.alice).execute(f"GRANT MONITOR ON DYNAMIC TABLE t TO {shared.bob}")
    assert seen(shared.bob) == everything


def test_the_audit_trail(shared: People) -> None:
    alice = shared.acting(shared.alice)
    shared.service.execute("ALTER DYNAMIC TABLE t SUSPEND")
    alice.execute("ALTER DYNAMIC TABLE t SET TARGET_LAG = '2 hours'")
    alice.execute(f"GRANT MONITOR ON DYNAMIC TABLE t TO {shared.bob}")
    alice.execute("ALTER DYNAMIC TABLE t RENAME TO renamed")
    alice.execute("DROP DYNAMIC TABLE renamed")
    service = shared.service.execute("SELECT session_user").rows[0][0]
    rows = shared.service.execute(
        "SELECT who, acted_as, action, object, statement, old, new FROM dyntables.audit_trail ORDER BY id"
    ).rows
    assert [(r[1], r[2], r[3]) for r in rows] == [
        (shared.alice, "CREATE", "public.t"),
        (service, "SUSPEND", "public.t"),
        (shared.alice, "SET", "public.t"),
        (shared.alice, "GRANT", "public.t"),
        (shared.alice, "RENAME", "public.t"),
        (shared.alice, "DROP", "public.renamed"),
    ]
    assert {r[0] for r in rows} == {service}
    assert rows[0][5] is None
    assert rows[0][6]["query"] == "SELECT id, v FROM open"
    assert rows[1][4] == "ALTER DYNAMIC TABLE t SUSPEND"
    assert (rows[1][5]["scheduling_state"], rows[1][6]["scheduling_state"]) == ("RUNNING", "SUSPENDED")
    assert (rows[2][5], rows[2][6]) == ({"target_lag_seconds": 3600}, {"target_lag_seconds": 7200})
    assert rows[3][6] == {"privileges": [f"MONITOR {shared.bob}"]}
    assert (rows[4][5], rows[4][6]) == ({"table_name": "t"}, {"table_name": "renamed"})
    assert rows[5][5]["table_name"] == "renamed"
    assert rows[5][6] is None


def test_bad_grants(shared: People) -> None:
    with pytest.raises(StatementSyntaxError, match="OPERATE, MONITOR, SELECT"):
        shared.service.execute(f"GRANT INSERT ON DYNAMIC TABLE t TO {shared.bob}")
    with pytest.raises(Exception, match='role "nobody" does not exist'):
        shared.service.execute("GRANT OPERATE ON DYNAMIC TABLE t TO nobody")
    assert shared.service.execute(f"GRANT SELECT ON open TO {shared.bob}").status == "GRANT"
