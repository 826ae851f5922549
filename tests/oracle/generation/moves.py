"""Histories of a partitioned table in which MERGE and UPDATE move rows, alone and inside of each other."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from tests.oracle.generation.model import Pick

SCHEMA = """
CREATE TABLE p (id integer, zone integer, kg numeric) PARTITION BY LIST (zone);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2) PARTITION BY RANGE (id);
CREATE TABLE p21 PARTITION OF p2 FOR VALUES FROM (0) TO (6);
CREATE TABLE p22 PARTITION OF p2 DEFAULT;
CREATE TABLE p3 PARTITION OF p DEFAULT;
"""
ROWS = "INSERT INTO p SELECT i, 1 + i % 4, i FROM generate_series(1, 12) i"
TRIGGERS = {
    "none": "",
    "before": "CREATE TRIGGER late BEFORE INSERT OR UPDATE ON p FOR EACH ROW EXECUTE FUNCTION heavier()",
    "suppress": "CREATE TRIGGER stay BEFORE DELETE ON p FOR EACH ROW WHEN (OLD.id = 3) EXECUTE FUNCTION nothing()",
    "after": "CREATE TRIGGER more AFTER UPDATE OR DELETE ON p FOR EACH ROW WHEN (pg_trigger_depth() = 0) "
    "EXECUTE FUNCTION again()",
    "statement": "CREATE TRIGGER more AFTER UPDATE ON p FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) "
    "EXECUTE FUNCTION again()",
}
_AGAIN = "MERGE INTO p USING (VALUES (11), (40)) s(id) ON p.id = s.id WHEN MATCHED THEN UPDATE SET zone = 1 + zone % 4"
FUNCTIONS = f"""
CREATE FUNCTION heavier() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.kg := NEW.kg + 1; RETURN NEW; END';
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN {_AGAIN} WHEN NOT MATCHED THEN INSERT VALUES (s.id, 1, 1); DELETE FROM p WHERE id = 40; RETURN NULL; END';
CREATE FUNCTION moved() RETURNS integer LANGUAGE plpgsql AS 'BEGIN {_AGAIN}; RETURN 1; END';
CREATE FUNCTION merge_later() RETURNS void LANGUAGE plpgsql AS
    'BEGIN UPDATE p SET zone = 1 + zone % 4 WHERE id < 4; END';
CREATE FUNCTION by_sql() RETURNS void LANGUAGE sql AS '{_AGAIN}';
"""


KEYS = ("zone = 1 + zone % 4", "zone = 2", "zone = zone", "id = p.id + 3", "id = p.id + 7, zone = 2", "kg = 0")


@dataclass(frozen=True, slots=True)
class Moves:
    """The triggers that stand on the table, and transactions, each a list of statements."""

    trigger: str
    transactions: tuple[tuple[str, ...], ...]


def _merge(pick: Pick) -> str:
    ids = ", ".join(f"({pick.number(1, 16)})" for _ in range(pick.number(1, 5)))
    key = pick.one(KEYS)
    source = f"(SELECT DISTINCT id FROM (VALUES {ids}) v(id)) s"
    parts = [f"MERGE INTO {pick.one(('p', 'p', 'p2 AS p'))} USING {source} ON p.id = s.id"]
    if pick.chance(40):
        parts.append(f"WHEN MATCHED AND p.id % 3 = {pick.number(0, 2)} THEN DELETE")
    if pick.chance(20):
        parts.append("WHEN MATCHED AND p.kg > 8 THEN UPDATE SET kg = p.kg - 1")
    parts.append(f"WHEN MATCHED THEN UPDATE SET {key}")
    if pick.chance(50) and "INTO p2" not in parts[0]:
        parts.append(f"WHEN NOT MATCHED THEN INSERT VALUES (s.id, {pick.number(1, 4)}, 5)")
    return " ".join(parts)


def _statement(pick: Pick) -> str:
    merge = _merge(pick)
    return pick.one(
        (
            merge,
            merge,
            merge,
            f"/* a note; */ {merge}; -- and nothing else",
            f"DO $do$ BEGIN FOR i IN 1..2 LOOP {merge}; END LOOP; END $do$",
            f"DO $do$ BEGIN {merge}; RAISE 'back'; EXCEPTION WHEN OTHERS THEN {_merge(pick)}; END $do$",
            f"PREPARE m AS {merge}; EXECUTE m; DEALLOCATE m",
            f"WITH gone AS (DELETE FROM p WHERE id = {pick.number(1, 12)} RETURNING id) {merge}",
            f"WITH came AS (INSERT INTO p VALUES (20, 2, 2) RETURNING id) {merge}",
            f"UPDATE p SET zone = 1 + zone % 4 WHERE id % 3 = {pick.number(0, 2)}",
            f"DELETE FROM p WHERE id = {pick.number(1, 16)}",
            f"INSERT INTO p VALUES ({pick.number(1, 16)}, {pick.number(1, 4)}, 1), (3, 2, 2)",
            "INSERT INTO p SELECT 13, moved(), 1",
            "SELECT moved()",
            "SELECT merge_later()",
            "SELECT by_sql()",
        )
    )


@st.composite
def moves(draw: st.DrawFn) -> Moves:
    """Draw a history."""
    pick = Pick(draw)
    transactions = []
    for _ in range(pick.number(1, 3)):
        statements = [_statement(pick) for _ in range(pick.number(1, 4))]
        if len(statements) > 2 and pick.chance(40):
            statements = ["SAVEPOINT s", statements[0], "ROLLBACK TO s", *statements[1:]]
        transactions.append(tuple(statements))
    return Moves(pick.one(sorted(TRIGGERS, key=lambda t: t != "none")), tuple(transactions))
