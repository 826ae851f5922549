"""One CREATE, one refresh and one request walk through the house as docs/walks.md draws it, and never back up."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import dyntables
from tests.server.conftest import serving
from tests.support.walks import Walk

DOCUMENT = Path(__file__).parents[2] / "docs" / "walks.md"
# What the compiler asks of the server, it asks a Protocol of its own (compiler.plan.environment) that is handed down.
ENVIRONMENT = "engines.postgres.definition.introspect.Introspection."


def _drawn(title: str) -> set[str]:
    """Return the rooms of the drawing under a title."""
    [drawing] = re.findall(rf"^## {title}\n.*?^```\n(.*?)^```", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    return set(re.findall(r"[a-z]+(?:\.[a-z_]+)*", re.sub(r"\(.*?\)", "", drawing)))


def _check(walk: Walk, title: str) -> None:
    climbs = [c for c in walk.climbs if ENVIRONMENT not in c]
    assert not climbs
    missing = {room for room in walk.rooms if room not in _drawn(title)}
    assert not missing, f"docs/walks.md does not draw {sorted(missing)}"


def test_a_create_and_a_refresh(database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (k integer, n integer); INSERT INTO s VALUES (1, 1), (2, 2)")
        with Walk() as create:
            client.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' AS SELECT k, sum(n) AS n FROM s GROUP BY k")
        client.execute("INSERT INTO s VALUES (1, 3)")
        with Walk() as refresh:
            result = client.execute("ALTER DYNAMIC TABLE t REFRESH")
    assert result.refreshes[0].action == "INCREMENTAL"
    _check(create, "One CREATE")
    _check(refresh, "One refresh")


def test_a_request(module_database: Callable[[], str]) -> None:
    url = module_database()
    with dyntables.connect(url) as client:
        client.execute("CREATE TABLE s (k integer); CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' AS SELECT k FROM s")
    # Entered before the server begins, whose threads are looked at from their beginning.
    with Walk() as walk, serving(url) as served:
        served.client.get("/api/v1/dynamic-tables")
        walk.steps.clear()
        answer = served.client.get("/api/v1/dynamic-tables")
        assert answer.status_code == 200, answer.text
        walk.end()
    _check(walk, "One request")


def test_a_climb_is_noticed() -> None:
    with Walk() as walk:
        walk.note("catalog.store", "load_all", "server.read.tables", "table_list")
    assert walk.climbs == {"catalog.store.load_all → server.read.tables.table_list"}
