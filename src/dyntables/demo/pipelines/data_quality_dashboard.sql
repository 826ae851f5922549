-- The score of every table that has rules, with its trend and its dimensions: the newest check beside the one before.
CREATE OR REPLACE DYNAMIC TABLE analytics.data_quality_dashboard
    TARGET_LAG = '2 minutes'
    REFRESH_MODE = INCREMENTAL
    COMMENT = 'Quality score, trend and health of every table that has rules'
AS
SELECT schema_name,
       table_name,
       max(score) FILTER (WHERE newest = 1) AS score,
       max(score) FILTER (WHERE newest = 1) - max(score) FILTER (WHERE newest = 2) AS trend,
       max(health) FILTER (WHERE newest = 1) AS health,
       max(failing) FILTER (WHERE newest = 1) AS failing_rules,
       max(evaluated) FILTER (WHERE newest = 1) AS evaluated_rules,
       max(active) FILTER (WHERE newest = 1) AS active_rules,
       max((dimensions ->> 'completeness')::float8) FILTER (WHERE newest = 1) AS completeness,
       max((dimensions ->> 'uniqueness')::float8) FILTER (WHERE newest = 1) AS uniqueness,
       max((dimensions ->> 'validity')::float8) FILTER (WHERE newest = 1) AS validity,
       max((dimensions ->> 'consistency')::float8) FILTER (WHERE newest = 1) AS consistency,
       max((dimensions ->> 'timeliness')::float8) FILTER (WHERE newest = 1) AS timeliness,
       max((dimensions ->> 'volume')::float8) FILTER (WHERE newest = 1) AS volume,
       max(checked_at) AS checked_at
FROM (
    SELECT s.*, row_number() OVER (PARTITION BY schema_name, table_name ORDER BY id DESC) AS newest
    FROM analytics.quality_checks s
) checks
WHERE newest <= 2
GROUP BY schema_name, table_name;
