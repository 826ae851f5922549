"""What a step may need that this version, or this server, may not have: asked of the server, never assumed."""

from __future__ import annotations

from dyntables.client import Client
from dyntables.errors import DyntablesError

# A statement that works wherever the feature is.
FEATURES = {
    "quality rules": "SHOW QUALITY RULES",
    "alerts": "SHOW ALERTS",
}


def missing(client: Client, needs: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the features that are not there."""
    return tuple(need for need in needs if not _works(client, FEATURES[need]))


def _works(client: Client, statement: str) -> bool:
    try:
        client.execute(statement)
    except DyntablesError:
        return False
    return True
