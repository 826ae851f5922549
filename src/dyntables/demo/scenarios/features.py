"""What a step may need that this version, or this server, may not have: asked of the server, never assumed."""

from __future__ import annotations

import re

from dyntables.client import Client
from dyntables.errors import DyntablesError

# A statement that every version with the feature understands; it is about the learner's own table, if about any.
FEATURES = {
    "quality rules": "SHOW QUALITY RULES",
    "quarantine": "CREATE OR REPLACE QUALITY RULE probe ON learn_progress CHECK not_null(step) ON VIOLATION QUARANTINE",
    "alerts": "SHOW ALERTS",
}
# What is said where it is not understood, by us or by the server; any other error is of somebody who knows it.
_UNKNOWN = re.compile(r"not supported|syntax error|unrecognized configuration parameter")


def missing(client: Client, needs: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the features that are not there."""
    return tuple(need for need in needs if not _works(client, FEATURES[need]))


def _works(client: Client, statement: str) -> bool:
    try:
        client.execute(statement)
    except DyntablesError as error:
        return not _UNKNOWN.search(str(error))
    return True
