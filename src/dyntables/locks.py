"""Advisory locks: classes, whose second key is a table's id or a leader's epoch, and locks with one key."""

REFRESH = 0x6474
"""A table, by whoever refreshes it or changes what it is."""

WORKER = 0x6475
"""The workers of a leader's epoch."""

STORAGE = 0x6476
"""The storage of a table: shared by who reads it as it stands, exclusive for who builds it anew."""

MAKING = 0x6477
"""A table that a session is making and fills itself."""

LEADER = 0x64_79_6E_74_6C_64_72  # "dyntldr"
"""Whoever leads in a database."""

MIGRATION = 0x64_79_6E_74_6D_69_67  # "dyntmig"
"""Whoever makes the catalog, changes it or takes it away."""

RECORDER = 0x64_79_6E_74_72_65_63  # "dyntrec"
"""Whoever records figures in a database."""

PATIENCE_MS = 3000
"""How long what takes sources or the catalog away waits for those who use them."""
