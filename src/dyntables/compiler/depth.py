"""Recursion deeper than the interpreter allows one thread, with its limit left as it is.

The limit counts the frames of each thread apart. A function that is ``deep`` counts how far its thread has gone, and
where that is far it goes on in a new thread, for whose end it waits: nothing runs at the same time, and no setting of
the process changes. A higher limit would be one for all threads, whose stacks are too small for it: a recursion by
``sorted`` ends 3.11 and 3.13 at 5,000.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from dyntables.compiler.reasons import NotIncremental, Reason

P = ParamSpec("P")
R = TypeVar("R")

_FRAMES = 600  # of the 1,000 that a thread has; the others are for what is called at the end
_FLOORS = 60
_here = threading.local()


def deep(frames: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a function call itself as deeply as its input is; ``frames``: how many lie between two of its calls at most.

    Raises:
        NotIncremental: TOO_DEEP, from beyond what the server itself takes.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            outermost = getattr(_here, "frames", None) is None
            used = _height() if outermost else _here.frames
            if used > _FRAMES:
                return _upstairs(lambda: function(*args, **kwargs), getattr(_here, "floor", 0) + 1)
            _here.frames = used + frames
            try:
                return function(*args, **kwargs)
            finally:
                _here.frames = None if outermost else used

        return call

    return decorate


def _height() -> int:
    frame, count = sys._getframe(), 0
    while frame.f_back is not None:
        frame, count = frame.f_back, count + 1
    return count


def _upstairs(work: Callable[[], R], floor: int) -> R:
    """Do the work in a thread of its own."""
    if floor > _FLOORS:
        raise NotIncremental(Reason.TOO_DEEP, "the query is nested too deeply to be planned")
    done: list[Any] = []

    def run() -> None:
        _here.floor = floor
        try:
            done.append(work())
        except BaseException as error:  # whatever it is, it goes on in the thread that waits
            failed.append(error)

    failed: list[BaseException] = []
    thread = threading.Thread(target=run, name="dyntables-deep", daemon=True)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    result: R = done[0]
    return result
