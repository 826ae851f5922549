"""Statements on dynamic tables, one a file."""
