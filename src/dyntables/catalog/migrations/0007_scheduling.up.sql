-- Who leads the scheduling of this database, how tables keep their lag, and why one is late.
CREATE TABLE dyntables.leader (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    epoch bigint NOT NULL DEFAULT 0,
    process text,
    backend integer,
    since timestamptz
);
COMMENT ON TABLE dyntables.leader IS 'The one process that schedules refreshes; each of its commits locks and checks the epoch.';
COMMENT ON COLUMN dyntables.leader.epoch IS 'Grows with each new leader and each migration; a refresh of an older epoch cannot commit.';
INSERT INTO dyntables.leader DEFAULT VALUES;

-- Every refresh updates its table's row: with room in its page no index is touched.
ALTER TABLE dyntables.dynamic_table SET (fillfactor = 50);
CREATE INDEX dependency_by_upstream ON dyntables.dependency (upstream_id) WHERE upstream_id IS NOT NULL;
CREATE INDEX refresh_by_time ON dyntables.refresh USING brin (ended_at) WITH (pages_per_range = 16, autosummarize = on);

-- Lag is a sawtooth: at the end of a refresh it falls to the age of the new data timestamp, and then grows with time.
-- A tooth reaches from the end of one refresh to the end of the next, the last one to the present.
CREATE FUNCTION dyntables.lag_over(period interval) RETURNS TABLE (
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
COMMENT ON FUNCTION dyntables.lag_over IS 'Lag of each dynamic table over a period: at present, mean over time, 95th percentile and maximum of the peaks, time above target.';

CREATE VIEW dyntables.lag AS
SELECT t.schema_name, t.table_name AS name, t.target_lag_seconds AS target_lag_sec, l.lag_sec, l.mean_lag_sec,
       l.p95_lag_sec, l.maximum_lag_sec, l.time_above_target_lag_sec, l.time_within_target_lag_ratio, l.refreshes
FROM dyntables.lag_over('1 hour') l JOIN dyntables.dynamic_table t ON t.id = l.dynamic_table_id;
COMMENT ON VIEW dyntables.lag IS 'Lag of each dynamic table over the last hour.';

-- The advisory lock of a table says which backend refreshes it, or waits to; the class is refresh/idle.py's.
CREATE VIEW dyntables.activity AS
SELECT l.objid::bigint AS dynamic_table_id, l.granted, a.pid, a.application_name, a.state, a.wait_event_type,
       a.wait_event, a.xact_start, a.query_start, a.query, pg_blocking_pids(a.pid) AS blocked_by,
       substring(a.query FROM '(?:dyntables_data\.t|dyntables_log\.d|\mdt)(\d+)')::bigint AS working_on,
       CASE WHEN a.query ~ 'pg_advisory_lock' THEN 'waiting for its turn'
            WHEN a.query ~ 'CREATE TABLE dyntables_data' THEN 'computing its contents'
            WHEN a.query ~ 'CREATE( UNIQUE)? INDEX' THEN 'building an index'
            WHEN a.query ~ 'CREATE (OR REPLACE )?VIEW|DROP VIEW' THEN 'swapping its contents'
            WHEN a.query ~ 'CREATE TEMP TABLE dt\d+_c' THEN 'reading changes'
            WHEN a.query ~ 'CREATE TEMP TABLE' THEN 'computing its changes'
            WHEN a.query ~ '(INTO|UPDATE|FROM) dyntables_data' THEN 'applying its changes'
            ELSE 'between its statements' END AS phase
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.classid = 25716 AND l.objsubid = 2
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database());
COMMENT ON VIEW dyntables.activity IS 'Backends that refresh a dynamic table, or wait to, and who blocks them.';

