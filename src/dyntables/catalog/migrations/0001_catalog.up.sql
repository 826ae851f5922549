-- The catalog of dynamic tables. Storage lives in dyntables_data, change logs in dyntables_log.
CREATE SCHEMA IF NOT EXISTS dyntables_data;
CREATE SCHEMA IF NOT EXISTS dyntables_log;

CREATE TABLE dyntables.dynamic_table (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    view_oid oid,
    owner_name text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    generation integer NOT NULL DEFAULT 0,
    query text NOT NULL,
    canonical text NOT NULL,
    search_path text NOT NULL,
    time_zone text NOT NULL,
    target_lag_seconds bigint,
    refresh_mode text NOT NULL,
    effective_mode text NOT NULL,
    mode_reasons jsonb NOT NULL DEFAULT '[]',
    initialize text NOT NULL,
    scheduled boolean NOT NULL DEFAULT true,
    options jsonb NOT NULL DEFAULT '{}',
    comment text,
    scheduling_state text NOT NULL DEFAULT 'RUNNING' CHECK (scheduling_state IN ('RUNNING', 'SUSPENDED')),
    suspend_reason text,
    suspended_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    fingerprint jsonb NOT NULL DEFAULT '{}',
    layout text,
    frontier pg_snapshot,
    consumed jsonb NOT NULL DEFAULT '{}',
    change_version bigint NOT NULL DEFAULT 0,
    data_timestamp timestamptz,
    reinitialize_reason text,
    system_identifier text,
    consecutive_failures integer NOT NULL DEFAULT 0,
    retry_at timestamptz,
    expected_seconds double precision NOT NULL DEFAULT 0,
    UNIQUE (schema_name, table_name)
);
COMMENT ON TABLE dyntables.dynamic_table IS 'One row for each dynamic table: definition in force, options, state and frontier.';
COMMENT ON COLUMN dyntables.dynamic_table.generation IS 'Number of the storage tables in use; a rebuild makes the next generation and swaps.';
COMMENT ON COLUMN dyntables.dynamic_table.target_lag_seconds IS 'Promised staleness in seconds; NULL is DOWNSTREAM.';
COMMENT ON COLUMN dyntables.dynamic_table.frontier IS 'Snapshot up to which the sources are consumed; written with the contents.';
COMMENT ON COLUMN dyntables.dynamic_table.consumed IS 'For each dynamic table read (by id): the change version consumed.';
COMMENT ON COLUMN dyntables.dynamic_table.change_version IS 'Counts the refreshes that changed the contents; numbers this table''s own change log.';

CREATE TABLE dyntables.definition_version (
    dynamic_table_id bigint NOT NULL REFERENCES dyntables.dynamic_table ON DELETE CASCADE,
    version integer NOT NULL,
    query text NOT NULL,
    options jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL DEFAULT session_user,
    PRIMARY KEY (dynamic_table_id, version)
);
COMMENT ON TABLE dyntables.definition_version IS 'Every definition that a dynamic table has had.';

CREATE TABLE dyntables.dynamic_table_column (
    dynamic_table_id bigint NOT NULL REFERENCES dyntables.dynamic_table ON DELETE CASCADE,
    position integer NOT NULL,
    column_name text NOT NULL,
    data_type text NOT NULL,
    PRIMARY KEY (dynamic_table_id, position)
);
COMMENT ON TABLE dyntables.dynamic_table_column IS 'The visible columns of each dynamic table.';

CREATE TABLE dyntables.source (
    relation oid PRIMARY KEY,
    schema_name text NOT NULL,
    relation_name text NOT NULL,
    captured jsonb NOT NULL DEFAULT '{}',
    generation integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE dyntables.source IS 'Tables whose changes are captured, with the columns in the change log.';

CREATE TABLE dyntables.log_generation (
    relation oid NOT NULL REFERENCES dyntables.source ON DELETE CASCADE,
    generation integer NOT NULL,
    closed_xid xid8,
    PRIMARY KEY (relation, generation)
);
COMMENT ON TABLE dyntables.log_generation IS 'The tables that make up a change log; a closed one is dropped when all have read it.';
COMMENT ON COLUMN dyntables.log_generation.closed_xid IS 'No transaction from this id on writes to the generation.';

CREATE TABLE dyntables.dependency (
    dynamic_table_id bigint NOT NULL REFERENCES dyntables.dynamic_table ON DELETE CASCADE,
    relation oid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('TABLE', 'DYNAMIC_TABLE', 'VIEW', 'OTHER')),
    upstream_id bigint REFERENCES dyntables.dynamic_table,
    columns text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (dynamic_table_id, relation)
);
COMMENT ON TABLE dyntables.dependency IS 'What each dynamic table reads, by OID; columns are those that incremental refresh needs.';

