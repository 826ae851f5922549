"""Facts: their words on the wire, and the bus that hands them on; no server is needed."""

from __future__ import annotations

import pytest

from dyntables.events import (
    AlertsChanged,
    Bus,
    Fact,
    OperationTold,
    PeopleChanged,
    QualityChanged,
    RefreshesRecorded,
    TableAltered,
    TableCreated,
    TableDropped,
)
from dyntables.events.codec import Told, decode, encode

TOLD: list[tuple[str, Told]] = [
    ("refresh 3 5", RefreshesRecorded(3, 5)),
    ("table insert 7", TableCreated(7)),
    ("table update 7", TableAltered(7)),
    ("table delete 7", TableDropped(7)),
    ("people", PeopleChanged()),
    ("quality", QualityChanged()),
    ("alerts", AlertsChanged()),
    ('operation {"a": " b"}', OperationTold('{"a": " b"}')),
]


@pytest.mark.parametrize(("payload", "fact"), TOLD)
def test_a_payload_is_a_fact_and_the_other_way_round(payload: str, fact: Told) -> None:
    assert decode(payload) == fact
    assert encode(fact) == payload


@pytest.mark.parametrize("payload", ["", "refresh", "refresh a 1", "table rename 7", "table insert", "peoples", "x 1"])
def test_what_another_version_says_is_passed_over(payload: str) -> None:
    assert decode(payload) is None


def test_all_listeners_hear_even_if_one_breaks() -> None:
    problems: list[Exception] = []
    heard: list[Fact] = []
    bus = Bus(problems.append)

    def breaks(fact: Fact) -> None:
        raise RuntimeError("a listener")

    bus.listen(breaks)
    leave = bus.listen(heard.append)
    bus.publish(TableCreated(1))
    leave()
    bus.publish(TableCreated(2))
    assert heard == [TableCreated(1)]
    assert [str(p) for p in problems] == ["a listener", "a listener"]
