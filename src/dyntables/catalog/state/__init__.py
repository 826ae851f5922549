"""What is so of tables and sources at present: contents, scheduling, looks, changes."""
