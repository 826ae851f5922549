"""Subqueries in expressions → joins."""
