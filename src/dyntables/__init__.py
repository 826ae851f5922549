"""Dynamic tables for PostgreSQL: tables that stay equal to their query by themselves."""

from dyntables.client import Client, connect
from dyntables.commands.session import Result
from dyntables.errors import DyntablesError

__version__ = "0.1.0"
__all__ = ["Client", "DyntablesError", "Result", "__version__", "connect"]
