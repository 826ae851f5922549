DROP VIEW dyntables.refresh_progress;
DROP VIEW dyntables.refresh_history;
CREATE VIEW dyntables.refresh_history AS
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
       r.statements, r.error, r.previous_data_timestamp, r.id AS refresh_id
FROM dyntables.refresh r JOIN dyntables.dynamic_table t ON t.id = r.dynamic_table_id;
ALTER TABLE dyntables.refresh
    DROP COLUMN estimated_incremental_ms,
    DROP COLUMN estimated_full_ms,
    DROP COLUMN choice,
    DROP COLUMN full_form;
ALTER TABLE dyntables.dynamic_table DROP COLUMN costs;
