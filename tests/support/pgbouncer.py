"""PgBouncer before a test server, in one of its modes.

If it is missing it is installed where that is possible without asking, as root on Debian. Otherwise the test is
skipped, and says so.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

_PORT = 6432


@contextlib.contextmanager
def pgbouncer(server_url: str, mode: str, **settings: str) -> Iterator[str]:
    """Start it; give the URL of the same database behind it."""
    program = _program()
    target = conninfo_to_dict(server_url)
    home = Path(tempfile.mkdtemp(prefix="pgbouncer"))
    log = home / "log"
    (home / "users").write_text(f'"{target["user"]}" ""\n')
    lines = {
        "listen_addr": "", "listen_port": str(_PORT), "unix_socket_dir": str(home), "auth_type": "trust",
        "auth_file": str(home / "users"), "pool_mode": mode, "logfile": str(log), **settings,
    }  # fmt: skip
    (home / "ini").write_text(
        f"[databases]\n* = host={target['host']} port={target.get('port', 5432)}\n[pgbouncer]\n"
        + "".join(f"{name} = {value}\n" for name, value in lines.items())
    )
    home.chmod(0o777)
    # It refuses to be root, and only the server's own user reaches the socket.
    user = ["-u", pwd.getpwuid(os.stat(str(target["host"])).st_uid).pw_name] if os.getuid() == 0 else []
    process = subprocess.Popen([program, "-q", *user, str(home / "ini")], stderr=subprocess.DEVNULL)
    url = f"postgresql://{target['user']}@/{target['dbname']}?host={quote(str(home), safe='')}&port={_PORT}"
    try:
        _wait(url, log)
        yield url
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(home, ignore_errors=True)


def _wait(url: str, log: Path) -> None:
    until = time.monotonic() + 10
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
            return
        except psycopg.OperationalError as error:
            if time.monotonic() > until:
                raise AssertionError(log.read_text() if log.exists() else "no log") from error
            time.sleep(0.02)


def _program() -> str:
    found = _find()
    if found is None and os.getuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "pgbouncer"]):
            subprocess.run(["apt-get", *command], env=environment, check=False, capture_output=True, timeout=300)
        found = _find()
    if found is None:
        pytest.skip("pgbouncer is not installed and could not be: apt-get install pgbouncer")
    return found


def _find() -> str | None:
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
