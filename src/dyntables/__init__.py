"""Dynamic tables for PostgreSQL: tables that stay equal to their query by themselves."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dyntables.client import Client, connect
    from dyntables.commands.session import Result
    from dyntables.errors import DyntablesError

__version__ = "0.1.0"
__all__ = ["Client", "DyntablesError", "Result", "__version__", "connect"]

_HOMES = {
    "Client": ".client",
    "connect": ".client",
    "Result": ".commands.session",
    "DyntablesError": ".errors",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is asked for: a module below may need neither compiler nor driver."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name], __name__), name)
