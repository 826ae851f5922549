"""Fill in the outputs of the golden files, or the rows of the correctness scripts: ``make golden``.

What changed is reviewed on the diff.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg

from dyntables.engines.postgres.embedded import EmbeddedServer
from tests.support import golden, scripts
from tests.support.servers import server_home, start_test_server


def main() -> int:
    """Rewrite the files, or those of the operators that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("operators", nargs="*", help="by their names; all if there are none")
    parser.add_argument("--scripts", action="store_true", help="the scripts instead of the golden files")
    options = parser.parse_args()
    folder, fill = (scripts.files(), scripts.run) if options.scripts else (golden.files(), _fill)
    with server_home() as home, start_test_server(18, home) as server:
        for name, path in folder.items():
            if not options.operators or name in options.operators:
                print(f"{'changed' if _rewrite(server, path, fill) else 'same   '} {path.name}", flush=True)
    return 0


def _fill(text: str, url: str) -> str:
    return golden.write(golden.filled(golden.parse(text), url))


def _rewrite(server: EmbeddedServer, path: Path, fill: Callable[[str, str], str]) -> bool:
    """Run a file on an empty database; tell whether its text changed."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS golden WITH (FORCE)")
        connection.execute("CREATE DATABASE golden TEMPLATE template0 STRATEGY file_copy")
    before = path.read_text()
    after = fill(before, server.url_for("golden"))
    path.write_text(after)
    return after != before


if __name__ == "__main__":
    sys.exit(main())
