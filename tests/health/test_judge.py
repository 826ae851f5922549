"""What is said of a table, case by case; no server is needed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dyntables.catalog.quality.results import Standing
from dyntables.health.judge import Ended, Health, Held, Known, Status, judge

CALM = Known(
    lag=10.0, target=60, scheduling_state="RUNNING", suspend_reason=None, failures=0, refreshes_by_itself=True,
    last=Ended("SUCCEEDED", None), held=None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "status", "health", "aspects"),
    [
        ({}, Status.FRESH, Health.HEALTHY, []),
        ({"lag": 60.0}, Status.FRESH, Health.HEALTHY, []),
        ({"lag": 60.1}, Status.LATE, Health.WARNING, ["freshness"]),
        ({"lag": 120.1}, Status.LATE, Health.CRITICAL, ["freshness"]),
        ({"lag": 1e6, "target": None}, Status.FRESH, Health.HEALTHY, []),
        ({"lag": None}, Status.NOT_INITIALIZED, Health.UNKNOWN, ["freshness"]),
        ({"last": Ended("FAILED", "x")}, Status.FAILING, Health.CRITICAL, ["refresh"]),
        ({"last": Ended("UPSTREAM_FAILED", "x"), "lag": 61}, Status.FAILING, Health.WARNING, ["refresh", "freshness"]),
        ({"scheduling_state": "SUSPENDED", "suspend_reason": "USER_SUSPENDED"}, Status.SUSPENDED, Health.WARNING,
         ["schedule"]),
        ({"scheduling_state": "SUSPENDED", "suspend_reason": "SUSPENDED_DUE_TO_ERRORS", "failures": 5},
         Status.FAILING, Health.WARNING, ["schedule"]),
        ({"target": None, "refreshes_by_itself": False}, Status.FRESH, Health.WARNING, ["schedule"]),
        ({"quality": Standing(2, 100.0, "HEALTHY", 0, 2, None)}, Status.FRESH, Health.HEALTHY, []),
        ({"quality": Standing(2, 85.0, "WARNING", 1, 2, None)}, Status.FRESH, Health.WARNING, ["quality"]),
        ({"quality": Standing(2, 49.0, "ERROR", 2, 2, None)}, Status.FRESH, Health.CRITICAL, ["quality"]),
        ({"quality": Standing(2, None, None, 0, 0, None)}, Status.FRESH, Health.UNKNOWN, ["quality"]),
        ({"quality": Standing(2, None, "UNKNOWN", 0, 2, None), "lag": 61.0}, Status.LATE, Health.WARNING,
         ["freshness", "quality"]),
        ({"held": Held(1.9, 7, "a", "idle", None)}, Status.FRESH, Health.HEALTHY, []),
        ({"held": Held(2.0, 7, "a", "idle", None)}, Status.FRESH, Health.WARNING, ["lock"]),
    ],
)  # fmt: skip
def test_a_table_is_judged(change: dict[str, object], status: Status, health: Health, aspects: list[str]) -> None:
    found = judge(replace(CALM, **change))  # type: ignore[arg-type]
    assert (found.status, found.health, [c.aspect for c in found.causes]) == (status, health, aspects)
