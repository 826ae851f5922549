"""The operating-system account that runs the server: ours, or an unprivileged one when we are root."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dyntables.errors import EmbeddedServerError

ACCOUNT_VARIABLE = "DYNTABLES_EMBEDDED_USER"


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs the server; ``switch`` is set when that is somebody else than us (we are root then)."""

    name: str
    user_id: int
    group_id: int
    switch: bool

    def spawn_options(self) -> dict[str, Any]:
        """Return the arguments of `subprocess` that make a child run as this account."""
        # LC_ALL=C: the messages we read are English. No PG* variable of the caller may leak into the server.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
        options: dict[str, Any] = {"env": {**inherited, "LC_ALL": "C"}, "cwd": "/", "stdin": subprocess.DEVNULL}
        if self.switch:
            options |= {"user": self.user_id, "group": self.group_id, "extra_groups": []}
        return options

    def run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run a short command as this account and collect its output."""
        return subprocess.run(list(command), capture_output=True, text=True, check=False, **self.spawn_options())

    def own(self, path: Path) -> None:
        """Give a file or folder that we have just made to this account."""
        if self.switch:
            os.chown(path, self.user_id, self.group_id, follow_symlinks=False)

    def blocked_folder(self, folder: Path) -> Path | None:
        """Return the first folder on the way, this one included, that the account cannot enter."""
        folder = folder.absolute()
        way = [str(parent) for parent in (*reversed(folder.parents), folder)]
        script = 'for d in "$@"; do [ -x "$d" ] || { printf %s "$d"; exit 1; }; done'
        answer = self.run(["/bin/sh", "-c", script, "sh", *way])
        return Path(answer.stdout or folder) if answer.returncode else None

    def can_read(self, path: Path) -> bool:
        """Tell whether the account may read a file."""
        return self.run(["/bin/sh", "-c", '[ -r "$1" ] && [ -x "$1" ]', "sh", str(path)]).returncode == 0


def choose_account(data: Path) -> Account:
    """Choose the account for a data folder: its owner if it exists, else ourselves or an unprivileged one.

    Raises:
        EmbeddedServerError: the data belongs to somebody else, or root finds no unprivileged account.
    """
    owner = data.stat().st_uid if data.exists() else None
    if os.geteuid() != 0:
        if owner is not None and owner != os.geteuid():
            raise EmbeddedServerError(
                f'the data folder "{data}" belongs to another account',
                detail=f"Its owner has the id {owner}, this process runs as {os.geteuid()}.",
                hint="Choose another data folder, or run as the owner.",
            )
        return Account(name=str(os.geteuid()), user_id=os.geteuid(), group_id=os.getegid(), switch=False)
    if owner:
        try:
            return _unprivileged(pwd.getpwuid(owner))
        except KeyError:
            return Account(name=str(owner), user_id=owner, group_id=data.stat().st_gid, switch=True)
    return _configured() or _first_of("postgres", "nobody")


def _configured() -> Account | None:
    name = os.environ.get(ACCOUNT_VARIABLE)
    if not name:
        return None
    try:
        entry = pwd.getpwnam(name)
    except KeyError as error:
        raise EmbeddedServerError(
            f'account "{name}" does not exist', hint=f"{ACCOUNT_VARIABLE} must name an existing unprivileged account."
        ) from error
    if entry.pw_uid == 0:
        raise EmbeddedServerError("PostgreSQL cannot run as root", hint=f"Set {ACCOUNT_VARIABLE} to another account.")
    return _unprivileged(entry)


def _first_of(*names: str) -> Account:
    for name in names:
        try:
            return _unprivileged(pwd.getpwnam(name))
        except KeyError:
            continue
    raise EmbeddedServerError(
        "PostgreSQL cannot run as root, and there is no unprivileged account to run it",
        hint=f"Set {ACCOUNT_VARIABLE} to an existing account.",
    )


def _unprivileged(entry: pwd.struct_passwd) -> Account:
    return Account(name=entry.pw_name, user_id=entry.pw_uid, group_id=entry.pw_gid, switch=True)
