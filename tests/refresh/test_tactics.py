"""Ways to compute a whole query: each is tried once, the fastest is used, a slow trial is given up."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

import dyntables
from dyntables.refresh.choice import tactics as module
from dyntables.refresh.choice.tactics import Tried, choose_tactic, dump_tried, learn_tactic, load_tried, tactics

GB = 2**30
LAG = "TARGET_LAG = '1 minute'"


def test_what_is_fast_is_not_experimented_with() -> None:
    ways = tactics(GB, early=False)
    assert choose_tactic(Tried(1), ways, 0) == (ways[0], None)
    assert ways[0].settings == {}
    tried = learn_tactic(Tried(1), ways[0].name, 0.5, 0)
    assert choose_tactic(tried, ways, 0) == (ways[0], None)


def test_each_way_is_tried_once_and_the_fastest_stays() -> None:
    ways = tactics(GB, early=True)
    seconds = {w.name: 9.0 - n for n, w in enumerate(ways)}
    tried, used = Tried(1), []
    for now in range(10):
        way, limit = choose_tactic(tried, ways, now)
        used.append(way.name)
        assert (limit is None) == (now == 0 or now >= len(ways))
        tried = learn_tactic(tried, way.name, seconds[way.name], now)
    assert sorted(used[: len(ways)]) == sorted(seconds)
    assert set(used[len(ways) :]) == {ways[-1].name}
    assert choose_tactic(tried, ways, 8 * 86_400)[0].name != ways[-1].name
    assert load_tried(json.loads(json.dumps(dump_tried(tried))), 1) == tried
    assert load_tried(dump_tried(tried), 2) == Tried(2)


def test_memory_follows_the_server() -> None:
    assert tactics(16 * GB, early=False)[-1].settings["work_mem"] == "262144kB"
    assert tactics(GB // 8, early=False)[-1].settings["work_mem"] == "65536kB"


@pytest.fixture
def dt(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[dyntables.Client]:
    monkeypatch.setattr(module, "_WORTH", 0.0)
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE d (id integer PRIMARY KEY, g text); CREATE TABLE f (d integer, x numeric)")
        client.execute("INSERT INTO d SELECT i, 'g' || i % 4 FROM generate_series(1, 50) i")
        client.execute("INSERT INTO f SELECT i % 60, i FROM generate_series(1, 2000) i")
        yield client


def known(dt: dyntables.Client) -> dict[str, list[float]]:
    found: dict[str, list[float]] = dt.execute("SELECT costs -> 'tactics' FROM dyntables.dynamic_table").rows[0][0]
    return found


@pytest.mark.pg(15, 18)
def test_every_way_gives_the_definition(dt: dyntables.Client) -> None:
    dt.execute(
        f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = FULL AS SELECT d.g, sum(f.x) AS x, count(DISTINCT d.id) AS n "
        "FROM f JOIN d ON d.id = f.d GROUP BY d.g"
    )
    for number in range(7):
        dt.execute(f"INSERT INTO f VALUES ({number + 1}, 0.5), (NULL, 1)")
        dt.execute("UPDATE dyntables.dynamic_table SET costs = costs - 'forms'")
        assert dt.execute("ALTER DYNAMIC TABLE t VERIFY").rows[0][1:4] == (True, 0, 0)
        if len(known(dt)) == 6:
            break
    assert set(known(dt)) == {f"{e}{w}" for e in ("", "EARLY_") for w in ("PLAIN", "HASHED", "SORTED")}


def test_a_slow_trial_is_given_up(dt: dyntables.Client) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = FULL AS SELECT id, pg_sleep(0.01)::text AS s FROM d")
    dt.execute("UPDATE dyntables.dynamic_table SET costs = jsonb_set(costs, '{tactics,PLAIN,0}', '0.1')")
    assert dt.execute("ALTER DYNAMIC TABLE t REFRESH").rows[0][1:3] == ("SUCCEEDED", "FULL")
    assert known(dt)["HASHED"][0] == pytest.approx(0.2)
    assert known(dt)["SORTED"][0] == pytest.approx(0.2)
    assert known(dt)["PLAIN"][0] > 0.25
    assert dt.execute("SELECT count(*), current_setting('statement_timeout') FROM t").rows == [(50, "0")]
