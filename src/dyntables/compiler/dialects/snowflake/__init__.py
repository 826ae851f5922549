"""Snowflake's SQL → PostgreSQL's: what has the same meaning is carried over, all else is refused by name."""

from dyntables.compiler.dialects.snowflake.translate import Columns, translate

__all__ = ["Columns", "translate"]
