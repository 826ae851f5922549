-- Facts with their dimensions
-- A wide table for reading: each fact with the attributes of what it refers to.
CREATE DYNAMIC TABLE orders_enriched
    TARGET_LAG = '1 minute'
AS
SELECT o.id, o.ordered_at, o.amount, c.name AS customer, c.country
FROM orders o
JOIN customers c ON c.id = o.customer_id;
