-- A table on a table
-- The lower table follows the one that reads it: give it TARGET_LAG = DOWNSTREAM.
CREATE DYNAMIC TABLE weekly_revenue
    TARGET_LAG = '5 minutes'
AS
SELECT date_trunc('week', day::timestamp)::date AS week, sum(orders) AS orders, sum(revenue) AS revenue
FROM orders_by_day
GROUP BY date_trunc('week', day::timestamp)::date;
