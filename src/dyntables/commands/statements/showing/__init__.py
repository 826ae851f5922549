"""Statements that only look."""
