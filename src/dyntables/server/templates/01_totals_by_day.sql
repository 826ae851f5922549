-- Totals by day
-- Counts and sums of a growing table, one row a day; each change touches only its day.
CREATE DYNAMIC TABLE orders_by_day
    TARGET_LAG = '1 minute'
AS
SELECT ordered_at::date AS day, count(*) AS orders, sum(amount) AS revenue, avg(amount) AS average_order
FROM orders
GROUP BY ordered_at::date;
