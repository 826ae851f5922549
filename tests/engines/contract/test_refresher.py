"""The refresher over an engine that is not PostgreSQL: policy asks the port, and nothing behind it."""

from __future__ import annotations

import random

import dyntables
from dyntables.catalog import store
from dyntables.catalog.model import Action, RefreshReason, Trigger
from dyntables.engines.postgres.connection.session import connect
from dyntables.refresh.result import RefreshResult
from dyntables.refresh.runner import Refresher
from tests.engines.contract.laboratory import TinyLaboratory, laboratory, random_write
from tests.support.tiny import TinyEngine

TABLES = {
    "joined": "SELECT s.id, s.n, u.label FROM s JOIN u ON u.k = s.k",
    "summed": "SELECT label, count(*) AS rows, sum(n) AS total FROM joined GROUP BY label",
    "listed": "SELECT DISTINCT k FROM s",
}


def test_tables_over_tables_follow_their_sources(database_url: str) -> None:
    chance = random.Random(7)
    with (
        laboratory("tiny", database_url) as lab,
        dyntables.connect(database_url) as client,
        connect(database_url) as connection,
    ):
        assert isinstance(lab, TinyLaboratory)
        for name, query in TABLES.items():
            client.execute(
                f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL "
                f"INITIALIZE = ON_SCHEDULE AS {query}"
            )
        refresher = Refresher(connection, TinyEngine(lab.database, connection))
        _write(lab, chance, 4)
        first = _refresh(lab, refresher)
        assert {(r.action, r.reason) for r in first} == {(Action.REINITIALIZE, RefreshReason.INITIAL)}
        actions = set()
        for _ in range(6):
            _write(lab, chance, 2)
            actions |= {r.action for r in _refresh(lab, refresher)}
        assert actions == {Action.INCREMENTAL} or actions == {Action.INCREMENTAL, Action.NO_DATA}
        assert {r.action for r in _refresh(lab, refresher)} == {Action.NO_DATA}


def _write(lab: TinyLaboratory, chance: random.Random, times: int) -> None:
    for _ in range(times):
        lab.write(random_write(chance))


def _refresh(lab: TinyLaboratory, refresher: Refresher) -> list[RefreshResult]:
    """Refresh all tables, and compare each with its definition."""
    tables = store.load_all(lab.control)
    results = refresher.refresh(tables, Trigger.MANUAL)
    for result in results:
        assert result.error is None, result
    for found in refresher.verify(tables):
        assert found.equal, found
    return results
