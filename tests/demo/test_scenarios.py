"""Each scenario at a tiny scale: every step is done, every check holds, and the refreshes are those that it teaches."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import psycopg
import pytest

import dyntables
from dyntables.demo.scenarios import find_scenario, scenarios
from dyntables.demo.scenarios.player import Player
from dyntables.demo.scenarios.progress import State
from dyntables.demo.scenarios.stage import Stage
from dyntables.demo.tpch.load import load
from dyntables.errors import InvalidOptionError, LockNotAvailableError, NotFoundError
from tests.support.servers import drop_database

# What the scenarios teach: by which actions each of their tables is refreshed after its creation.
ACTIONS = {
    "race": {"race_incremental": "INCREMENTAL", "race_full": "FULL", "race_adaptive": "FULL, INCREMENTAL"},
    "chain": dict.fromkeys(("daily", "weekly", "busiest", "report", "shares", "tops"), "INCREMENTAL"),
    "quality": {"suspects": "INCREMENTAL", "score": "INCREMENTAL", "prices": "INCREMENTAL, REINITIALIZE"},
    "workshop": {
        "dearest": "INCREMENTAL", "recent": "FULL, INCREMENTAL", "slow": "FULL", "cheap": "INCREMENTAL", "dear": "FULL",
    },
    "trust": {"balances": "INCREMENTAL"},
    "yours": {},
}  # fmt: skip
NEEDS = {"quarantine": "quarantine", "alert": "alerts"}
HISTORY = """
SELECT name, string_agg(DISTINCT refresh_action, ', ' ORDER BY refresh_action) FROM dyntables.refresh_history
WHERE schema_name = %s AND refresh_trigger <> 'CREATION' AND refresh_action <> 'NO_DATA' AND state = 'SUCCEEDED'
GROUP BY name
"""


@pytest.fixture(scope="module")
def url(server18_url: str) -> Iterator[str]:
    """One database with TPC-H for all; each learner has a schema."""
    with psycopg.connect(server18_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE scenarios TEMPLATE template0")
    url = re.sub(r"/\w+(\?|$)", r"/scenarios\1", server18_url)
    load(url, scale=0.01)
    dyntables.connect(url).close()
    yield url
    drop_database(server18_url, "scenarios")


def test_there_are_six_in_order() -> None:
    assert [s.id for s in scenarios()] == list(ACTIONS)
    with pytest.raises(NotFoundError, match="no scenario"):
        find_scenario("nonsense")


@pytest.mark.parametrize("id", ACTIONS)
def test_every_check_holds_and_the_refreshes_are_those_that_it_teaches(url: str, id: str) -> None:
    with Stage(url, find_scenario(id), "auto") as stage:
        stage.prepare(0.01)
        outcomes = list(Player(stage).auto())
        assert len(outcomes) == len(stage.scenario.steps)
        for outcome in outcomes:
            if outcome.state is State.UNAVAILABLE:
                assert f"needs {NEEDS[outcome.step.id]}," in outcome.says
            else:
                assert outcome.state is State.DONE, outcome
                assert outcome.checks
        assert dict(stage.connection.execute(HISTORY, [stage.schema]).fetchall()) == ACTIONS[id]
        stage.reset()
        left = stage.connection.execute(
            "SELECT count(*) FROM dyntables.dynamic_tables WHERE schema_name = %s", [stage.schema]
        ).fetchone()
        assert left == (0,)
        assert not stage.progress.begun


def test_progress_outlives_the_process_and_can_be_skipped_repeated_and_reset(url: str) -> None:
    scenario = find_scenario("yours")
    with Stage(url, scenario, "ann") as stage:
        stage.prepare(0.01)
        player = Player(stage)
        assert player.do(scenario.steps[0]).state is State.DONE
        player.skip(scenario.steps[1])
    with Stage(url, scenario, "ann") as stage:
        player = Player(stage)
        stage.prepare(0.01)
        assert [state for _, state in player.standing()][:3] == [State.DONE, State.SKIPPED, State.TO_DO]
        assert player.present() is scenario.steps[2]
        failed = player.do(scenario.steps[2])
        assert failed.state is State.FAILED
        assert "Not done before it: Create it." in failed.says
        player.repeat(scenario.steps[1])
        assert player.present() is scenario.steps[1]
        assert [o.state for o in player.auto()] == [State.DONE] * 4
        assert list(player.auto()) == []
        stage.reset()
        stage.prepare(0.01)
        assert player.present() is scenario.steps[0]


def test_a_check_says_what_is_missing_until_the_learner_has_done_it(url: str) -> None:
    scenario = find_scenario("yours")
    create = scenario.step("create")
    assert create is not None
    with Stage(url, scenario, "bob", {"source": "visits", "column": "seconds"}) as stage:
        stage.prepare(0.01)
        player = Player(stage)
        before = player.check(create)
        assert before.state is State.FAILED
        stage.session().execute(
            "CREATE DYNAMIC TABLE mine TARGET_LAG = '1 day' AS SELECT seconds, count(*) AS rows FROM visits GROUP BY 1"
        )
        after = player.check(create)
        assert after.state is State.DONE, after
        assert after.shown.rows == [(stage.schema, "visits", "COMPLETE", 1)]
        stage.reset()


def test_learners_do_not_meet_and_one_learner_plays_once_at_a_time(url: str) -> None:
    scenario = find_scenario("yours")
    with Stage(url, scenario, "eve") as eve, Stage(url, scenario, "fay") as fay:
        assert eve.schema != fay.schema
        with pytest.raises(LockNotAvailableError, match="being played by eve already"):
            Stage(url, scenario, "eve")


@pytest.mark.parametrize(
    ("learner", "given", "message"),
    [
        ("Not this", {}, "cannot be the name of a learner"),
        ("gus", {"colour": "red"}, 'has no setting "colour"'),
    ],
)
def test_what_is_given_is_checked(url: str, learner: str, given: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidOptionError, match=message):
        Stage(url, find_scenario("yours"), learner, given)


def test_a_name_that_is_given_stays_a_name(url: str) -> None:
    scenario = find_scenario("yours")
    with Stage(url, scenario, "hal", {"source": 'visits"; DROP TABLE visits; --'}) as stage:
        stage.prepare(0.01)
        assert Player(stage).do(scenario.steps[0]).state is State.FAILED
        assert stage.session().execute("SELECT count(*) FROM visits").rows == [(5000,)]
        stage.reset()


@pytest.mark.rare
def test_each_is_played_within_three_minutes_at_scale_factor_a_tenth(database_url: str) -> None:
    load(database_url, scale=0.1)
    for scenario in scenarios():
        with Stage(database_url, scenario, "timed") as stage:
            started = time.monotonic()
            stage.prepare(0.1)
            states = {outcome.step.id: outcome.state for outcome in Player(stage).auto()}
            assert time.monotonic() - started < 180, scenario.id
            assert set(states) == {step.id for step in scenario.steps}, states
            assert State.FAILED not in states.values(), states
            stage.reset()
