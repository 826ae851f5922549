-- Running totals and change
-- Each day with the sum so far and the change from the day before.
CREATE DYNAMIC TABLE revenue_growth
    TARGET_LAG = '5 minutes'
AS
SELECT day, revenue,
       sum(revenue) OVER (ORDER BY day) AS revenue_so_far,
       revenue - lag(revenue) OVER (ORDER BY day) AS change
FROM orders_by_day;
