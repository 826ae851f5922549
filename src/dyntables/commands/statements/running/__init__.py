"""Statements that start, stop and compare refreshes."""
