"""What the owner of a source makes of its columns afterwards runs no code with the rights of who captures it."""

from __future__ import annotations

import psycopg
import pytest

from tests.security.conftest import Stage

LAG = "TARGET_LAG = '1 hour'"
SOURCES = """
CREATE TABLE seen (what text, as_whom text);
GRANT ALL ON seen TO PUBLIC;
CREATE DOMAIN dom AS integer;
CREATE TYPE kind AS ENUM ('a');
CREATE TYPE pair AS (a integer);
CREATE TABLE src (id integer PRIMARY KEY, v integer, d dom, k kind);
INSERT INTO src VALUES (1, 1, 1, 'a');
CREATE TABLE parts (id integer, v integer) PARTITION BY RANGE (id);
CREATE TABLE parts1 PARTITION OF parts FOR VALUES FROM (0) TO (9);
CREATE TABLE parts2 PARTITION OF parts FOR VALUES FROM (9) TO (99);
INSERT INTO parts VALUES (1, 1);
"""
CAST = """
CREATE FUNCTION as_{0}(pair) RETURNS {0} LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO public.seen VALUES ('{0}', current_user); RETURN NULL; END $$;
CREATE CAST (pair AS {0}) WITH FUNCTION as_{0}(pair) AS IMPLICIT;
"""


def others(stage: Stage) -> set[str]:
    """Return as whom code of the attacker's has run, but for the attacker."""
    return {as_whom for _, as_whom in stage.superuser.execute("TABLE seen")} - {stage.role}


@pytest.mark.pg(15, 18)
def test_a_cast_to_what_a_log_holds(stage: Stage) -> None:
    """The log has the old type, and the server would cast by a function of the attacker's."""
    stage.plain.execute((SOURCES + "".join(CAST.format(target) for target in ("integer", "kind"))).encode())
    stage.attacker.execute(f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = INCREMENTAL AS SELECT id, v, d, k FROM src")
    stage.attacker.execute(f"CREATE DYNAMIC TABLE u {LAG} REFRESH_MODE = INCREMENTAL AS SELECT id, v FROM parts")
    for column in ("v", "d", "k"):
        stage.plain.execute(f"ALTER TABLE src ALTER {column} TYPE pair USING ROW(1)::pair")
        stage.plain.execute("UPDATE src SET id = id + 1")
        stage.plain.execute("INSERT INTO src (id) VALUES (77)")
        stage.plain.execute("DELETE FROM src WHERE id = 77")
    stage.plain.execute("ALTER TABLE parts ALTER v TYPE pair USING ROW(1)::pair")
    stage.plain.execute("MERGE INTO parts USING (VALUES (1)) x (n) ON id = n WHEN MATCHED THEN UPDATE SET id = 50")
    stage.plain.execute("DELETE FROM parts")
    assert stage.superuser.execute("TABLE seen").fetchall() == []
    for name in "tu":
        assert "REINITIALIZE" in stage.service.execute(f"ALTER DYNAMIC TABLE {name} REFRESH").rows[0]
    assert others(stage) == set()


@pytest.mark.pg(15, 18)
@pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ"])
def test_a_partition_gets_another_parent(stage: Stage, isolation: str) -> None:
    """Our trigger goes with it, and to see whether a row stays it would evaluate the key of that parent."""
    stage.plain.execute(SOURCES.encode())
    stage.attacker.execute(f"CREATE DYNAMIC TABLE u {LAG} REFRESH_MODE = INCREMENTAL AS SELECT id, v FROM parts")
    with psycopg.connect(stage.plain.info.dsn, autocommit=True) as writer:
        writer.execute(f"BEGIN ISOLATION LEVEL {isolation}; SELECT 1 FROM seen".encode())
        stage.plain.execute(
            "CREATE FUNCTION note() RETURNS void LANGUAGE sql AS "
            "'INSERT INTO public.seen VALUES (''key'', current_user)'; "
            "CREATE FUNCTION key(integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS "
            "'BEGIN PERFORM public.note(); RETURN $1; END'; "
            "CREATE TABLE other (id integer, v integer) PARTITION BY RANGE (key(id)); "
            "CREATE TABLE other2 PARTITION OF other FOR VALUES FROM (9) TO (99); "
            "ALTER TABLE parts DETACH PARTITION parts1; "
            "ALTER TABLE other ATTACH PARTITION parts1 FOR VALUES FROM (0) TO (9)"
        )
        writer.execute("MERGE INTO other USING (VALUES (1)) x (n) ON id = n WHEN MATCHED THEN UPDATE SET id = 5")
        writer.execute("COMMIT")
    assert stage.superuser.execute("SELECT FROM seen").rowcount > 0
    assert others(stage) == set()


@pytest.mark.pg(18)
def test_what_a_virtual_column_was_computed_from(stage: Stage) -> None:
    """Its expression is in the function that logs; the types of what that reads are others then."""
    stage.plain.execute((SOURCES + CAST.format("integer")).encode())
    stage.plain.execute("CREATE TABLE calc (id integer PRIMARY KEY, v integer, g integer GENERATED ALWAYS AS (v + 1))")
    stage.attacker.execute(f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = INCREMENTAL AS SELECT id, g FROM calc")
    stage.plain.execute("INSERT INTO calc VALUES (1, 1)")
    assert "INCREMENTAL" in stage.service.execute("ALTER DYNAMIC TABLE t REFRESH").rows[0]
    stage.plain.execute("ALTER TABLE calc DROP g; ALTER TABLE calc ADD g integer")
    stage.plain.execute("ALTER TABLE calc ALTER v TYPE pair USING ROW(1)::pair")
    stage.plain.execute("INSERT INTO calc VALUES (2, ROW(1), 1)")
    assert others(stage) == set()
