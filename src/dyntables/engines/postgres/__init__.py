"""PostgreSQL: introspection, capture, storage."""
