"""Where a benchmark's server keeps its data, with TPC-H in it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dyntables
from dyntables.demo.tpch.load import load


@contextmanager
def tpch(data_dir: Path | None, scale: float) -> Iterator[dyntables.Client]:
    """Connect to an embedded server with TPC-H, loaded if the directory is empty; by default a new one."""
    home = data_dir or Path(tempfile.mkdtemp(prefix="dyntables-bench-"))
    home.mkdir(exist_ok=True, parents=True)
    # The server may run as another user, who has to get there.
    home.chmod(0o755)
    with dyntables.connect(data_dir=home) as client:
        if client.execute("SELECT to_regclass('tpch.orders') IS NULL").rows[0][0]:
            load(client.url, scale=scale)
        yield client
