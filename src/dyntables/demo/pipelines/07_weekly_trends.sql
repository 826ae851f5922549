-- Weekly totals and growth, on the daily table.
CREATE OR REPLACE DYNAMIC TABLE analytics.weekly_trends
    TARGET_LAG = '5 minutes'
    REFRESH_MODE = INCREMENTAL
    COMMENT = 'Weekly orders, revenue and growth'
AS
WITH weekly AS (
    SELECT date_trunc('week', order_date::timestamp)::date AS week,
           sum(order_count) AS order_count,
           sum(revenue) AS revenue
    FROM analytics.daily_order_base
    GROUP BY date_trunc('week', order_date::timestamp)::date
)
SELECT week,
       order_count,
       revenue,
       revenue - lag(revenue) OVER (ORDER BY week) AS growth,
       round(100 * (revenue - lag(revenue) OVER (ORDER BY week))
             / nullif(lag(revenue) OVER (ORDER BY week), 0), 2) AS growth_percent
FROM weekly;
