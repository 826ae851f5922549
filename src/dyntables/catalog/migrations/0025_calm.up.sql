-- What finds nothing to do leaves nothing behind: how fresh a table is is known without a transaction, and refreshes that
-- find nothing again and again, or are skipped again and again, are one row of the history.
ALTER TABLE dyntables.refresh
    ADD COLUMN count integer NOT NULL DEFAULT 1,
    ADD COLUMN first_ended_at timestamptz,
    ADD COLUMN longest_lag_seconds double precision;
COMMENT ON COLUMN dyntables.refresh.count IS 'How many refreshes in a row found nothing, or were skipped; the other columns are those of the last of them.';
COMMENT ON COLUMN dyntables.refresh.first_ended_at IS 'When the first of several in a row ended; NULL for one.';
COMMENT ON COLUMN dyntables.refresh.longest_lag_seconds IS 'The longest lag at the end of one of several in a row; NULL for one.';

-- A summary of blocks tells less and less of times when rows are deleted and others take their places.
DROP INDEX dyntables.refresh_by_time;
CREATE INDEX refresh_by_time ON dyntables.refresh (ended_at);

-- A sequence that is not logged is the one thing that a transaction can write, and others see, without an id and without
-- WAL. That of a table holds when a look last found that it needs no refresh, in microseconds since 1970. Whoever sets it
-- holds the table's lock and has compared frontier and logs in the same transaction; a crash forgets it.
CREATE FUNCTION dyntables.keep_looks() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        EXECUTE format('CREATE UNLOGGED SEQUENCE IF NOT EXISTS dyntables_data.looks_%s', NEW.id);
    ELSE
        EXECUTE format('DROP SEQUENCE IF EXISTS dyntables_data.looks_%s', OLD.id);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION dyntables.keep_looks() IS 'Makes the sequence in which looks at a table are noted, and drops it with the table.';
CREATE TRIGGER keep_looks AFTER INSERT OR DELETE ON dyntables.dynamic_table
    FOR EACH ROW EXECUTE FUNCTION dyntables.keep_looks();
DO $$
BEGIN
    EXECUTE coalesce((SELECT string_agg(format('CREATE UNLOGGED SEQUENCE IF NOT EXISTS dyntables_data.looks_%s', id), '; ')
                      FROM dyntables.dynamic_table), 'SELECT');
END $$;

CREATE FUNCTION dyntables.looked_at(table_id bigint, data_timestamp timestamptz, system text) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT l.at FROM (
        SELECT 'epoch'::timestamptz + interval '1 microsecond' * CASE WHEN NOT pg_is_in_recovery()
            THEN pg_sequence_last_value(to_regclass('dyntables_data.looks_' || table_id)) END AS at) l
    WHERE l.at > data_timestamp AND l.at <= clock_timestamp() AND system = (
        SELECT (SELECT system_identifier FROM pg_control_system()) || '/' || d.oid FROM pg_database d
        WHERE d.datname = current_database())
$$;
COMMENT ON FUNCTION dyntables.looked_at IS 'When a look last found that a table still had the contents of its definition, if that was after its data timestamp.';

CREATE TRIGGER tell_more_of_them AFTER UPDATE ON dyntables.refresh REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION dyntables.tell_refreshes();

