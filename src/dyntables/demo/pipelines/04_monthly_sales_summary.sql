-- Monthly revenue by region and nation, with the change from the month before; computed in full once a day.
CREATE OR REPLACE DYNAMIC TABLE analytics.monthly_sales_summary
    TARGET_LAG = '1 day'
    REFRESH_MODE = FULL
    COMMENT = 'Monthly revenue net of discount by region and nation'
AS
WITH monthly AS (
    SELECT r.r_name AS region,
           n.n_name AS nation,
           date_trunc('month', o.o_orderdate::timestamp)::date AS month,
           sum(l.l_extendedprice * (1 - l.l_discount)) AS revenue,
           count(DISTINCT o.o_orderkey) AS order_count
    FROM tpch.lineitem l
    JOIN tpch.orders o ON o.o_orderkey = l.l_orderkey
    JOIN tpch.customer c ON c.c_custkey = o.o_custkey
    JOIN tpch.nation n ON n.n_nationkey = c.c_nationkey
    JOIN tpch.region r ON r.r_regionkey = n.n_regionkey
    GROUP BY r.r_name, n.n_name, date_trunc('month', o.o_orderdate::timestamp)::date
)
SELECT region,
       nation,
       month,
       revenue,
       order_count,
       lag(revenue) OVER by_nation AS previous_revenue,
       round(100 * (revenue - lag(revenue) OVER by_nation) / nullif(lag(revenue) OVER by_nation, 0), 2)
           AS change_percent
FROM monthly
WINDOW by_nation AS (PARTITION BY nation ORDER BY month);
