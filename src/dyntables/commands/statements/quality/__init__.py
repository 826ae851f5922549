"""Statements on rules of quality."""
