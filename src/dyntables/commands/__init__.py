"""Statements on dynamic tables; execute is the one door."""
