"""The saw-tooth's figures, by hand."""

from __future__ import annotations

import pytest

from dyntables.health.teeth import Tooth, percentile, share_within


def test_a_tooth_is_within_as_long_as_it_is_below() -> None:
    assert share_within([Tooth(0, 100)], 60) == pytest.approx(0.6)
    assert share_within([Tooth(0, 10), Tooth(50, 80)], 60) == pytest.approx(20 / 40)
    assert share_within([Tooth(70, 80)], 60) == 0
    assert share_within([], 60) is None


def test_percentiles_weigh_by_time() -> None:
    assert percentile([Tooth(0, 100)], 0.5) == pytest.approx(50, abs=0.01)
    # Ninety seconds between 0 and 90, ten between 1000 and 1010.
    teeth = [Tooth(0, 90), Tooth(1000, 1010)]
    assert percentile(teeth, 0.5) == pytest.approx(50, abs=0.01)
    assert percentile(teeth, 0.95) == pytest.approx(1005, abs=0.01)
    assert percentile([], 0.5) is None
