-- Daily order figures, at most one minute old.
CREATE OR REPLACE DYNAMIC TABLE analytics.order_analytics_incremental
    TARGET_LAG = '1 minute'
    REFRESH_MODE = INCREMENTAL
    COMMENT = 'Daily order count, revenue and average'
AS
SELECT o_orderdate AS order_date,
       count(*) AS order_count,
       sum(o_totalprice) AS revenue,
       avg(o_totalprice) AS average_order_value,
       count(*) FILTER (WHERE o_orderstatus = 'O') AS open_orders,
       count(*) FILTER (WHERE o_orderstatus = 'F') AS finished_orders,
       min(o_totalprice) AS smallest_order,
       max(o_totalprice) AS largest_order
FROM tpch.orders
GROUP BY o_orderdate;
