"""A sender in a process of its own, which is killed by kill -9 at a chosen place of its work."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any

from dyntables.alerting import sender

PLACES = ("claimed", "sent", "recorded")


def run(url: str, place: str) -> None:
    """Send until the place is reached, and die there.

    ``claimed``: before a message is sent; ``sent``: after that, before it is recorded; ``recorded``: before that is
    committed.
    """

    def die(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    attempt, end_attempt = sender.attempt, sender.end_attempt

    def after(do: Callable[..., Any]) -> Callable[..., Any]:
        def done(*given: Any) -> Any:
            do(*given)
            die()

        return done

    if place == "claimed":
        sender.attempt = die  # type: ignore[assignment]
    elif place == "sent":
        sender.attempt = after(attempt)
    else:
        sender.end_attempt = after(end_attempt)
    with sender.Sender(url, lambda error: None):
        time.sleep(60)
