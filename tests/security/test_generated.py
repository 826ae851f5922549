"""A few generated attacks; ``make attack`` runs as many as asked."""

from __future__ import annotations

import pytest

from tests.security.conftest import Stage
from tests.security.generated import attack


@pytest.mark.pg(15, 18)
def test_generated_attacks(stage: Stage) -> None:
    for seed in range(3):
        attack(stage, seed)
    assert len(stage.sprung("ran")) > 3
    stage.judge(*stage.traps)
