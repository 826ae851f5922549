"""The database of the chaos suite: sources, dynamic tables of every kind, changes, and what must hold after a fault."""

from __future__ import annotations

import random
import time

import psycopg

from dyntables.catalog import store
from dyntables.catalog.model import RefreshReason, RefreshState, Trigger
from dyntables.commands.execute import execute
from dyntables.engines.at_work import engine_on
from dyntables.refresh.checks import CHECKS
from dyntables.refresh.choice.idle import sweep
from dyntables.refresh.logs.trim import remove_remains
from dyntables.refresh.result import RefreshResult
from dyntables.refresh.runner import Refresher
from dyntables.scheduling.leader import Fence, connect_leader, connect_worker, try_to_lead
from dyntables.wiring import open_session

SOURCES = """
CREATE TABLE fact (id bigint PRIMARY KEY, g integer, v numeric(10,2), t text);
CREATE TABLE dim (g integer PRIMARY KEY, name text NOT NULL);
INSERT INTO dim SELECT i, 'group ' || i FROM generate_series(0, 19) i;
INSERT INTO fact SELECT i, i % 20, i, 'x' FROM generate_series(1, 2000) i
"""
TABLES = {
    "per_group": "TARGET_LAG = DOWNSTREAM REFRESH_MODE = INCREMENTAL "
    "AS SELECT g, count(*) AS n, sum(v) AS s, max(v) AS m FROM fact GROUP BY g",
    "named": "TARGET_LAG = DOWNSTREAM REFRESH_MODE = INCREMENTAL "
    "AS SELECT f.id, f.v, d.name FROM fact f LEFT JOIN dim d ON d.g = f.g",
    "whole": "TARGET_LAG = DOWNSTREAM REFRESH_MODE = FULL AS SELECT t, count(*) AS n, sum(v) AS s FROM fact GROUP BY t",
    "ranked": "TARGET_LAG = '1 second' REFRESH_MODE = INCREMENTAL "
    "AS SELECT g, s, rank() OVER (ORDER BY s DESC, g) AS r FROM per_group",
    "summary": "TARGET_LAG = '1 second' REFRESH_MODE = INCREMENTAL "
    "AS SELECT name, count(*) AS n, sum(v) AS s FROM named GROUP BY name",
    "above_full": "TARGET_LAG = '1 second' REFRESH_MODE = INCREMENTAL AS SELECT sum(n) AS n, sum(s) AS s FROM whole",
}


# Rules that are kept with each refresh, of which one keeps rows back and one blocks if a fault leaves half a state.
RULES = (
    "odd ON named CHECK expression(v % 2 <> 1) ON VIOLATION QUARANTINE",
    "known ON named CHECK not_null(name)",
    "many ON named CHECK row_count(1, 1000000) ON VIOLATION BLOCK",
    "positive ON per_group CHECK expression(n > 0) ON VIOLATION BLOCK",
    "few ON whole CHECK range(n, 0, 700)",
)


def build(url: str) -> None:
    """Create the sources, the dynamic tables, and rules on these."""
    session = open_session(url)
    with session.connection:
        execute(session, SOURCES)
        for name, definition in TABLES.items():
            execute(session, f"CREATE DYNAMIC TABLE {name} {definition}")
        for rule in RULES:
            execute(session, f"CREATE QUALITY RULE {rule}")
        execute(session, "ALTER DYNAMIC TABLE summary REFRESH")


def change(connection: psycopg.Connection, choose: random.Random, *, truncate: bool = False) -> None:
    """Commit a few transactions of inserts, updates, deletes and no-op updates; rarely a TRUNCATE with a reload."""
    base = choose.randrange(1 << 40)
    # A large batch fills a generation of the log, so that it is rotated and dropped.
    rows = choose.randint(1, 60) if choose.random() < 0.8 else 4000
    connection.execute(
        "INSERT INTO fact SELECT %s + i, (i * 7) %% 23, i, 'n' || i %% 3 FROM generate_series(1, %s) i", (base, rows)
    )
    connection.execute("UPDATE fact SET v = v + 1, g = (g + %s) %% 20 WHERE id %% 97 = %s", (rows, rows % 97))
    connection.execute("UPDATE fact SET t = t WHERE id %% 89 = %s", (rows % 89,))
    connection.execute(
        "DELETE FROM fact WHERE id IN (SELECT id FROM fact ORDER BY id DESC OFFSET 2000 LIMIT %s)", (rows,)
    )
    connection.execute("UPDATE dim SET name = name || '.' WHERE g = %s AND length(name) < 30", (rows % 20,))
    if truncate:
        with connection.transaction():
            connection.execute("CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM dim")
            connection.execute("TRUNCATE dim")
            connection.execute("INSERT INTO dim SELECT g, 'again ' || g FROM kept")


def one_round(url: str, patience: float = 30.0) -> list[RefreshResult]:
    """Do what the scheduler does when it has become the leader and everything is due."""
    deadline = time.monotonic() + patience
    with connect_leader(url) as connection:
        epoch = try_to_lead(connection)
        while epoch is None and time.monotonic() < deadline:
            time.sleep(0.05)
            epoch = try_to_lead(connection)
        assert epoch is not None, "the lock of the leader was not to be had"
        fence = Fence(epoch)
        remove_remains(connection)
        tables = store.load_all(connection)
        swept = sweep(connection, tables, tables, fence)
        with connect_worker(url, Fence(epoch)) as worker:
            rest = [i for i in tables if i not in swept.done]
            return (
                Refresher(worker, engine_on(worker), fence, checks=CHECKS).refresh(rest, Trigger.SCHEDULED)
                if rest
                else []
            )


