"""``dyntables doctor``: check the server, the catalog, capture and the indexes that refreshes want."""

from __future__ import annotations

import json

import typer
from rich.text import Text

from dyntables import Client, locks
from dyntables.cli.common import Database, DataDir, client, out
from dyntables.errors import DyntablesError

CHECKS = [
    ("server version", "SELECT true, current_setting('server_version')"),
    ("durability (fsync)", "SELECT current_setting('fsync') = 'on', 'fsync = ' || current_setting('fsync')"),
    ("track_commit and statistics", "SELECT true, 'statistics are ' || current_setting('track_counts')"),
    (
        "capture triggers",
        "SELECT count(*) = 0, coalesce('not as installed: ' || string_agg(schema_name || '.' || name, ', ') || "
        "'; run dyntables capture --repair', 'in place') FROM dyntables.sources WHERE capture = 'BROKEN'",
    ),
    (
        "new partitions",
        "SELECT count(*) > 0, CASE WHEN count(*) > 0 THEN 'captured when they are created' ELSE "
        "'their table is computed anew: the event trigger needs a superuser' END "
        "FROM pg_event_trigger WHERE evtname = 'dyntables_create_table' AND evtenabled <> 'D'",
    ),
    (
        "alterations that are undone",
        "SELECT true, CASE WHEN dyntables.alterations_noted() THEN 'noted' ELSE 'noticed, by computing anew after "
        "whatever is done to a used column: the event trigger that would tell needs a superuser' END",
    ),
    (
        "owner of change logs",
        "SELECT a IS NULL, coalesce(a, 'a role without rights') FROM dyntables.log_keeper_advice() a",
    ),
    (
        "readers that hold up change logs",
        "SELECT count(*) = 0, coalesce(string_agg(format('%s.%s keeps %s of at most %s in the log of %s', schema_name, "
        "name, pg_size_pretty(bytes_owed), pg_size_pretty(dyntables.log_limit()), source_name), ', '), 'none') "
        "FROM dyntables.source_readers WHERE bytes_owed > dyntables.log_limit() / 2 AND reinitialize_reason IS NULL",
    ),
    (
        "failing dynamic tables",
        "SELECT count(*) = 0, coalesce(string_agg(schema_name || '.' || table_name, ', '), 'none') "
        "FROM dyntables.dynamic_table WHERE consecutive_failures > 0",
    ),
    (
        "DOWNSTREAM tables without reader",
        "SELECT count(*) = 0, coalesce(string_agg(schema_name || '.' || table_name, ', ') || ' never refresh', 'none') "
        "FROM dyntables.dynamic_table t WHERE target_lag_seconds IS NULL AND scheduled AND NOT options ? 'schedule' "
        "AND NOT EXISTS (SELECT 1 FROM dyntables.dependency d WHERE d.upstream_id = t.id)",
    ),
    (
        "change logs",
        "SELECT true, pg_size_pretty(coalesce(sum(pg_total_relation_size(c.oid)), 0)) FROM pg_class c "
        "WHERE c.relnamespace = 'dyntables_log'::regnamespace AND c.relkind = 'r'",
    ),
    (
        # FOR ALL TABLES has no exceptions, and subscribers stop at a table that they do not have.
        "publications",
        "SELECT count(*) = 0, coalesce(string_agg(format('%I publishes %s as well: name the schemas to publish by FOR "
        "TABLES IN SCHEMA', pubname, schemas), '; '), 'none has our logs and storage') FROM (SELECT p.pubname, "
        "string_agg(DISTINCT n.nspname, ', ') AS schemas FROM pg_publication p, "
        "LATERAL pg_get_publication_tables(p.pubname) t JOIN pg_class c ON c.oid = t.relid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname IN ('dyntables', 'dyntables_data', 'dyntables_log') GROUP BY 1) p",
    ),
    (
        "scheduler",
        "SELECT count(*) > 0, coalesce(min(format('%s leads since %s (epoch %s)', l.process, l.since, l.epoch)), "
        "'none: start dyntables run') FROM dyntables.leader l JOIN pg_locks k ON k.pid = l.backend "
        f"WHERE k.locktype = 'advisory' AND k.objsubid = 1 AND k.granted AND k.classid = {locks.LEADER >> 32}",
    ),
    (
        "suspended dynamic tables",
        "SELECT count(*) = 0, coalesce(string_agg(format('%s.%s (%s)', schema_name, table_name, suspend_reason), "
        "', '), 'none') FROM dyntables.dynamic_table WHERE suspend_reason LIKE '%ERRORS'",
    ),
    (
        "lag",
        "SELECT count(*) = 0, coalesce(string_agg(format('%s.%s is late, see dyntables why: %s', t.schema_name, "
        "t.table_name, (SELECT string_agg(w.finding || ': ' || w.detail, '; ') FROM dyntables.why_late(t.id) w)), "
        "E'\n       '), 'every table is within its target') FROM dyntables.dynamic_table t "
        "WHERE t.scheduling_state = 'RUNNING' AND t.scheduled "
        "AND coalesce(dyntables.looked_at(t.id, t.data_timestamp, t.system_identifier), t.data_timestamp) "
        "< clock_timestamp() - t.target_lag_seconds * interval '1 s'",
    ),
]


def doctor(database: Database = None, data_dir: DataDir = None) -> None:
    """Check the server and the dynamic tables; exit 1 if something needs attention."""
    failed = 0
    with client(database, data_dir) as opened:
        for label, query in CHECKS:
            ((good, detail),) = opened.execute(query).rows
            failed += not good
            out.print(f"[green]ok  [/green] {label}: {detail}" if good else f"[red]look[/red] {label}: {detail}")
        wanted = _missing_indexes(opened)
        out.print("[red]look[/red] indexes:" if wanted else "[green]ok  [/green] indexes: none is missing")
        for statement, tables in wanted.items():
            out.print(Text(f"       {statement};  -- for {', '.join(tables)}"))
        failed += bool(wanted)
    if failed:
        raise typer.Exit(1)


def _missing_indexes(opened: Client) -> dict[str, list[str]]:
    """Return the indexes that refreshes want, with the dynamic tables that do."""
    wanted: dict[str, list[str]] = {}
    tables = opened.execute(
        "SELECT format('%I.%I', schema_name, name) FROM dyntables.dynamic_tables "
        "WHERE refresh_mode = 'INCREMENTAL' ORDER BY 1"
    ).rows
    for (name,) in tables:
        try:
            document = json.loads(opened.execute(f"EXPLAIN (FORMAT JSON) DYNAMIC TABLE {name}").rows[0][0])
        except DyntablesError:
            continue  # its source is gone: the check of failing tables tells
        for lookup in document["missing_indexes"]:
            wanted.setdefault(lookup["statement"], []).append(name)
    return wanted
