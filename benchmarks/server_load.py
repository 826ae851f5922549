"""The server under load: people clicking and live connections, while the demonstration's stream of changes runs.

    python -m benchmarks.server_load --scale 1

It starts ``dyntables demo`` in a process of its own, asks every endpoint that reads one after the other, and then all
at once: each of the users opens a page, asks what the app asks for it, thinks, and opens the next. What the tables' lag
and refreshes were without and with that load comes from the server's own history.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil
from websockets.asyncio.client import connect

from benchmarks.home import home_of

API = "/api/v1"
_PASSWORD = "load test only"
# What the app asks for a page; {t} is a table as schema/name, {n} as schema.name.
PAGES: dict[str, list[str]] = {
    "overview": ["/overview", "/demo", "/recommendations", "/metrics/changes_per_second"],
    "tables": ["/dynamic-tables"],
    "table": ["/dynamic-tables/{t}", "/dynamic-tables/{t}/lag"],
    "table: lag": ["/dynamic-tables/{t}/lag", "/dynamic-tables/{t}/why-late"],
    "table: refreshes": ["/refreshes?schema_name={s}&name={b}", "/metrics/refresh_ms?object={n}"],
    "table: plan": ["/dynamic-tables/{t}/plan?verbose=true", "/dynamic-tables/{t}/versions"],
    "table: lineage": ["/graph", "/dynamic-tables/{t}/lineage"],
    "table: data": ["/dynamic-tables/{t}/preview"],
    "table: activity": ["/dynamic-tables/{t}/activity"],
    "graph": ["/graph", "/dynamic-tables/{t}/critical-path"],
    "timeline": ["/refreshes?limit=1000&action=INCREMENTAL&action=FULL&action=REINITIALIZE", "/graph"],
    "builder": ["/completions", "/templates"],
    "settings": ["/system", "/sources", "/audit", "/auth/me"],
}
_QUERIES = {
    "a count": "SELECT count(*) FROM {n}",
    "the first 1,000 rows": "SELECT * FROM {n} LIMIT 1000",
    "a group": "SELECT c, count(*) FROM (SELECT ({n}.*)::text AS c FROM {n} LIMIT 100000) x GROUP BY c LIMIT 100",
}


@dataclass
class Measured:
    """Milliseconds by endpoint, and what went wrong."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)

    def table(self, target: float) -> list[str]:
        """Return a line for each endpoint."""
        lines = ["| endpoint | requests | p50 ms | p95 ms | p99 ms |", "|---|---|---|---|---|"]
        lines += [_line(name, times, target) for name, times in sorted(self.times.items())]
        return [*lines, _line("**all**", [t for times in self.times.values() for t in times], target)]


@dataclass(frozen=True)
class Site:
    """A server, and the tables that it keeps."""

    origin: str
    pid: int
    tables: list[tuple[str, str]]

    def path(self, template: str) -> str:
        """Fill in some table."""
        schema, name = random.choice(self.tables)
        return API + template.format(t=f"{schema}/{name}", n=f"{schema}.{name}", s=schema, b=name)


def main() -> int:
    """Print everything; return 1 if a target was missed."""
    options = _options()
    with (
        home_of(options.data_dir, "dyntables-load-") as home,
        demo(home, options.scale, options.port) as (origin, pid),
    ):
        return asyncio.run(_measure(origin, pid, options))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--clients", type=int, default=100, help="WebSocket connections")
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--think", type=float, default=5.0, help="mean seconds between two clicks of a user")
    parser.add_argument("--seconds", type=float, default=120.0, help="of each phase")
    parser.add_argument(
        "--ramp", type=float, default=10.0, help="seconds in which all come; nothing is measured in them"
    )
    parser.add_argument("--settle", type=float, default=30.0, help="seconds before the first phase")
    return parser.parse_args()


