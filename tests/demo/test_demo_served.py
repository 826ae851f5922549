"""``dyntables demo`` as a process: it answers at once, shows its progress, follows the stream, and ends cleanly."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.servers import server_home

_SECONDS = 120.0


def _wait(what: str, found: Callable[[], Any]) -> Any:
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        try:
            if result := found():
                return result
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"{what} did not come")


@pytest.mark.slow
def test_the_demo_loads_in_the_background_and_ends_cleanly() -> None:
    with server_home() as home:
        program = str(Path(sys.executable).with_name("dyntables"))
        command = [program, "demo", "--no-browser", "--port", "0", "--scale", "0.01"]
        process = subprocess.Popen(
            [*command, "--data-dir", str(home)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        try:
            assert process.stdout is not None
            address = process.stdout.readline().split()[-1]
            with httpx.Client(base_url=f"{address}api/v1", timeout=30, trust_env=False) as client:
                first = _wait("an answer", lambda: client.get("/preparation").json())
                assert first["active"]
                assert not first["error"]
                ready = _wait("the end of the load", lambda: _ready(client.get("/preparation").json()))
                names = [s["name"] for s in ready["steps"]]
                assert {s["state"] for s in ready["steps"]} == {"DONE"}
                assert any("lineitem" in n for n in names)
                assert sum(n.startswith("create analytics.") for n in names) == 7
                _wait("the stream", lambda: client.get("/preparation").json()["changed_rows"] > 200)
                overview = client.get("/overview").json()
                assert overview["leader"]["here"]
                assert sum(overview["counts"].values()) >= 7
                # The quality rules come when the tables are fresh, and the table of scores with them.
                _wait("a score of each table", lambda: _scored(client) == 14)
                assert sum(client.get("/overview").json()["counts"].values()) == 8
            process.send_signal(signal.SIGTERM)
            told, logged = process.communicate(timeout=40)
            assert process.returncode == 0, logged[-2000:]
            assert "Loading TPC-H at scale factor 0.01\n" in told
            assert re.search(r"^  lineitem: \d+\.\d s$", told, re.MULTILINE), told
            assert "7 dynamic tables follow a stream of 200 orders a second" in told
            assert "/api/v1/preparation" not in logged  # requests are logged only if asked for
            assert not (home / "data" / "postmaster.pid").exists()
        finally:
            process.kill()
            process.communicate()


def _scored(client: httpx.Client) -> int:
    return sum(t["latest"] is not None for t in client.get("/quality/tables").json())


def _ready(demo: dict[str, Any]) -> dict[str, Any] | None:
    assert demo["error"] is None, demo
    return demo if demo["ready"] else None
