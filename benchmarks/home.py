"""Where a benchmark's server keeps its data, perhaps with TPC-H in it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dyntables
from dyntables.demo.tpch.load import load


@contextmanager
def home_of(data_dir: Path | None, prefix: str = "dyntables-bench-") -> Iterator[Path]:
    """Give the directory of a server's data; one that nobody named is removed with all data at the end."""
    home = data_dir or Path(tempfile.mkdtemp(prefix=prefix))
    home.mkdir(exist_ok=True, parents=True)
    # The server may run as another user, who has to get there.
    home.chmod(0o755)
    try:
        yield home
    finally:
        if data_dir is None:
            shutil.rmtree(home, ignore_errors=True)


@contextmanager
def tpch(data_dir: Path | None, scale: float) -> Iterator[dyntables.Client]:
    """Connect to an embedded server with TPC-H, loaded if the directory is empty; by default a new one."""
    with home_of(data_dir) as home, dyntables.connect(data_dir=home) as client:
        if client.execute("SELECT to_regclass('tpch.orders') IS NULL").rows[0][0]:
            load(client.url, scale=scale)
        yield client
