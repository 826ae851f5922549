-- The base of the weekly trends: one row a day.
CREATE OR REPLACE DYNAMIC TABLE analytics.daily_order_base
    TARGET_LAG = '1 minute'
    REFRESH_MODE = INCREMENTAL
    COMMENT = 'Orders and revenue a day'
AS
SELECT o_orderdate AS order_date,
       count(*) AS order_count,
       sum(o_totalprice) AS revenue
FROM tpch.orders
GROUP BY o_orderdate;