CREATE TABLE dyntables.source_event (
    relation oid NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    kind text NOT NULL,
    happened_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE dyntables.source_event IS 'Events on sources that no delta describes, such as TRUNCATE; readers reinitialize.';

CREATE TABLE dyntables.refresh (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dynamic_table_id bigint NOT NULL REFERENCES dyntables.dynamic_table ON DELETE CASCADE,
    run uuid NOT NULL,
    trigger text NOT NULL,
    state text NOT NULL,
    action text,
    reason text,
    data_timestamp timestamptz,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    duration_ms double precision,
    rows_inserted bigint,
    rows_deleted bigint,
    source_changes jsonb,
    statements jsonb,
    error jsonb,
    target_lag_seconds bigint,
    previous_data_timestamp timestamptz
);
CREATE INDEX refresh_by_table ON dyntables.refresh (dynamic_table_id, id);
COMMENT ON TABLE dyntables.refresh IS 'Refresh history: one row for each attempt and table.';

CREATE TABLE dyntables.audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    happened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    who text NOT NULL DEFAULT session_user,
    action text NOT NULL,
    object text NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE dyntables.audit IS 'Who did what to which dynamic table.';

CREATE FUNCTION dyntables.not_initialized(name text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RAISE EXCEPTION 'dynamic table "%" is not initialized', name
        USING HINT = 'Run ALTER DYNAMIC TABLE … REFRESH, or wait for its first scheduled refresh.', ERRCODE = '55000';
END $$;

CREATE VIEW dyntables.dynamic_tables AS
SELECT t.created_at AS created_on, t.table_name AS name, current_database()::text AS database_name, t.schema_name,
       t.owner_name AS owner,
       CASE WHEN t.target_lag_seconds IS NULL THEN 'DOWNSTREAM' ELSE t.target_lag_seconds || ' seconds' END AS target_lag,
       t.target_lag_seconds AS target_lag_sec,
       CASE WHEN t.target_lag_seconds IS NULL THEN 'DOWNSTREAM' ELSE 'USER_DEFINED' END AS target_lag_type,
       t.effective_mode AS refresh_mode, t.refresh_mode AS requested_refresh_mode,
       (SELECT string_agg(r ->> 'detail', '; ') FROM jsonb_array_elements(t.mode_reasons) r) AS refresh_mode_reason,
       t.comment, t.query AS text, t.scheduling_state, t.suspended_at AS last_suspended_on,
       t.suspend_reason AS suspend_reason_code, t.data_timestamp,
       extract(epoch FROM clock_timestamp() - t.data_timestamp)::double precision AS lag_sec,
       l.state AS last_completed_refresh_state, l.action AS last_refresh_action, l.reason AS last_refresh_reason,
       l.duration_ms AS last_refresh_duration_ms, l.error ->> 'message' AS last_completed_refresh_state_message
FROM dyntables.dynamic_table t
LEFT JOIN LATERAL (SELECT * FROM dyntables.refresh r WHERE r.dynamic_table_id = t.id ORDER BY r.id DESC LIMIT 1) l ON true;

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

CREATE VIEW dyntables.graph AS
SELECT t.table_name AS name, t.schema_name, format('%I.%I', t.schema_name, t.table_name) AS qualified_name,
       coalesce((SELECT jsonb_agg(jsonb_build_object(
                     'name', coalesce(format('%I.%I', u.schema_name, u.table_name), d.relation::regclass::text),
                     'kind', d.kind) ORDER BY d.relation)
                 FROM dyntables.dependency d LEFT JOIN dyntables.dynamic_table u ON u.id = d.upstream_id
                 WHERE d.dynamic_table_id = t.id), '[]') AS inputs,
       CASE WHEN t.target_lag_seconds IS NULL THEN 'DOWNSTREAM' ELSE 'USER_DEFINED' END AS target_lag_type,
       t.target_lag_seconds AS target_lag_sec, t.query AS query_text, t.version, t.scheduling_state
FROM dyntables.dynamic_table t;
