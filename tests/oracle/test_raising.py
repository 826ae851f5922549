"""Expressions that can fail: generated definitions and histories, in which the definition itself may fail at times."""

from __future__ import annotations

from tests.oracle.generation.laboratory import laboratory
from tests.oracle.generation.search import search
from tests.oracle.generation.special.raising import Watch, raising_cases

EXAMPLES = 16


def test_random_histories_of_what_can_fail(database_url: str) -> None:
    with laboratory(database_url) as lab:
        watch = Watch(lab)
        search(lab, watch.check, examples=EXAMPLES, kind=raising_cases())
        assert min(watch.ends[end] for end in ("INCREMENTAL", "FAILED")) > 0, watch.ends
