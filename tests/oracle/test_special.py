"""A few cases of every special kind; ``make fuzz`` runs more of them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from dyntables.engines.postgres.embedded import EmbeddedServer
from tests.oracle.generation.laboratory import Laboratory, laboratory
from tests.oracle.generation.search import search
from tests.oracle.generation.special.kinds import KINDS
from tests.support.servers import create_database, drop_database

# These have tests of their own.
ELSEWHERE = {"raising", "types"}
EXAMPLES = int(os.environ.get("DYNTABLES_SPECIAL", "3"))


@pytest.fixture(scope="module")
def lab(server18: EmbeddedServer) -> Iterator[Laboratory]:
    name = f"special_{os.getpid()}"
    with laboratory(create_database(server18, name)) as made:
        yield made
    drop_database(server18.url, name)


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - ELSEWHERE))
def test_cases_of_a_kind(lab: Laboratory, kind: str) -> None:
    special = KINDS[kind]
    before = lab.tally.histories
    search(lab, special.check(lab), examples=max(EXAMPLES // special.effort, 1), kind=special.cases(lab))
    assert lab.tally.histories > before
