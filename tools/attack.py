"""Attack the service by generated code of an owner for as long as asked: ``make attack MINUTES=10``."""

from __future__ import annotations

import argparse
import random
import time

import psycopg

from tests.security.conftest import open_stage
from tests.security.generated import attack
from tests.support.servers import drop_database, server_home, start_test_server

_ROUND = 8


def main() -> int:
    """Return 1 if an attack succeeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=random.randrange(2**31))
    options = parser.parse_args()
    started, seed, failures = time.monotonic(), options.seed, 0
    with (
        server_home() as old_home,
        server_home() as new_home,
        start_test_server(15, old_home) as old,
        start_test_server(18, new_home) as new,
    ):
        while time.monotonic() - started < options.minutes * 60:
            for server in (old, new):
                for kind in ("superuser", "ordinary"):
                    failures += _round(server.url, server.url_for("attack"), kind, seed)
            seed += _ROUND
            print(f"{time.monotonic() - started:6.0f} s  seeds to {seed}  failures {failures}", flush=True)
    return 1 if failures else 0


def _round(server_url: str, url: str, kind: str, seed: int) -> int:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE attack")
    try:
        with open_stage(url, kind) as stage:
            for number in range(seed, seed + _ROUND):
                attack(stage, number)
            stage.judge(*stage.traps)
    except AssertionError as error:
        print(f"FAILED with a service that is {kind}, seeds from {seed}: {error}", flush=True)
        return 1
    finally:
        drop_database(server_url, "attack")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
