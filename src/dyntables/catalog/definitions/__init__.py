"""Definitions as they were and are: versions, columns, names, and the tables that were dropped."""
