"""The folders of a home: the cluster, its socket, its log, its configuration."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import platformdirs

from dyntables.engines.postgres.embedded import process
from dyntables.engines.postgres.embedded.account import ACCOUNT_VARIABLE, Account
from dyntables.engines.postgres.embedded.binaries import Binaries
from dyntables.engines.postgres.embedded.settings import read_machine, render_settings, size_settings
from dyntables.errors import EmbeddedServerError

USER = "postgres"

# sockaddr_un holds 104 bytes on macOS, 108 on Linux, with a final zero.
_LONGEST_SOCKET_DIR = 103 - len("/.s.PGSQL.5432")
_LONGEST_LOG = 16 * 1024 * 1024


def default_home() -> Path:
    """Return where the server lives when nobody says otherwise."""
    return Path("/var/lib/dyntables") if os.geteuid() == 0 else Path(platformdirs.user_data_dir("dyntables"))


def make_home(home: Path) -> None:
    """Make the folder if it is not there; root's can be entered by others, its private parts are folders inside."""
    if not home.exists():
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o755 if os.geteuid() == 0 else 0o700)


def launch_server(
    home: Path, binaries: Binaries, *, account: Account, version: str, extra_settings: Mapping[str, str]
) -> int:
    """Start the server of a home, making the cluster first if there is none; return the pid."""
    data = home / "data"
    if not data.exists():
        durable = extra_settings.get("fsync") != "off"
        _initialize(home, binaries, account=account, version=version, durable=durable)
    socket_dir = _socket_dir(home, account)
    process.clear_remains(data, socket_dir)
    _rotate_log(home, account)
    machine = read_machine(
        home,
        lz4=_supports_lz4(binaries, account, data),
        pg_stat_statements=binaries.has_library("pg_stat_statements"),
    )
    settings = {**size_settings(machine, socket_dir), **extra_settings}
    unfinished = home / "dyntables.conf.tmp"
    unfinished.write_text(render_settings(settings))
    unfinished.chmod(0o644)
    unfinished.rename(home / "dyntables.conf")
    command = [binaries.program("postgres"), "-D", str(data)]
    return process.launch(command, account=account, log=log_file(home))


def require_version(data: Path, version: str) -> None:
    """Refuse data that another major version made."""
    major = version.split(".")[0]
    try:
        made_by = (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        return
    if major != made_by:
        raise EmbeddedServerError(
            f"the data was made by PostgreSQL {made_by}, the programs are {version}",
            hint=f"Choose another data folder, or give the programs of PostgreSQL {made_by}.",
        )


def require_reachable(home: Path, account: Account) -> None:
    """Refuse a home, made already or not, that the account cannot enter; no parent's permission is changed."""
    made = next(folder for folder in (home, *home.parents) if folder.exists())
    blocked = account.blocked_folder(made)
    if blocked is not None:
        raise EmbeddedServerError(
            f'account "{account.name}" cannot reach the data folder "{home}"',
            detail=f'PostgreSQL does not run as root, and "{account.name}" may not enter "{blocked}".',
            hint=f"Choose a data folder outside of it, or another account with {ACCOUNT_VARIABLE}.",
        )


def log_file(home: Path) -> Path:
    """Return the log of the server program."""
    return home / "log" / "postgres.log"


def _initialize(home: Path, binaries: Binaries, *, account: Account, version: str, durable: bool) -> None:
    """Make the cluster under another name and rename it, so that a killed attempt leaves nothing half made."""
    for left_over in home.glob("data.new-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    unfinished = home / f"data.new-{os.getpid()}"
    unfinished.mkdir(mode=0o700)
    account.own(unfinished)
    # The provider "builtin" came with 17; before, C sorts by bytes as well.
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if int(version.split(".")[0]) >= 17 else []
    initdb = [
        *(binaries.program("initdb"), "-D", str(unfinished), "-U", USER, "-E", "UTF8", "--locale=C", *locale),
        *("--auth-local=trust", "--auth-host=reject", "--no-instructions"),
        *([] if durable else ["--no-sync"]),
    ]
    append = 'printf "%s\\n" "include_if_exists = \'../dyntables.conf\'" >>"$1/postgresql.conf"'
    for command in (initdb, ["/bin/sh", "-c", append, "sh", str(unfinished)]):
        answer = account.run(command)
        if answer.returncode:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise EmbeddedServerError("could not make the database cluster", detail=answer.stderr.strip())
    unfinished.rename(home / "data")
    _sync_folder(home)


def _supports_lz4(binaries: Binaries, account: Account, data: Path) -> bool:
    command = [binaries.program("postgres"), "-D", str(data), "-c", "wal_compression=lz4", "-C", "wal_compression"]
    # The settings of the last start must not decide: their library may be missing from other programs.
    answer = account.run([*command, "-c", "shared_preload_libraries="])
    return answer.returncode == 0 and answer.stdout.strip() == "lz4"


def _socket_dir(home: Path, account: Account) -> Path:
    """Make the folder of the socket: in the home, or, as a socket's path must be short, in the temporary folder."""
    folder = home / "run"
    if len(os.fsencode(folder)) > _LONGEST_SOCKET_DIR:
        name = f"dyntables-{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}"
        roots = (Path(tempfile.gettempdir()), Path("/tmp"))
        folder = next(path for root in roots if len(os.fsencode(path := root / name)) <= _LONGEST_SOCKET_DIR)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        account.own(folder)
    stat = folder.lstat()
    if folder.is_symlink() or not folder.is_dir() or stat.st_uid != account.user_id or stat.st_mode & 0o077:
        raise EmbeddedServerError(f'"{folder}" is not a private folder of account "{account.name}"', hint="Remove it.")
    if account.blocked_folder(folder) is not None:
        raise EmbeddedServerError(f'account "{account.name}" cannot reach "{folder}"')
    return folder


def _rotate_log(home: Path, account: Account) -> None:
    log = log_file(home)
    with contextlib.suppress(FileExistsError):
        log.parent.mkdir(mode=0o700)
        account.own(log.parent)
    if log.exists() and log.stat().st_size > _LONGEST_LOG:
        log.rename(log.with_suffix(".log.1"))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
