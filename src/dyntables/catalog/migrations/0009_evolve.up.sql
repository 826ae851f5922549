-- Dropped tables that can be brought back, comments of columns.
CREATE TABLE dyntables.dropped_table (
    id bigint PRIMARY KEY,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    owner_name text NOT NULL,
    created_at timestamptz NOT NULL,
    dropped_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    kept_until timestamptz NOT NULL
);
COMMENT ON TABLE dyntables.dropped_table IS 'Dynamic tables that were dropped and are kept for UNDROP; nothing else knows of them.';
COMMENT ON COLUMN dyntables.dropped_table.id IS 'The id of the dynamic table; its storage and its view, dyntables_data.dropped_<id>, keep it.';
COMMENT ON COLUMN dyntables.dropped_table.kept_until IS 'From then on it cannot be brought back, and housekeeping removes it.';

CREATE TABLE dyntables.dropped_part (
    dropped_id bigint NOT NULL REFERENCES dyntables.dropped_table ON DELETE CASCADE,
    relation text NOT NULL,
    contents jsonb NOT NULL
);
CREATE INDEX dropped_part_by_table ON dyntables.dropped_part (dropped_id);
COMMENT ON TABLE dyntables.dropped_part IS 'The rows that a dropped table had in the catalog: definition, versions, columns, privileges, history.';

-- As for tables that exist: anybody may see that there was one, the definition is for its owner.
CREATE VIEW dyntables.dropped_tables AS
SELECT d.created_at AS created_on, d.table_name AS name, current_database()::text AS database_name, d.schema_name,
       d.owner_name AS owner, d.dropped_at AS dropped_on, d.kept_until,
       CASE WHEN seen THEN p.contents ->> 'comment' END AS comment, CASE WHEN seen THEN p.contents ->> 'query' END AS text,
       (p.contents ->> 'data_timestamp')::timestamptz AS data_timestamp, p.contents ->> 'effective_mode' AS refresh_mode,
       CASE WHEN p.contents ->> 'target_lag_seconds' IS NULL THEN 'DOWNSTREAM'
            ELSE (p.contents ->> 'target_lag_seconds') || ' seconds' END AS target_lag
FROM dyntables.dropped_table d
JOIN dyntables.dropped_part p ON p.dropped_id = d.id AND p.relation = 'dynamic_table'
CROSS JOIN LATERAL (SELECT dyntables.is_member(current_user, d.owner_name::name) OR dyntables.is_member(current_user,
    (SELECT r.rolname FROM pg_roles r JOIN pg_namespace n ON n.nspowner = r.oid WHERE n.nspname = 'dyntables')) AS seen) s;
COMMENT ON VIEW dyntables.dropped_tables IS 'Dropped dynamic tables that UNDROP can bring back.';
GRANT SELECT ON dyntables.dropped_tables TO PUBLIC;

ALTER TABLE dyntables.dynamic_table_column ADD COLUMN comment text;
COMMENT ON COLUMN dyntables.dynamic_table_column.comment IS 'What ALTER … COLUMN … COMMENT says of it.';

-- History that UNDROP brings back is no news.
CREATE OR REPLACE FUNCTION dyntables.tell_refreshes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('dyntables', 'refresh ' || min(id) || ' ' || max(id)) FROM fresh
        WHERE ended_at IS NULL OR ended_at > now() - interval '1 hour' HAVING count(*) > 0;
    RETURN NULL;
END $$;
