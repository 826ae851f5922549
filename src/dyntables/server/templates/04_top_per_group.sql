-- The top rows of each group
-- The best sellers of each category, ranked.
CREATE DYNAMIC TABLE best_sellers
    TARGET_LAG = '5 minutes'
AS
SELECT category, product_id, revenue, position
FROM (
    SELECT category, product_id, revenue, row_number() OVER (PARTITION BY category ORDER BY revenue DESC) AS position
    FROM product_revenue
) ranked
WHERE position <= 10;
