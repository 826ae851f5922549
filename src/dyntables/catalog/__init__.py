"""Definitions, versions, dependencies and history."""

from dyntables.catalog.connection import Connection

__all__ = ["Connection"]
