"""When each table must start, and who starts it."""
