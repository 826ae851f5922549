DO $$
DECLARE
    item record;
    fresh constant text := 'COALESCE\((dyntables\.)?looked_at\(t\.id, t\.data_timestamp, t\.system_identifier\), t\.data_timestamp\)';
    history text := pg_get_viewdef('dyntables.refresh_history'::regclass);
BEGIN
    EXECUTE 'CREATE OR REPLACE VIEW dyntables.dynamic_tables AS '
        || regexp_replace(pg_get_viewdef('dyntables.dynamic_tables'::regclass), fresh, 't.data_timestamp', 'g');
    EXECUTE regexp_replace(pg_get_functiondef('dyntables.why_late'::regproc), fresh, 't.data_timestamp', 'gi');
    DROP VIEW dyntables.refresh_history;
    EXECUTE 'CREATE VIEW dyntables.refresh_history AS '
        || regexp_replace(history, ',\s+r\.count AS refresh_count.*?longest_lag_sec', '');
    FOR item IN SELECT c.oid::regclass AS name FROM pg_class c
        WHERE c.relnamespace = 'dyntables_data'::regnamespace AND c.relkind = 'S' AND c.relname ~ '^looks_[0-9]+$'
    LOOP
        EXECUTE format('DROP SEQUENCE %s', item.name);
    END LOOP;
END $$;
GRANT SELECT ON dyntables.refresh_history TO PUBLIC;
CREATE OR REPLACE FUNCTION dyntables.lag_over(period interval) RETURNS TABLE (
    dynamic_table_id bigint, refreshes bigint, lag_sec double precision, mean_lag_sec double precision,
    p95_lag_sec double precision, maximum_lag_sec double precision, time_above_target_lag_sec double precision,
    time_within_target_lag_ratio double precision)
LANGUAGE sql STABLE AS $$
    WITH done AS (
        SELECT r.dynamic_table_id, r.ended_at, r.data_timestamp, r.target_lag_seconds FROM dyntables.refresh r
        WHERE r.ended_at > clock_timestamp() - period AND r.state = 'SUCCEEDED' AND r.data_timestamp IS NOT NULL
    ), ends AS (
        SELECT d.dynamic_table_id, d.ended_at, d.data_timestamp,
               lead(d.ended_at) OVER w AS next_end, lead(d.target_lag_seconds) OVER w AS next_target
        FROM done d WINDOW w AS (PARTITION BY d.dynamic_table_id ORDER BY d.ended_at)
    ), teeth AS (
        SELECT e.dynamic_table_id, e.next_end IS NOT NULL AS closed, t.scheduling_state = 'RUNNING' AS running,
               extract(epoch FROM e.ended_at - e.data_timestamp)::double precision AS low,
               extract(epoch FROM coalesce(e.next_end, clock_timestamp()) - e.data_timestamp)::double precision AS high,
               coalesce(CASE WHEN e.next_end IS NULL THEN t.target_lag_seconds ELSE e.next_target END)::double precision
                   AS target
        FROM ends e JOIN dyntables.dynamic_table t ON t.id = e.dynamic_table_id
    ), counted AS (
        -- Nobody promised a suspended table anything.
        SELECT k.*, high - low AS width, CASE WHEN target IS NULL THEN 0
               ELSE greatest(0, high - greatest(low, target)) END AS above
        FROM teeth k WHERE closed OR running
    )
    SELECT t.id, count(c.high), extract(epoch FROM clock_timestamp() - t.data_timestamp)::double precision,
           sum(c.width * (c.low + c.high) / 2) / nullif(sum(c.width), 0),
           percentile_cont(0.95) WITHIN GROUP (ORDER BY c.high), max(c.high),
           sum(c.above), CASE WHEN t.target_lag_seconds IS NOT NULL THEN 1 - sum(c.above) / nullif(sum(c.width), 0) END
    FROM dyntables.dynamic_table t LEFT JOIN counted c ON c.dynamic_table_id = t.id
    GROUP BY t.id, t.data_timestamp, t.target_lag_seconds
$$;
DROP TRIGGER tell_more_of_them ON dyntables.refresh;
DROP TRIGGER keep_looks ON dyntables.dynamic_table;
DROP FUNCTION dyntables.keep_looks(), dyntables.looked_at(bigint, timestamptz, text);
DROP INDEX dyntables.refresh_by_time;
CREATE INDEX refresh_by_time ON dyntables.refresh USING brin (ended_at) WITH (pages_per_range = 16, autosummarize = on);
ALTER TABLE dyntables.refresh DROP COLUMN count, DROP COLUMN first_ended_at, DROP COLUMN longest_lag_seconds;
