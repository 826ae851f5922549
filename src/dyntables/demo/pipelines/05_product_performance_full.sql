-- Revenue, rank, best supplier and stock of every product that was sold; computed in full every six hours.
CREATE OR REPLACE DYNAMIC TABLE analytics.product_performance_full
    TARGET_LAG = '6 hours'
    REFRESH_MODE = FULL
    COMMENT = 'Product revenue, rank, top supplier and availability'
AS
WITH by_supplier AS (
    SELECT l.l_partkey,
           l.l_suppkey,
           sum(l.l_extendedprice * (1 - l.l_discount)) AS revenue,
           sum(l.l_quantity) AS quantity
    FROM tpch.lineitem l
    GROUP BY l.l_partkey, l.l_suppkey
), ranked AS (
    SELECT b.l_partkey,
           b.revenue,
           b.quantity,
           s.s_name,
           row_number() OVER (PARTITION BY b.l_partkey ORDER BY b.revenue DESC, b.l_suppkey) AS supplier_rank
    FROM by_supplier b
    JOIN tpch.supplier s ON s.s_suppkey = b.l_suppkey
), sold AS (
    SELECT l_partkey,
           sum(revenue) AS revenue,
           sum(quantity) AS quantity,
           max(s_name) FILTER (WHERE supplier_rank = 1) AS top_supplier
    FROM ranked
    GROUP BY l_partkey
), stock AS (
    SELECT ps_partkey, sum(ps_availqty) AS available
    FROM tpch.partsupp
    GROUP BY ps_partkey
)
SELECT p.p_partkey AS product_key,
       p.p_name AS product_name,
       p.p_brand AS brand,
       sold.revenue,
       sold.quantity,
       rank() OVER (ORDER BY sold.revenue DESC) AS overall_rank,
       rank() OVER (PARTITION BY p.p_brand ORDER BY sold.revenue DESC) AS brand_rank,
       sold.top_supplier,
       stock.available
FROM sold
JOIN tpch.part p ON p.p_partkey = sold.l_partkey
JOIN stock ON stock.ps_partkey = sold.l_partkey;
