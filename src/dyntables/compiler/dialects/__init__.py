"""Other SQL dialects, read into PostgreSQL."""
