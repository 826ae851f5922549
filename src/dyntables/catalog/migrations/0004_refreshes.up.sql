-- What each refresh was expected to cost, what it chose and how; progress that other sessions can read.
ALTER TABLE dyntables.dynamic_table ADD COLUMN costs jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN dyntables.dynamic_table.costs IS 'What past refreshes took, by action, sources and size: the choice between incremental and full is made on it.';

ALTER TABLE dyntables.refresh
    ADD COLUMN estimated_incremental_ms double precision,
    ADD COLUMN estimated_full_ms double precision,
    ADD COLUMN choice text,
    ADD COLUMN full_form text;
COMMENT ON COLUMN dyntables.refresh.choice IS 'Why the cheaper of incremental and full was taken to be that; NULL if there was nothing to choose.';
COMMENT ON COLUMN dyntables.refresh.full_form IS 'How a full refresh replaced the contents: SWAP (a new storage table) or DIFF (only the rows that differ).';

CREATE OR REPLACE VIEW dyntables.refresh_history AS
SELECT t.table_name AS name, t.schema_name, current_database()::text AS database_name,
       format('%I.%I', t.schema_name, t.table_name) AS qualified_name, r.state,
       r.error ->> 'code' AS state_code, r.error ->> 'message' AS state_message, r.run AS query_id, r.data_timestamp,
       r.started_at AS refresh_start_time, r.ended_at AS refresh_end_time,
       r.previous_data_timestamp + r.target_lag_seconds * interval '1 second' AS completion_target,
       jsonb_build_object('numInsertedRows', r.rows_inserted, 'numDeletedRows', r.rows_deleted,
                          'executionTimeMs', r.duration_ms) AS statistics,
       r.rows_inserted, r.rows_deleted, r.duration_ms, r.action AS refresh_action, r.reason AS refresh_reason,
       CASE WHEN r.action = 'REINITIALIZE' THEN r.reason END AS reinit_reason, r.trigger AS refresh_trigger,
       r.target_lag_seconds AS target_lag_sec, r.source_changes AS inputs_with_changed_data,
       r.statements, r.error, r.previous_data_timestamp, r.id AS refresh_id,
       r.estimated_incremental_ms, r.estimated_full_ms, r.choice, r.full_form, r.error ->> 'statement' AS failed_statement
FROM dyntables.refresh r JOIN dyntables.dynamic_table t ON t.id = r.dynamic_table_id;

-- A refresh says in its application_name what it does: other sessions see it at once, and it vanishes with the backend.
CREATE VIEW dyntables.refresh_progress AS
SELECT t.table_name AS name, t.schema_name, format('%I.%I', t.schema_name, t.table_name) AS qualified_name, a.pid,
       CASE m[2] WHEN 'I' THEN 'INCREMENTAL' WHEN 'F' THEN 'FULL' WHEN 'R' THEN 'REINITIALIZE' END AS refresh_action,
       coalesce(i.phase, n.phase, m[5]) AS phase, m[3]::integer AS statement,
       m[4]::integer AS statements, m[6]::bigint AS rows_done,
       CASE WHEN i.pid IS NOT NULL THEN 100.0 * i.tuples_done / nullif(i.tuples_total, 0)
            WHEN n.pid IS NOT NULL THEN 100.0 * n.sample_blks_scanned / nullif(n.sample_blks_total, 0)
       END AS statement_percent,
       s.started_at, s.elapsed_ms,
       CASE WHEN s.expected_ms > 0 THEN least(99, 100 * s.elapsed_ms / s.expected_ms) END AS percent,
       CASE WHEN s.expected_ms > 0 THEN s.started_at + s.expected_ms * interval '1 ms' END AS estimated_end,
       a.wait_event_type, a.wait_event, pg_blocking_pids(a.pid) AS blocked_by
FROM pg_stat_activity a
CROSS JOIN LATERAL regexp_match(a.application_name,
    '^dyntables ([0-9]+) ([A-Z]) ([0-9]+)/([0-9]+) ([a-z]+) r([0-9]+) e([0-9]+) s([0-9]+)$') m
JOIN dyntables.dynamic_table t ON t.id = m[1]::bigint
CROSS JOIN LATERAL (
    SELECT a.xact_start + m[8]::bigint * interval '1 ms' AS started_at, m[7]::double precision AS expected_ms,
           1000 * extract(epoch FROM clock_timestamp() - a.xact_start)::double precision - m[8]::bigint AS elapsed_ms
) s
LEFT JOIN pg_stat_progress_create_index i ON i.pid = a.pid
LEFT JOIN pg_stat_progress_analyze n ON n.pid = a.pid
WHERE a.datname = current_database();
COMMENT ON VIEW dyntables.refresh_progress IS 'Refreshes that run now: phase, statement, rows, percent by what it took before, estimated end, and who blocks them.';
