"""Stop the embedded server when its last user is gone, even if that user was killed.

Run as a program, by path and with the standard library only, so that it stays small: ``watchdog.py HOME PID``. Every
user of a server holds a shared lock on ``users.lock``; the kernel drops it however the user ends. Once a second the
watchdog asks for the exclusive lock, always below ``home.lock`` as everybody does, so it never races with a start or a
stop. It ends with its server.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import sys
import time
from pathlib import Path

PAUSE_SECONDS = 1.0


def main() -> None:
    """Watch until the server is gone, or nobody uses it any more."""
    home, pid = Path(sys.argv[1]), int(sys.argv[2])
    with (
        contextlib.suppress(OSError),
        open(home / "watchdog.lock", "ab", opener=_private) as own,
        open(home / "home.lock", "ab", opener=_private) as door,
    ):
        # The watchdog of a server that has just died may still be asleep: wait for it.
        fcntl.flock(own, fcntl.LOCK_EX)
        while _runs(home, pid):
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(door, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if not _used(home) and _runs(home, pid):
                    os.kill(pid, signal.SIGINT)
                    _wait(pid)
                    return
            fcntl.flock(door, fcntl.LOCK_UN)
            time.sleep(PAUSE_SECONDS)


def _private(path: str, flags: int) -> int:
    """Open a lock file so that nobody else can: whoever can may hold the lock."""
    return os.open(path, flags, 0o600)


def _used(home: Path) -> bool:
    with open(home / "users.lock", "ab", opener=_private) as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _runs(home: Path, pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return (home / "data" / "postmaster.pid").read_text().split("\n", 1)[0].strip() == str(pid)
    except (OSError, ValueError):
        return False


def _wait(pid: int) -> None:
    """Hold the door until the server is down, so that a start does not meet it half-way."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except OSError:
            return
        time.sleep(0.05)


if __name__ == "__main__":
    main()