def violations(url: str, results: list[RefreshResult], allowed: frozenset[RefreshReason]) -> list[str]:
    """Return what does not hold after a recovery; ``allowed`` are the reasons for which a table may be rebuilt."""
    found = [f"{r.name}: {r.state}: {r.error}" for r in results if r.state is not RefreshState.SUCCEEDED]
    usual = {RefreshReason.CHANGES, RefreshReason.NO_CHANGES, RefreshReason.FULL_MODE} | allowed
    found += [f"{r.name} was rebuilt: {r.reason}" for r in results if r.reason not in usual]
    session = open_session(url, migrated=False)
    with session.connection as connection:
        for name in TABLES:
            name_, equal, missing, extra, *_ = execute(session, f"ALTER DYNAMIC TABLE {name} VERIFY").rows[0]
            if not equal:
                found.append(f"{name_} differs: {missing} rows missing, {extra} too many")
        found += [f"quality: {what}" for (what,) in connection.execute(_QUALITY).fetchall()]
        found += [f"orphan: {name}" for (name,) in connection.execute(_ORPHANS).fetchall()]
        found += [f"lock without an owner at work: {line}" for line in connection.execute(_LOCKS).fetchall()]
    return found


# What is kept of the rules and of the rows that wait, against a scan in other words.
_QUALITY = """
WITH kept AS (
    SELECT r.rule_name, m.value FROM dyntables.dynamic_table t JOIN dyntables.quality_measure q
    ON q.dynamic_table_id = t.id AND q.change_version = t.change_version, jsonb_each(q.measures) m
    JOIN dyntables.quality_rule r ON r.id = m.key::bigint
), all_named AS (SELECT f.v, d.name FROM fact f LEFT JOIN dim d ON d.g = f.g), scanned (rule_name, checked, failed) AS (
    SELECT 'odd', count(*), count(*) FILTER (WHERE v % 2 = 1) FROM all_named
    UNION ALL SELECT 'known', count(*), count(*) FILTER (WHERE name IS NULL) FROM all_named
    UNION ALL SELECT 'few', count(*), count(*) FILTER (WHERE n > 700) FROM whole
    UNION ALL SELECT 'positive', count(*), 0 FROM per_group
)
SELECT rule_name || ' is ' || kept.value || ', not ' || checked || ', ' || failed
FROM kept JOIN scanned USING (rule_name)
WHERE (kept.value ->> 2)::bigint <> checked OR (kept.value ->> 3)::bigint <> failed
UNION ALL SELECT rule_name || ' is not kept' FROM scanned WHERE rule_name NOT IN (SELECT rule_name FROM kept)
UNION ALL SELECT 'the quarantine has ' || count(*) FROM named__quarantine
    HAVING count(*) <> (SELECT failed FROM scanned WHERE rule_name = 'odd')
UNION ALL SELECT 'the list of it has ' || sum(copies) FROM dyntables.quarantine
    HAVING sum(copies) <> (SELECT failed FROM scanned WHERE rule_name = 'odd')
UNION ALL SELECT 'rows that wait are shown' FROM named WHERE v % 2 = 1
"""
_ORPHANS = """
WITH wanted AS (
    SELECT 'c' || relation AS name FROM dyntables.source
    UNION ALL SELECT 'c' || relation || '_' || generation FROM dyntables.log_generation
    UNION ALL SELECT 'd' || id FROM dyntables.dynamic_table
)
SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'dyntables_log'::regnamespace AND c.relkind = 'r'
    AND c.relname NOT IN (SELECT name FROM wanted) AND NOT EXISTS (SELECT FROM dyntables.dynamic_table t
    WHERE starts_with(c.relname, 'w' || t.id || '_'))
UNION ALL SELECT 'missing ' || 'c' || relation || '_' || generation FROM dyntables.log_generation
    WHERE to_regclass('dyntables_log.c' || relation || '_' || generation) IS NULL
UNION ALL SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'dyntables_data'::regnamespace
    AND c.relkind = 'r' AND NOT EXISTS (SELECT 1 FROM dyntables.dynamic_table t
    WHERE c.relname ~ ('^t' || t.id || '_g' || t.generation || '(_s[0-9]+)?$'))
UNION ALL SELECT p.proname::text FROM pg_proc p WHERE p.pronamespace = 'dyntables_log'::regnamespace
    AND substr(p.proname, 2) NOT IN (SELECT relation::text FROM dyntables.source)
    AND p.proname ~ '^f[0-9]+$'
UNION ALL SELECT 'temporary ' || c.relname FROM pg_class c WHERE c.relpersistence = 't' AND c.relkind = 'r'
    AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datname = current_database() AND a.pid <> pg_backend_pid())
UNION ALL SELECT 'invalid index ' || indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid
"""
_LOCKS = "SELECT pid, application_name, state FROM dyntables.activity WHERE state <> 'active'"
