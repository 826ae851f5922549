"""The clauses of one SELECT, and set operations."""
