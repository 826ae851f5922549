"""The live connection, as a client has it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from pydantic import TypeAdapter
from websockets.sync.client import ClientConnection, connect

from dyntables.server.live.messages import Message

_MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)


class Listens(Protocol):
    """A server that listens at a port of this machine."""

    @property
    def port(self) -> int: ...


@contextmanager
def live(served: Listens, query: str = "", **given: Any) -> Iterator[ClientConnection]:
    """Open a live connection."""
    with connect(f"ws://localhost:{served.port}/api/v1/live{query}", proxy=None, **given) as socket:
        yield socket


def receive(socket: ClientConnection, wanted: str, seconds: float = 10) -> dict[str, Any]:
    """Return the next message of a type; every message on the way must be one of the documented ones."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        message = json.loads(socket.recv(timeout=left))
        _MESSAGE.validate_python(message)
        if message["type"] == wanted:
            return dict(message)
    raise AssertionError(f"no {wanted} came")
