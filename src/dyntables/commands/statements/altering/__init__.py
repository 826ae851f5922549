"""Statements that change what a dynamic table is."""
