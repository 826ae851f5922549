-- Lifetime value by nation, from the table of customers.
CREATE OR REPLACE DYNAMIC TABLE analytics.nation_ltv
    TARGET_LAG = '5 minutes'
    REFRESH_MODE = INCREMENTAL
    COMMENT = 'Customer lifetime value by nation'
AS
SELECT nation,
       count(*) AS customers,
       sum(lifetime_value) AS lifetime_value,
       sum(order_count) AS order_count,
       count(*) FILTER (WHERE segment = 'PLATINUM') AS platinum,
       count(*) FILTER (WHERE segment = 'GOLD') AS gold,
       count(*) FILTER (WHERE segment = 'SILVER') AS silver,
       count(*) FILTER (WHERE segment = 'BRONZE') AS bronze,
       count(*) FILTER (WHERE segment = 'PROSPECT') AS prospects
FROM analytics.customer_ltv_incremental
GROUP BY nation;
