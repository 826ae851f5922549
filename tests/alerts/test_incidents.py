"""Which alerts belong together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dyntables.alerts.incidents import clusters
from dyntables.alerts.model import Alert, Severity, Standing, State

T = datetime(2026, 1, 5, tzinfo=UTC)


def firing(table_id: int | None, rule: str = "late", after: int = 0) -> Alert:
    labels = {"rule": rule, "table": str(table_id)}
    return Alert(1, rule, Severity.ERROR, labels, Standing(State.FIRING, T + timedelta(seconds=after)), table_id)


def test_a_root_and_what_follows_from_it_are_one_and_keep_together_when_the_root_is_gone() -> None:
    root, above, other = firing(1, "failed", 5), firing(2), firing(3)
    over = {above.fingerprint: root.fingerprint}
    found = sorted(clusters([above, root, other], over, {}), key=lambda c: -len(c.members))
    assert [(c.incidents, c.root) for c in found] == [((), root), ((), other)]
    assert found[0].members == {root.fingerprint, above.fingerprint}
    of = {above.fingerprint: 7, root.fingerprint: 7}
    assert [(c.incidents, c.root) for c in clusters([above], {}, of)] == [((7,), above)]


def test_alerts_of_one_table_are_one_and_incidents_that_turn_out_to_be_one_are_merged() -> None:
    late, failed, above = firing(1), firing(1, "failed", 9), firing(2)
    over = {late.fingerprint: failed.fingerprint, above.fingerprint: failed.fingerprint}
    (found,) = clusters([late, failed, above], over, {late.fingerprint: 4, above.fingerprint: 3})
    assert (found.incidents, found.root) == ((3, 4), failed)
    assert len(clusters([firing(None, "a"), firing(None, "b")], {}, {})) == 2


@given(
    st.sets(st.tuples(st.integers(0, 5), st.sampled_from("abc")), max_size=12),
    st.dictionaries(st.integers(0, 11), st.integers(0, 11), max_size=8),
    st.dictionaries(st.integers(0, 11), st.integers(1, 4), max_size=8),
)
def test_every_alert_is_in_one_cluster_and_no_incident_in_two(
    pairs: set[tuple[int, str]], follows: dict[int, int], of: dict[int, int]
) -> None:
    alerts = [firing(table, rule) for table, rule in sorted(pairs)]
    prints = [a.fingerprint for a in alerts]
    over = {prints[i]: prints[j] for i, j in follows.items() if max(i, j) < len(prints) and i != j}
    found = clusters(alerts, over, {prints[i]: number for i, number in of.items() if i < len(prints)})
    members = [f for c in found for f in c.members]
    assert sorted(members) == sorted(prints)
    numbers = [n for c in found for n in c.incidents]
    assert len(numbers) == len(set(numbers))
    for cluster in found:
        assert cluster.root.fingerprint in cluster.members
        assert all(over[f] in cluster.members for f in cluster.members if f in over)
