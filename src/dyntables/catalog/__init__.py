"""Definitions, versions, dependencies and history."""
