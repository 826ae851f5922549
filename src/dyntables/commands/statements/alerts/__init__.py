"""Statements on alerts."""
