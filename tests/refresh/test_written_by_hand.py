"""Nobody writes a dynamic table by hand, not even its owner or a superuser; who reads it does not notice."""

from __future__ import annotations

import psycopg
import pytest

import dyntables
from dyntables.catalog.migrate import migrate
from tests.support.refreshes import verified

pytestmark = pytest.mark.pg(15, 18)

ANY = (
    "INSERT INTO {0} SELECT * FROM {0}",
    "INSERT INTO {0} SELECT * FROM {0} WHERE false",
    "DELETE FROM {0}",
    "DELETE FROM {0} WHERE false",
    "WITH gone AS (DELETE FROM {0} RETURNING *) SELECT * FROM gone",
    "COPY {0} FROM PROGRAM 'echo 1'",
)
OF_STORAGE = (*ANY, "TRUNCATE {0}", "MERGE INTO {0} t USING (VALUES (1)) v(id) ON true WHEN MATCHED THEN DELETE")
OF_VIEW = (*ANY, "INSERT INTO {0} VALUES (9, 9)", "UPDATE {0} SET n = 0", "UPDATE {0} SET n = 0 WHERE id = -1")


def refuses(connection: psycopg.Connection, relation: str, *, copies: bool = True) -> None:
    """Try every way to write a relation."""
    storage = relation.startswith("dyntables_data.")
    for write in OF_STORAGE if storage else OF_VIEW:
        if copies or not write.startswith("COPY"):
            with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="only refreshes write") as refused:
                connection.execute(write.format(relation).encode())
            assert "Change the tables that it reads" in str(refused.value.diag.message_hint)
    if not storage:
        with pytest.raises(psycopg.errors.WrongObjectType):
            connection.execute(f"TRUNCATE {relation}")
        if connection.info.server_version >= 170000:
            with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="only refreshes write"):
                connection.execute(
                    f"MERGE INTO {relation} t USING (VALUES (1)) v(i) ON t.id = i WHEN MATCHED THEN DELETE"
                )


def storage_of(client: dyntables.Client, name: str) -> str:
    found = client.execute(f"SELECT id, generation FROM dyntables.dynamic_table WHERE table_name = '{name}'").rows[0]
    return "dyntables_data.t{}_g{}".format(*found)


def test_writes_are_refused(database_url: str) -> None:
    with dyntables.connect(database_url) as client, psycopg.connect(database_url, autocommit=True) as writer:
        writer.execute("CREATE TABLE s (id integer PRIMARY KEY, n integer); INSERT INTO s VALUES (1, 5), (2, 7)")
        client.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' INITIALIZE = ON_SCHEDULE AS SELECT id, n FROM s")
        refuses(writer, "t")
        client.execute("ALTER DYNAMIC TABLE t REFRESH")
        client.execute("CREATE DYNAMIC TABLE above TARGET_LAG = '1 minute' AS SELECT sum(n) AS n FROM t")
        refuses(writer, "t")
        refuses(writer, storage_of(client, "t"))
        with pytest.raises(dyntables.DyntablesError, match="only refreshes write it"):
            client.execute("DELETE FROM t")
        # Who applies what another server did fires no such trigger, and writes nothing all the same.
        writer.execute("SET session_replication_role = replica; DELETE FROM t; RESET session_replication_role")
        writer.execute("UPDATE s SET n = 6 WHERE id = 1")
        for name in ("t", "above"):
            row = verified(client, name)
            assert (row["equal"], row["action"]) == (True, "INCREMENTAL")
        assert client.execute("TABLE above").rows == [(13,)]


def test_what_becomes_of_a_table_stays_protected(database_url: str) -> None:
    with dyntables.connect(database_url) as client, psycopg.connect(database_url, autocommit=True) as writer:
        writer.execute("CREATE TABLE s (id integer PRIMARY KEY, n integer); INSERT INTO s VALUES (1, 5), (2, 7)")
        client.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' AS SELECT id, n, n + 1 AS m FROM s")
        client.execute("CREATE DYNAMIC TABLE c CLONE t")
        client.execute("CREATE OR ALTER DYNAMIC TABLE c TARGET_LAG = '1 minute' AS SELECT id, n FROM s")
        refuses(writer, "c")
        client.execute("CREATE OR REPLACE DYNAMIC TABLE t TARGET_LAG = '1 minute' AS SELECT id, n::bigint AS n FROM s")
        client.execute("ALTER DYNAMIC TABLE t SWAP WITH c")
        client.execute("DROP DYNAMIC TABLE c")
        client.execute("UNDROP DYNAMIC TABLE c")
        client.execute(
            "CREATE DYNAMIC TABLE f TARGET_LAG = '1 minute' FROZEN WHERE (id < 2) REFRESH_MODE = INCREMENTAL AS "
            "SELECT id, n FROM s"
        )
        for name in ("t", "c", "f"):
            client.execute(f"ALTER DYNAMIC TABLE {name} REFRESH")
            refuses(writer, name)
            refuses(writer, storage_of(client, name))
        refuses(writer, f"{storage_of(client, 'f')}_frozen")


def test_the_owner_may_not_and_existing_tables_are_protected_by_the_migration(database_url: str) -> None:
    owner = f"owner_{psycopg.conninfo.conninfo_to_dict(database_url)['dbname']}"
    with dyntables.connect(database_url) as client, psycopg.connect(database_url, autocommit=True) as writer:
        migrate(writer, 12)
        migrate(writer)
        writer.execute(f"CREATE ROLE {owner}; GRANT CREATE ON SCHEMA public TO {owner}")
        writer.execute("CREATE TABLE s (id integer PRIMARY KEY, n integer); INSERT INTO s VALUES (1, 5), (2, 7)")
        writer.execute(f"GRANT SELECT ON s TO {owner}")
        try:
            with dyntables.connect(database_url, role=owner) as mine:
                mine.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' AS SELECT id, n FROM s")
                storage = storage_of(client, "t")
                migrate(writer, 12)
                assert writer.execute(
                    "SELECT count(*) FROM pg_trigger WHERE tgname ^@ 'dyntables_refuse'"
                ).fetchone() == (0,)
                migrate(writer)
                writer.execute(f"SET ROLE {owner}")
                refuses(writer, "t", copies=False)
                refuses(writer, storage, copies=False)
                writer.execute("RESET ROLE")
                mine.execute("DROP DYNAMIC TABLE t")
        finally:
            writer.execute(f"RESET ROLE; DROP OWNED BY {owner} CASCADE; DROP ROLE {owner}")


def test_readers_have_the_plans_of_a_plain_view(database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (id integer PRIMARY KEY, n integer); INSERT INTO s VALUES (1, 5), (2, 7)")
        client.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' CLUSTER BY (id) AS SELECT id, n FROM s")
        client.execute("CREATE VIEW plain AS " + client.execute("SELECT pg_get_viewdef('t'::regclass)").rows[0][0])
        client.execute("SET enable_seqscan = off")
        query = "EXPLAIN (COSTS OFF) SELECT x.n FROM {0} x JOIN s USING (id) WHERE x.id = 1"
        plans = [client.execute(query.format(name)).rows for name in ("t", "plain")]
        assert plans[0] == plans[1]
