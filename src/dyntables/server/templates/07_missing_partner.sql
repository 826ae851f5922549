-- What has no partner
-- Customers without an order: the complement of a join, kept current.
CREATE DYNAMIC TABLE customers_without_orders
    TARGET_LAG = '5 minutes'
AS
SELECT c.id, c.name, c.country
FROM customers c
WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id);
