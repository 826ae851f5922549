"""Fill in the outputs of the golden files: ``make golden``; what changed is reviewed on the diff."""

from __future__ import annotations

import sys

import psycopg

from tests.support import golden
from tests.support.servers import server_home, start_test_server


def main() -> int:
    """Rewrite the files, or those whose operators are named."""
    chosen = {name: path for name, path in golden.files().items() if not sys.argv[1:] or name in sys.argv[1:]}
    with server_home() as home, start_test_server(18, home) as server:
        for name, path in chosen.items():
            with psycopg.connect(server.url, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE golden_{name} TEMPLATE template0 STRATEGY file_copy")
            text = path.read_text()
            new = golden.write(golden.filled(golden.parse(text), server.url_for(f"golden_{name}")))
            path.write_text(new)
            print(f"{'changed' if new != text else 'same   '} {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