@contextmanager
def demo(home: Path, scale: float, port: int) -> Iterator[tuple[str, int]]:
    """Run the demonstration until its stream runs; give its address and process id."""
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o755)
    command = [sys.executable, "-c", "from dyntables.cli import main; main()", "demo", "--no-browser"]
    command += ["--scale", str(scale), "--port", str(port), "--data-dir", str(home)]
    environment = {**os.environ, "DYNTABLES_LOG_LEVEL": "WARNING"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    origin = f"http://localhost:{port}"
    try:
        with httpx.Client(base_url=origin, trust_env=False) as client:
            while not _ready(client):
                if process.poll() is not None:
                    raise SystemExit(f"the server ended with {process.returncode}")
                time.sleep(1)
        yield origin, process.pid
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(90)


def _spent(pid: int) -> list[float]:
    """Return the seconds of processor time of the server, of this program and of the machine."""
    own = [sum(psutil.Process(p).cpu_times()[:2]) for p in (pid, os.getpid())]
    machine = psutil.cpu_times()
    return [*own, sum(machine) - machine.idle - getattr(machine, "iowait", 0.0)]


def _ready(client: httpx.Client) -> bool:
    try:
        return bool(client.get(f"{API}/demo").json()["ready"])
    except (httpx.TransportError, KeyError):
        return False


async def _measure(origin: str, pid: int, options: argparse.Namespace) -> int:
    async with httpx.AsyncClient(base_url=origin, trust_env=False, timeout=60) as admin:
        found = (await admin.get(f"{API}/dynamic-tables")).json()["items"]
        site = Site(origin, pid, [(t["schema_name"], t["name"]) for t in found])
        secrets = await _people(admin, max(options.users, options.clients))
        try:
            return await _phases(site, secrets, options)
        finally:
            await admin.delete(f"{API}/users/load")


async def _people(admin: httpx.AsyncClient, count: int) -> list[str]:
    """Add one person with many tokens: limits are counted by token."""
    given = {"name": "load", "role": "admin", "password": _PASSWORD}
    (await admin.post(f"{API}/users", json=given, headers={"X-CSRF-Token": "x"})).raise_for_status()
    login = await admin.post(f"{API}/auth/login", json={"name": "load", "password": _PASSWORD})
    admin.headers["X-CSRF-Token"] = login.json()["csrf_token"]
    secrets = []
    for number in range(count):
        body = {"name": f"user {number}", "role": "viewer"}
        secrets.append((await admin.post(f"{API}/tokens", json=body)).json()["secret"])
    return secrets


async def _phases(site: Site, secrets: list[str], options: argparse.Namespace) -> int:
    print(f"settling for {options.settle:g} s", flush=True)
    await asyncio.sleep(options.settle)
    begin = datetime.now(UTC)
    alone = await _unloaded(site, secrets, options.seconds)
    quiet = (begin, datetime.now(UTC))
    print("\nUnloaded: one request at a time\n", *alone.table(100), sep="\n", flush=True)
    queries = await _queries(site, secrets[-1])
    print("\nQueries\n", *queries.table(2000), sep="\n", flush=True)
    begin, spent, started = datetime.now(UTC), _spent(site.pid), time.monotonic()
    loaded, live = await _loaded(site, secrets, options)
    busy = (begin, datetime.now(UTC))
    print(f"\n{options.clients} live connections, {options.users} users, {options.think:g} s between clicks\n")
    print(*loaded.table(300), sep="\n")
    shares = [
        (now - before) / (time.monotonic() - started) for now, before in zip(_spent(site.pid), spent, strict=True)
    ]
    print(
        f"\nprocessors used: by the server {shares[0]:.2f}, by this program {shares[1]:.2f}, by everything on the "
        f"machine {shares[2]:.2f} of {os.cpu_count()}"
    )
    print(
        f"\nlive: {live.times.pop('messages', [0])[0]:,.0f} messages received; from the end of a refresh to the client:"
    )
    print(*live.table(300), sep="\n")
    lags = [line async for line in _lags(site, secrets[0], quiet, busy)]
    print("\n| table | target s | lag p95 s, alone | lag p95 s, loaded | within target | refresh ms, alone | loaded |")
    print("|---|---|---|---|---|---|---|", *lags, sep="\n")
    errors = alone.errors + queries.errors + loaded.errors + live.errors
    print(f"\nerrors: {dict(errors) or 'none'}")
    missed = bool(errors) or p95(_all(loaded)) > 300 or any(p95(t) > 100 for t in alone.times.values())
    return int(missed or any(p95(t) > 2000 for t in queries.times.values()))


async def _unloaded(site: Site, secrets: list[str], seconds: float) -> Measured:
    """Each round is by another person: one alone would be stopped by the limit of requests."""
    measured = Measured()
    templates = sorted({t for page in PAGES.values() for t in page})
    end = time.monotonic() + seconds
    people = itertools.cycle(secrets)
    while time.monotonic() < end:
        async with _client(site, next(people)) as client:
            await _get(client, site, "/system", Measured())  # connects
            for template in random.sample(templates, len(templates)):
                await _get(client, site, template, measured)
        await asyncio.sleep(0.2)
    return measured


async def _queries(site: Site, secret: str) -> Measured:
    """The whole answer of statements on every table."""
    measured = Measured()
    async with _client(site, secret) as client:
        for schema, name in site.tables:
            for what, sql in _QUERIES.items():
                started = time.perf_counter()
                answer = await client.post(f"{API}/queries", json={"sql": sql.format(n=f"{schema}.{name}")})
                measured.times[what].append((time.perf_counter() - started) * 1000)
                if answer.status_code != 200 or json.loads(answer.text.splitlines()[-1])["error"]:
                    measured.errors[f"{what} on {name}"] += 1
    return measured


async def _loaded(site: Site, secrets: list[str], options: argparse.Namespace) -> tuple[Measured, Measured]:
    measured, live = Measured(), Measured()
    begin = time.monotonic() + options.ramp
    end = begin + options.seconds
    async with asyncio.TaskGroup() as group:
        for secret in secrets[: options.clients]:
            group.create_task(_listen(site, secret, (begin, end), options.ramp, live))
        for secret in secrets[: options.users]:
            group.create_task(_click(site, secret, options, (begin, end), measured))
    return measured, live


async def _click(
    site: Site, secret: str, options: argparse.Namespace, between: tuple[float, float], measured: Measured
) -> None:
    """One user: a page, a thought, the next page."""
    begin, end = between
    await asyncio.sleep(random.uniform(0, options.ramp))
    async with _client(site, secret) as client:
        while time.monotonic() < end:
            page = random.choice(list(PAGES.values()))
            into = measured if time.monotonic() >= begin else Measured()
            await asyncio.gather(*(_get(client, site, template, into) for template in page))
            await asyncio.sleep(random.uniform(0.4, 1.6) * options.think)


async def _listen(site: Site, secret: str, between: tuple[float, float], ramp: float, live: Measured) -> None:
    """One live connection: how old the news of refreshes are when they arrive."""
    begin, end = between
    await asyncio.sleep(random.uniform(0, ramp))
    address = site.origin.replace("http", "ws") + f"{API}/live"
    try:
        async with connect(
            address, additional_headers={"Authorization": f"Bearer {secret}"}, proxy=None, max_size=2**24
        ) as socket:
            while (left := end - time.monotonic()) > 0:
                try:
                    message = json.loads(await asyncio.wait_for(socket.recv(), left))
                except TimeoutError:
                    return
                if time.monotonic() >= begin:
                    _note(message, live)
    except Exception as error:
        live.errors[f"live: {error!r}"] += 1


def _note(message: dict[str, object], live: Measured) -> None:
    count = live.times.setdefault("messages", [0.0])
    count[0] += 1
    if message["type"] == "resync":
        live.errors["live: resync"] += 1
    if message["type"] == "refresh_finished":
        refreshes = message["refreshes"]
        assert isinstance(refreshes, list)
        newest = max(datetime.fromisoformat(r["ended_at"]) for r in refreshes)
        live.times["refresh_finished"].append((datetime.now(UTC) - newest).total_seconds() * 1000)


async def _get(client: httpx.AsyncClient, site: Site, template: str, measured: Measured) -> None:
    started = time.perf_counter()
    try:
        answer = await client.get(site.path(template))
    except httpx.TransportError as error:
        measured.errors[f"{template}: {error!r}"] += 1
        return
    if answer.status_code in (200, 304):
        measured.times[f"`{template.partition('?')[0]}`"].append((time.perf_counter() - started) * 1000)
    else:
        measured.errors[f"{template}: {answer.status_code}"] += 1


async def _lags(site: Site, secret: str, *windows: tuple[datetime, datetime]) -> object:
    """Yield a line for each table with a target."""
    async with _client(site, secret) as client:
        for schema, name in site.tables:
            lags, took = [], []
            for begin, end in windows:
                asked = {"begin": begin.isoformat(), "end": end.isoformat()}
                lags.append((await client.get(f"{API}/dynamic-tables/{schema}/{name}/lag", params=asked)).json())
                which = {"schema_name": schema, "name": name, "limit": "1000", **asked}
                found = (await client.get(f"{API}/refreshes", params=which)).json()["items"]
                took.append([r["duration_ms"] for r in found if r["action"] != "NO_DATA" and r["duration_ms"]])
            if lags[0]["target_lag_seconds"] is None:
                continue
            within = ", ".join(f"{lag['within_target_ratio'] or 0:.0%}" for lag in lags)
            p = [lag["percentiles"]["p95"] or 0.0 for lag in lags]
            means = [f"{statistics.mean(t):.0f} (of {len(t)})" if t else "" for t in took]
            yield (
                f"| {schema}.{name} | {lags[0]['target_lag_seconds']} | {p[0]:.1f} | {p[1]:.1f} "
                f"({p[1] / max(p[0], 0.001):.2f} ×) | {within} | {means[0]} | {means[1]} |"
            )


def _client(site: Site, secret: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=site.origin, trust_env=False, timeout=60, headers={"Authorization": f"Bearer {secret}"}
    )


def _all(measured: Measured) -> list[float]:
    return [t for times in measured.times.values() for t in times]


def p95(times: list[float]) -> float:
    """Return the 95th percentile, of nothing 0."""
    return _percentile(times, 0.95)


def _percentile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] if times else 0.0


def _line(name: str, times: list[float], target: float) -> str:
    middle, high, highest = (_percentile(times, share) for share in (0.5, 0.95, 0.99))
    late = " (above)" if high > target else ""
    return f"| {name} | {len(times):,} | {middle:.0f} | {high:.0f}{late} | {highest:.0f} |"


if __name__ == "__main__":
    sys.exit(main())
