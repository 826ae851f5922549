"""Run random histories against random definitions for as long as asked: ``make fuzz MINUTES=10``."""

from __future__ import annotations

import argparse
import random
import time

import psycopg
from hypothesis.strategies import SearchStrategy

from tests.oracle.generation import odd_types
from tests.oracle.generation.laboratory import Laboratory, laboratory
from tests.oracle.generation.model import Case
from tests.oracle.generation.raising import Watch, raising_cases
from tests.oracle.generation.search import search
from tests.support.servers import server_home, start_test_server

BATCH = 20
RAISING = 4  # every so many batches are of expressions that can fail


def main() -> int:
    """Return 1 if a case failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--first-failure", action="store_true", help="stop at the first failure")
    parser.add_argument("--types", action="store_true", help="types of extensions, of the user, and without equality")
    options = parser.parse_args()
    started = time.monotonic()
    failures = 0
    with server_home() as home, start_test_server(18, home) as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE fuzz")
        with laboratory(server.url_for("fuzz")) as lab:
            kind = _odd_types(lab) if options.types else None
            seed = options.seed
            while time.monotonic() - started < options.minutes * 60:
                failures += _batch(lab, seed, kind)
                _report(lab, time.monotonic() - started, seed, failures)
                if failures and options.first_failure:
                    break
                seed += 1
            print(f"refreshes: {dict(lab.tally.actions)}\nproductions: {dict(lab.tally.uses.most_common())}")
    return 1 if failures else 0


def _odd_types(lab: Laboratory) -> SearchStrategy[Case]:
    if not odd_types.prepare(lab.writer):
        raise SystemExit("the server has no contrib modules")
    lab.types_in, lab.maintained = odd_types.SCHEMA, odd_types.MAINTAINED
    return odd_types.odd_cases()


def _batch(lab: Laboratory, seed: int, kind: SearchStrategy[Case] | None) -> int:
    try:
        if kind is None and seed % RAISING == 0:
            search(lab, Watch(lab).check, examples=BATCH, seed=seed, kind=raising_cases())
        else:
            search(lab, lab.check, examples=BATCH, seed=seed, kind=kind)
    except Exception as error:
        # Whatever goes wrong is a finding: it is printed, and the search goes on.
        print(f"FAILED {type(error).__name__}: {error}", *getattr(error, "__notes__", ()), sep="\n", flush=True)
        return 1
    return 0


def _report(lab: Laboratory, seconds: float, seed: int, failures: int) -> None:
    tally = lab.tally
    print(
        f"{seconds:6.0f} s  seed {seed}  histories {tally.histories} ({tally.histories / seconds:.1f}/s)  "
        f"definitions {tally.definitions} ({tally.incremental} incremental, {tally.rejected} rejected)  "
        f"refreshes {tally.actions.total()}  failures {failures}",
        flush=True,
    )


if __name__ == "__main__":
    raise SystemExit(main())
