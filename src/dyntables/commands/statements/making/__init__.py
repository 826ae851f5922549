"""Statements that make a dynamic table, or take it away."""
