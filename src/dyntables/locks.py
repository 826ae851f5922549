"""The classes of advisory locks, the first of their two keys; the second is a table's id or a leader's epoch."""

REFRESH = 0x6474
"""A table, by whoever refreshes it or changes what it is."""

WORKER = 0x6475
"""The workers of a leader's epoch."""

STORAGE = 0x6476
"""The storage of a table: shared by who reads it as it stands, exclusive for who builds it anew."""

MAKING = 0x6477
"""A table that a session is making and fills itself."""