CREATE FUNCTION dyntables.why_late(table_id bigint) RETURNS TABLE (finding text, detail text)
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE chain AS (
        SELECT t.id, 0 AS depth FROM dyntables.dynamic_table t WHERE t.id = table_id
        UNION SELECT d.upstream_id, c.depth + 1 FROM chain c JOIN dyntables.dependency d ON d.dynamic_table_id = c.id
        WHERE d.upstream_id IS NOT NULL
    ), pipeline AS (
        SELECT t.*, format('%I.%I', t.schema_name, t.table_name) AS qualified, min(c.depth) AS depth,
               extract(epoch FROM clock_timestamp() - t.data_timestamp) AS lag
        FROM chain c JOIN dyntables.dynamic_table t ON t.id = c.id GROUP BY t.id
    ), me AS (SELECT * FROM pipeline WHERE id = table_id),
    working AS (SELECT DISTINCT ON (a.pid) a.*, p.qualified, (SELECT format('%I.%I', t.schema_name, t.table_name)
                FROM dyntables.dynamic_table t WHERE t.id = a.working_on) AS at_work FROM dyntables.activity a
                JOIN pipeline p ON p.id = a.dynamic_table_id ORDER BY a.pid, a.granted, p.depth)
    SELECT * FROM (
        SELECT 'lag', CASE WHEN data_timestamp IS NULL THEN 'it has no contents yet'
                           WHEN target_lag_seconds IS NULL THEN format('%s s; it has no target of its own', round(lag, 1))
                           ELSE format('%s s of %s s', round(lag, 1), target_lag_seconds) END FROM me
        UNION ALL
        SELECT 'suspended', format('%s is suspended: %s', qualified, suspend_reason)
        FROM pipeline WHERE scheduling_state = 'SUSPENDED'
        UNION ALL
        SELECT 'not scheduled', format('%s has SCHEDULER = DISABLE', qualified) FROM pipeline WHERE NOT scheduled
        UNION ALL
        SELECT 'no reader', format('%s is DOWNSTREAM, and no dynamic table reads it', qualified) FROM me
        WHERE target_lag_seconds IS NULL AND scheduled AND options ->> 'schedule' IS NULL
          AND NOT EXISTS (SELECT 1 FROM dyntables.dependency d WHERE d.upstream_id = me.id)
        UNION ALL
        SELECT 'failing', format('%s failed %s times, next try at %s: %s', qualified, consecutive_failures, retry_at,
            (SELECT r.error ->> 'message' FROM dyntables.refresh r WHERE r.dynamic_table_id = pipeline.id
             AND r.state = 'FAILED' ORDER BY r.id DESC LIMIT 1))
        FROM pipeline WHERE consecutive_failures > 0
        UNION ALL
        SELECT 'no scheduler', 'no process leads: start dyntables run' WHERE NOT EXISTS (
            SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted
            AND classid = 6584686 AND objid = 1953260658
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
        UNION ALL
        SELECT 'working', format('backend %s (%s) since %s: %s of %s%s', w.pid, w.application_name,
            to_char(w.xact_start, 'HH24:MI:SS'), w.phase, coalesce(w.at_work, w.qualified),
            CASE WHEN w.wait_event_type IN ('Lock', 'IO') THEN format(', waits for %s %s', w.wait_event_type, w.wait_event)
                 ELSE '' END)
        FROM working w WHERE w.granted
        UNION ALL
        SELECT 'waiting', format('backend %s waits to refresh %s', w.pid, w.qualified) FROM working w WHERE NOT w.granted
        UNION ALL
        SELECT 'blocked by', format('backend %s (%s, %s), %s since %s: %s', b.pid, b.usename, b.application_name, b.state,
            to_char(b.xact_start, 'HH24:MI:SS'), left(b.query, 200))
        FROM working w CROSS JOIN LATERAL unnest(w.blocked_by) u(pid) JOIN pg_stat_activity b ON b.pid = u.pid
        UNION ALL
        SELECT 'too slow', format('its pipeline takes about %s s, more than the target lag of %s s allows',
            round((SELECT sum(expected_seconds) FROM pipeline)::numeric, 1), target_lag_seconds) FROM me
        WHERE (SELECT sum(expected_seconds) FROM pipeline) > target_lag_seconds
    ) found
$$;
COMMENT ON FUNCTION dyntables.why_late IS 'What holds a dynamic table back: which table of its pipeline, which phase, which lock or query.';
