"""A small fixed part of the chaos suite; ``make chaos`` runs all of it."""

from __future__ import annotations

import pytest

from tests.chaos.campaign import run_campaign
from tests.chaos.faults import FAULTS


@pytest.mark.slow
@pytest.mark.parametrize(("version", "step"), [(18, 1), (15, 3)])
def test_faults_leave_right_tables_and_nothing_behind(version: int, step: int) -> None:
    """Each kind of fault once, or every third of them, at steps all over a refresh."""
    kinds = FAULTS[::step]
    tallies = run_campaign(version, len(kinds), 1, report=print, kinds=kinds)
    assert [v for tally in tallies.values() for v in tally.violations] == []
    assert sum(tally.faults for tally in tallies.values()) >= len(kinds) - 1
