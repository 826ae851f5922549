"""A run of the chaos suite: faults in turn at steps all over a refresh, and after each what must hold."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import psycopg

from dyntables.catalog.model import RefreshReason
from tests.chaos import laboratory
from tests.chaos.faults import FAULTS, Fault
from tests.chaos.stage import Stage, Victim
from tests.support.proxy import Proxy, proxy_of
from tests.support.servers import small_home, start_test_server

_TRUNCATED = frozenset({RefreshReason.SOURCE_TRUNCATED})
_DATABASE = "chaos"


@dataclass(slots=True)
class Tally:
    """What one kind of fault came to."""

    faults: int = 0
    steps: set[int] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    broke: int = 0


@contextlib.contextmanager
def stage_on(version: int, seed: int) -> Iterator[tuple[Stage, Proxy]]:
    """Give a database with sources and dynamic tables, on a server of its own that may be killed."""
    with small_home() as (home, small):
        server = start_test_server(version, home)
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {_DATABASE}")
        stage = Stage(version, home, server, _DATABASE, random.Random(seed), small_disk=small)
        laboratory.build(stage.url)
        with proxy_of(server.socket_dir) as proxy:
            stage.proxy = proxy
            try:
                yield stage, proxy
            finally:
                stage.server.stop()


def run_campaign(
    version: int, faults: int, seed: int, *, report: Callable[[str], None], kinds: list[Fault] | None = None
) -> dict[str, Tally]:
    """Inject that many faults; return a tally for each kind."""
    kinds = kinds or FAULTS
    with stage_on(version, seed) as (stage, proxy):
        if not stage.small_disk:
            report("NOT TRIED: disk full, as only root can mount a small disk")
            kinds = [k for k in kinds if not k.small_disk]
        tallies = {fault.name: Tally() for fault in kinds}
        steps = _count_steps(stage)
        report(f"PostgreSQL {version}: a round has about {steps[False]} steps, {steps[True]} with a rebuild")
        for number, fault in enumerate(_plan(kinds, faults, stage.choose)):
            # A stride that has no factor in common with most counts: the steps are visited evenly.
            truncate = number % 4 == 3
            stop_at = 1 + (number * 37) % steps[truncate]
            while not _one(stage, proxy, fault, stop_at, tallies[fault.name], report, truncate=truncate):
                stop_at = 1 + stop_at // 2  # the round was shorter this time
    return tallies


def _plan(kinds: list[Fault], faults: int, choose: random.Random) -> list[Fault]:
    """Return the faults in random order, each kind as often as its weight says, and at least once."""
    total = sum(k.weight for k in kinds)
    planned = [k for k in kinds for _ in range(max(1, round(faults * k.weight / total)))]
    planned += choose.choices(kinds, [k.weight for k in kinds], k=max(0, faults - len(planned)))
    choose.shuffle(planned)
    return planned[: max(faults, len(kinds))]


def _count_steps(stage: Stage) -> dict[bool, int]:
    """Run rounds without a fault, one of them with a rebuild; return the numbers of their steps."""
    steps = {}
    for truncate in (True, False):
        stage.change(truncate=truncate)
        victim = Victim(stage.url, None)
        assert victim.reach() is None
        _assert_done(victim)
        assert victim.answer is not None
        steps[truncate] = victim.answer[2]
        victim.close()
    return steps


def _assert_done(victim: Victim) -> None:
    """The round went well: no fault was in it."""
    assert victim.answer is not None
    assert victim.answer[0] == "done", victim.answer
    assert {state for _, state, _ in victim.answer[1]} <= {"SUCCEEDED"}, victim.answer


def _one(
    stage: Stage,
    proxy: Proxy,
    fault: Fault,
    stop_at: int,
    tally: Tally,
    report: Callable[[str], None],
    *,
    truncate: bool,
) -> bool:
    """Inject one fault; return whether the step was reached."""
    stage.change(truncate=truncate)
    victim = Victim(proxy.url(stage.url) if fault.proxied else stage.url, fault.before or stop_at, fault.spoil)
    where: tuple[str, int] | None = None
    try:
        where = victim.reach()
        if where is None:
            _assert_done(victim)
            assert fault.before is None, f"no statement has {fault.before}"
            return False
        fault.act(stage, victim)
        healed = time.monotonic()
        tally.broke += victim.broke
        results = stage.recover()
        tally.seconds.append(time.monotonic() - healed)
        stage.change()
        found = laboratory.violations(stage.url, results, fault.allowed | (_TRUNCATED if truncate else frozenset()))
    except (AssertionError, psycopg.Error) as error:
        found = [f"{type(error).__name__}: {error}"]
        stage.wait_for_server()
    finally:
        proxy.thaw()
        victim.close()
    where = where or ("", 0)
    tally.faults += 1
    tally.steps.add(where[1])
    tally.violations += [f"{fault.name}, step {where[1]} ({where[0][:70]}): {line}" for line in found]
    for line in found:
        report(f"  VIOLATION after {fault.name} at step {where[1]} ({where[0][:90]!r}): {line}")
    return True
