"""Statements, one a file; execute is the one door."""
