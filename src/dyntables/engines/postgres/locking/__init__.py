"""Advisory locks: who refreshes or changes a table, and who reads or replaces its storage."""
