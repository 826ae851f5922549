-- The last seven days
-- A moving window: rows leave by themselves as time goes on.
CREATE DYNAMIC TABLE recent_events
    TARGET_LAG = '1 minute'
AS
SELECT id, happened_at, kind, payload
FROM events
WHERE happened_at > now() - interval '7 days';
