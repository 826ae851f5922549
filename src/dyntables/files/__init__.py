"""Definitions as files: written from a database, compared with it, and brought to it."""
