-- The latest row of each key
-- The current state out of a history of events.
CREATE DYNAMIC TABLE current_status
    TARGET_LAG = '1 minute'
AS
SELECT DISTINCT ON (device_id) device_id, status, reported_at
FROM status_reports
ORDER BY device_id, reported_at DESC;
