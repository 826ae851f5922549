"""The server process: whether it runs, how to start it detached, wait for it, and stop it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import sleep

import psutil

from dyntables.clock import monotonic
from dyntables.engines.postgres.embedded import watchdog
from dyntables.engines.postgres.embedded.account import Account
from dyntables.errors import EmbeddedServerError

# In a shell without job control the child of "&" belongs to nobody once the shell has ended: no zombie of ours, and
# it outlives us. The redirection is the account's own, so a planted link in its folder gains nothing.
_DETACH = 'log=$1; shift; "$@" >>"$log" 2>&1 </dev/null & echo $!'
_ORPHAN_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What postmaster.pid says: the process, where its socket is, and its state (the eighth line)."""

    pid: int
    socket_dir: str
    status: str


def read_postmaster(data: Path) -> Postmaster | None:
    """Read postmaster.pid, or return None when there is none or it is still being written."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        return Postmaster(pid=abs(int(lines[0])), socket_dir=lines[4].strip(), status=lines[7].strip())
    except FileNotFoundError:
        return None
    except (IndexError, ValueError, UnicodeDecodeError):
        pid = int(lines[0]) if lines and lines[0].strip().isdigit() else 0
        return Postmaster(pid=pid, socket_dir="", status="starting")


def alive(pid: int, data: Path) -> bool:
    """Tell whether a process is a living server process of this data folder, and not another one with its number."""
    if pid <= 0:
        return False
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or "postgres" not in process.name():
            return False
        return _works_in(process, data)
    except psutil.NoSuchProcess:
        return False


def launch(command: list[str], *, account: Account, log: Path) -> int:
    """Start a program in a session of its own, so that neither Ctrl-C nor our end reaches it; return its pid."""
    answer = subprocess.run(
        ["/bin/sh", "-c", _DETACH, "sh", str(log), *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
        start_new_session=True,
        **account.spawn_options(),
    )
    if answer.returncode or not answer.stdout.strip().isdigit():
        raise EmbeddedServerError("could not start the server program", detail=" ".join(command))
    return int(answer.stdout)


def launch_watchdog(home: Path, pid: int) -> None:
    """Start the process that stops the server after its last user."""
    ours = Account(name="", user_id=os.geteuid(), group_id=os.getegid(), switch=False)
    command = [sys.executable, "-I", "-S", watchdog.__file__, str(home), str(pid)]
    launch(command, account=ours, log=Path(os.devnull))


def wait_until_ready(pid: int, data: Path, *, seconds: float, log: Path) -> Postmaster:
    """Wait until the server takes connections, however long recovery needs within the time allowed.

    Raises:
        EmbeddedServerError: the server ended, or was not ready in time; the detail holds its last words.
    """
    deadline = monotonic() + seconds
    while monotonic() < deadline:
        postmaster = read_postmaster(data)
        if postmaster is not None and postmaster.pid == pid and postmaster.status == "ready":
            return postmaster
        if not psutil.pid_exists(pid) or _zombie(pid):
            raise EmbeddedServerError("the embedded server ended while it was starting", detail=_last_lines(log))
        sleep(0.01)
    raise EmbeddedServerError(
        f"the embedded server was not ready after {seconds:.0f} seconds",
        detail=_last_lines(log),
        hint="It may still be recovering: try again.",
        retryable=True,
    )


def stop(pid: int, data: Path) -> None:
    """Stop the server: fast, then at once, then by force; each of them loses nothing that was committed."""
    for number, seconds in ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
        if not alive(pid, data):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        wait_for_end(pid, data, seconds=seconds)


def wait_for_end(pid: int, data: Path, *, seconds: float) -> None:
    """Wait until the server process is gone, or the time is over."""
    deadline = monotonic() + seconds
    while alive(pid, data) and monotonic() < deadline:
        sleep(0.01)


def clear_remains(data: Path, socket_dir: Path) -> None:
    """Remove what a killed server left: its orphaned children, a pid file whose number another process has now.

    Call it only when no server runs on the data and nobody else can start one. PostgreSQL itself handles a pid file
    whose number is free; it refuses to start when the number is taken, or when a child still holds shared memory.
    """
    if (data / "postmaster.pid").exists():
        _end_orphans(data)
        postmaster = read_postmaster(data)
        if postmaster is None or psutil.pid_exists(postmaster.pid):
            (data / "postmaster.pid").unlink(missing_ok=True)
    for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
        (socket_dir / name).unlink(missing_ok=True)


def _end_orphans(data: Path) -> None:
    deadline = monotonic() + _ORPHAN_PATIENCE_SECONDS
    while orphans := list(_server_processes(data)):
        number = signal.SIGQUIT if monotonic() < deadline else signal.SIGKILL
        for process in orphans:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        psutil.wait_procs(orphans, timeout=0.2)
        if monotonic() > deadline + _ORPHAN_PATIENCE_SECONDS:
            raise EmbeddedServerError("could not end what is left of a killed server", retryable=True)


def _server_processes(data: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter(["name", "status"]):
        if "postgres" not in (process.info["name"] or "") or process.info["status"] == psutil.STATUS_ZOMBIE:
            continue
        with contextlib.suppress(psutil.Error):
            if _works_in(process, data, unsure=False):
                yield process


def _works_in(process: psutil.Process, data: Path, *, unsure: bool = True) -> bool:
    """Tell whether a process has the data folder as its working folder, as every server process has."""
    try:
        return Path(process.cwd()).resolve() == data.resolve()
    except psutil.AccessDenied:
        return unsure


def _zombie(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def _last_lines(log: Path, count: int = 12) -> str:
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        return "The server wrote no log."
    return "The server's last words:\n" + "\n".join(lines[-count:])
