-- Lifetime value of every customer; those who never ordered appear with 0.
CREATE OR REPLACE DYNAMIC TABLE analytics.customer_ltv_incremental
    TARGET_LAG = '5 minutes'
    REFRESH_MODE = INCREMENTAL
    COMMENT = 'Customer lifetime value and segment'
AS
SELECT c.c_custkey AS customer_key,
       c.c_name AS customer_name,
       c.c_mktsegment AS market_segment,
       n.n_name AS nation,
       count(o.o_orderkey) AS order_count,
       coalesce(sum(o.o_totalprice), 0) AS lifetime_value,
       coalesce(avg(o.o_totalprice), 0) AS average_order_value,
       min(o.o_orderdate) AS first_order,
       max(o.o_orderdate) AS last_order,
       CASE
           WHEN count(o.o_orderkey) = 0 THEN 'PROSPECT'
           WHEN sum(o.o_totalprice) >= 4000000 THEN 'PLATINUM'
           WHEN sum(o.o_totalprice) >= 2500000 THEN 'GOLD'
           WHEN sum(o.o_totalprice) >= 1000000 THEN 'SILVER'
           ELSE 'BRONZE'
       END AS segment
FROM tpch.customer c
JOIN tpch.nation n ON n.n_nationkey = c.c_nationkey
LEFT JOIN tpch.orders o ON o.o_custkey = c.c_custkey
GROUP BY c.c_custkey, c.c_name, c.c_mktsegment, n.n_name;
