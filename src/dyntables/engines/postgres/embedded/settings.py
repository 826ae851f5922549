"""Size the server by the machine: pure arithmetic first, then the reading of the machine."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from dyntables.errors import EmbeddedServerError

_MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Machine:
    """What the server may use, in bytes; ``shared_memory_bytes`` is None where /dev/shm plays no part."""

    memory_bytes: int
    disk_free_bytes: int
    shared_memory_bytes: int | None
    lz4: bool
    pg_stat_statements: bool


def size_settings(machine: Machine, socket_dir: Path) -> dict[str, str]:
    """Return the server's settings for a machine."""
    memory = machine.memory_bytes
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": f'"{socket_dir}"',
        "unix_socket_permissions": "0700",
        "port": "5432",
        "max_connections": "100",
        "shared_buffers": _megabytes(memory // 4, at_least=64, at_most=8192),
        "effective_cache_size": _megabytes(memory * 6 // 10, at_least=128),
        "work_mem": _megabytes(memory // 256, at_least=8, at_most=128),
        "maintenance_work_mem": _megabytes(memory // 16, at_least=64, at_most=2047),
        "max_wal_size": _megabytes(machine.disk_free_bytes // 8, at_least=256, at_most=8192),
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "jit": "off",
        "track_io_timing": "on",
        "log_line_prefix": "%m [%p] %q%u@%d ",
    }
    if machine.lz4:
        settings["wal_compression"] = "lz4"
    if machine.pg_stat_statements:
        settings["shared_preload_libraries"] = "pg_stat_statements"
    # Containers often get 64 MB: too little for the shared memory of one parallel query.
    if machine.shared_memory_bytes is not None and machine.shared_memory_bytes < 256 * _MB:
        settings["dynamic_shared_memory_type"] = "mmap"
    return settings


def render_settings(settings: Mapping[str, str]) -> str:
    """Return the text of a configuration file.

    Raises:
        EmbeddedServerError: a name is not the name of a setting, or a value spans lines.
    """
    lines = ["# Written at each start. ALTER SYSTEM overrides it."]
    for name, value in settings.items():
        if not re.fullmatch(r"[a-z_][a-z0-9_.]*", name, re.IGNORECASE) or "\n" in value:
            raise EmbeddedServerError(f'"{name}" is not a setting that can be written')
        escaped = value.replace("\\", "\\\\").replace("'", "''")
        lines.append(f"{name} = '{escaped}'")
    return "\n".join(lines) + "\n"


def read_machine(home: Path, *, lz4: bool, pg_stat_statements: bool) -> Machine:
    """Look at this machine."""
    return Machine(
        memory_bytes=_memory(),
        disk_free_bytes=shutil.disk_usage(home).free,
        shared_memory_bytes=_shared_memory(),
        lz4=lz4,
        pg_stat_statements=pg_stat_statements,
    )


def _memory() -> int:
    total = int(psutil.virtual_memory().total)
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            total = min(total, int(Path(limit).read_text()))
        except (OSError, ValueError):  # no such group, or "max"
            continue
    return total


def _shared_memory() -> int | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        return shutil.disk_usage("/dev/shm").total
    except OSError:
        return 0


def _megabytes(size: int, *, at_least: int, at_most: int | None = None) -> str:
    megabytes = max(size // _MB, at_least)
    return f"{megabytes if at_most is None else min(megabytes, at_most)}MB"
