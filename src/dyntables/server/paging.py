"""Cursors: opaque to the client, the sort key of the last item to us."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from dyntables.errors import RequestError


def encode_cursor(*key: Any) -> str:
    """Return a cursor that leads to what comes after ``key``."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, *types: type) -> tuple[Any, ...] | None:
    """Return the key of a cursor.

    Raises:
        RequestError: it is not one of ours.
    """
    if cursor is None:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, UnicodeError, ValueError):
        key = None
    fits = isinstance(key, list) and [type(k) for k in key] == list(types)
    if not fits or any(isinstance(k, int) and not -(2**63) <= k < 2**63 for k in key):
        raise RequestError("the cursor is not one that this server gave")
    return tuple(key)