-- A tooth reaches from the end of one refresh to the end of the next, the last one to the present. Of several in a row
-- that are one row the teeth are taken to be alike, and so are those of looks that the history does not have yet.
CREATE OR REPLACE FUNCTION dyntables.lag_over(period interval) RETURNS TABLE (
    dynamic_table_id bigint, refreshes bigint, lag_sec double precision, mean_lag_sec double precision,
    p95_lag_sec double precision, maximum_lag_sec double precision, time_above_target_lag_sec double precision,
    time_within_target_lag_ratio double precision
)
LANGUAGE sql STABLE AS $$
    WITH tables AS (
        SELECT t.id, t.data_timestamp, t.target_lag_seconds, t.scheduling_state = 'RUNNING' AS running,
               dyntables.looked_at(t.id, t.data_timestamp, t.system_identifier) AS looked_at
        FROM dyntables.dynamic_table t
    ), done AS (
        SELECT r.dynamic_table_id, coalesce(r.first_ended_at, r.ended_at) AS first_at, r.ended_at, r.data_timestamp,
               r.target_lag_seconds, r.count, coalesce(r.longest_lag_seconds,
               extract(epoch FROM r.ended_at - r.previous_data_timestamp)::double precision) AS peak
        FROM dyntables.refresh r
        WHERE r.ended_at > clock_timestamp() - period AND r.state = 'SUCCEEDED' AND r.data_timestamp IS NOT NULL
    ), ends AS (
        SELECT d.*, lead(d.first_at) OVER w AS next_end, lead(d.target_lag_seconds) OVER w AS next_target
        FROM done d WINDOW w AS (PARTITION BY d.dynamic_table_id ORDER BY d.ended_at)
    ), teeth AS (
        SELECT e.dynamic_table_id, true AS kept, extract(epoch FROM e.ended_at - e.data_timestamp)::double precision AS low,
               extract(epoch FROM e.next_end - e.data_timestamp)::double precision AS high,
               extract(epoch FROM e.next_end - e.ended_at)::double precision AS width,
               e.next_target::double precision AS target, 1 AS number
        FROM ends e WHERE e.next_end >= e.ended_at
        UNION ALL
        SELECT e.dynamic_table_id, true, 0, e.peak, extract(epoch FROM e.ended_at - s.since)::double precision,
               e.target_lag_seconds, e.count - 1
        FROM ends e CROSS JOIN LATERAL (SELECT greatest(e.first_at, clock_timestamp() - period) AS since) s
        WHERE e.count > 1 AND e.ended_at > s.since
        UNION ALL
        SELECT e.dynamic_table_id, true, 0, e.peak, u.seconds, e.target_lag_seconds,
               greatest(1, least(100000, u.seconds / nullif(e.peak, 0)))::integer
        FROM ends e JOIN tables t ON t.id = e.dynamic_table_id
        CROSS JOIN LATERAL (SELECT extract(epoch FROM t.looked_at - e.ended_at)::double precision AS seconds) u
        WHERE e.next_end IS NULL AND t.looked_at > e.ended_at
        UNION ALL
        -- Nobody promised a suspended table anything.
        SELECT e.dynamic_table_id, t.running, CASE WHEN t.looked_at > e.ended_at THEN 0
               ELSE extract(epoch FROM e.ended_at - e.data_timestamp) END::double precision,
               extract(epoch FROM clock_timestamp() - greatest(t.looked_at, e.data_timestamp))::double precision,
               extract(epoch FROM clock_timestamp() - greatest(t.looked_at, e.ended_at))::double precision,
               t.target_lag_seconds, 1
        FROM ends e JOIN tables t ON t.id = e.dynamic_table_id WHERE e.next_end IS NULL
    ), counted AS (
        SELECT k.dynamic_table_id, k.low, k.high, k.width / k.number AS width,
               CASE WHEN k.target IS NULL THEN 0 ELSE greatest(0, k.high - greatest(k.low, k.target)) END AS above
        FROM teeth k CROSS JOIN LATERAL generate_series(1, k.number) WHERE k.kept
    )
    SELECT t.id, count(c.high), extract(epoch FROM clock_timestamp() - coalesce(t.looked_at, t.data_timestamp))::double precision,
           sum(c.width * (c.low + c.high) / 2) / nullif(sum(c.width), 0),
           percentile_cont(0.95) WITHIN GROUP (ORDER BY c.high), max(c.high),
           sum(c.above), CASE WHEN t.target_lag_seconds IS NOT NULL THEN 1 - sum(c.above) / nullif(sum(c.width), 0) END
    FROM tables t LEFT JOIN counted c ON c.dynamic_table_id = t.id
    GROUP BY t.id, t.data_timestamp, t.looked_at, t.target_lag_seconds
$$;

-- What shows how fresh a table is shows the looks, too.
DO $$
DECLARE
    fresh constant text := 'coalesce(dyntables.looked_at(t.id, t.data_timestamp, t.system_identifier), t.data_timestamp)';
    shown text := pg_get_viewdef('dyntables.dynamic_tables'::regclass);
BEGIN
    shown := replace(shown, ' t.data_timestamp,', ' ' || fresh || ' AS data_timestamp,');
    shown := replace(shown, '- t.data_timestamp)', '- ' || fresh || ')');
    EXECUTE 'CREATE OR REPLACE VIEW dyntables.dynamic_tables AS ' || shown;
    EXECUTE replace(pg_get_functiondef('dyntables.why_late'::regproc), '- t.data_timestamp)', '- ' || fresh || ')');
    EXECUTE 'CREATE OR REPLACE VIEW dyntables.refresh_history AS ' || regexp_replace(
        pg_get_viewdef('dyntables.refresh_history'::regclass), '\n\s+FROM ', ', r.count AS refresh_count,
        r.first_ended_at AS first_refresh_end_time, r.longest_lag_seconds AS longest_lag_sec FROM ');
END $$;
