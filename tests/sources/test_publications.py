"""No table of ours can be in the way of a publication, and the doctor names those that publish ours."""

from __future__ import annotations

import psycopg
import pytest

import dyntables
from dyntables.cli.installation.doctor import CHECKS


@pytest.mark.pg(15, 18)
def test_every_table_that_is_updated_has_a_replica_identity(database_url: str) -> None:
    with dyntables.connect(database_url) as client, psycopg.connect(database_url, autocommit=True) as other:
        client.execute("CREATE TABLE s (id integer PRIMARY KEY, v integer); INSERT INTO s VALUES (1, 1)")
        client.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' AS SELECT v, count(*) AS n FROM s GROUP BY v")
        client.execute("CREATE DYNAMIC TABLE u TARGET_LAG = '1 hour' AS SELECT sum(n) AS n FROM t")
        without = other.execute(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname ^@ 'dyntables' AND c.relkind = 'r' AND c.relpersistence = 'p' AND c.relreplident = 'd' "
            "AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary) "
            # The log of a source is only added to, and dropped whole.
            "AND NOT (n.nspname = 'dyntables_log' AND c.relname ~ '^c[0-9]+(_[0-9]+)?$')"
        ).fetchall()
        assert without == []


def test_the_doctor_names_publications_that_have_ours(database_url: str) -> None:
    check = dict(CHECKS)["publications"]
    with dyntables.connect(database_url), psycopg.connect(database_url, autocommit=True) as other:
        assert check(other) == (True, "none has our logs and storage")
        other.execute("CREATE PUBLICATION mine FOR TABLES IN SCHEMA public")
        assert check(other)[0] is True
        other.execute("CREATE PUBLICATION everything FOR ALL TABLES")
        good, said = check(other)
        assert not good
        assert said.startswith("everything publishes dyntables")
