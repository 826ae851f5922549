"""What alerts leave behind is bounded: the leader's housekeeping deletes it with the history."""

from __future__ import annotations

import psycopg

import dyntables
from dyntables.refresh.logs.prune import prune_history

_FILL = """
INSERT INTO dyntables.alert (fingerprint, rule_id, labels, state, since)
    SELECT f, r.id, '{"rule": "late", "kind": "freshness", "severity": "error"}', state, now() - age
    FROM dyntables.alert_rule r, (VALUES
        ('over', 'resolved', interval '31 days'), ('young', 'resolved', '1 day'), ('fires', 'firing', '90 days'),
        ('believed', 'resolved', '31 days')) v (f, state, age) WHERE r.name = 'late';
INSERT INTO dyntables.alert_event (fingerprint, labels, before, after, reason, at)
    SELECT 'over', '{}', 'normal', 'firing', 'CONDITION_MET', now() - n * interval '1 day'
    FROM generate_series(1, 60) n;
INSERT INTO dyntables.alert_message (channel, group_key, telling, body, state, created_at)
    SELECT 'hook', state, 'FIRST', '{}', state, now() - interval '31 days'
    FROM unnest(ARRAY['WAITING', 'SENDING', 'SENT', 'DEAD']) state;
INSERT INTO dyntables.alert_silence (matchers, starts_at, ends_at, author, reason) VALUES
    ('{a=b}', now() - interval '40 days', now() - interval '31 days', 'ada', 'x'),
    ('{a=b}', now() - interval '40 days', now() + interval '1 day', 'ada', 'x');
INSERT INTO dyntables.alert_group (channel, key, told_at, told) VALUES
    ('hook', 'over', now() - interval '31 days', '{}'), ('hook', 'never', NULL, '{}'),
    ('hook', 'believes', now() - interval '31 days', '{believed}'), ('hook', 'young', now(), '{}');
"""


def test_what_is_over_goes_with_the_history_and_what_is_owed_stays(database_url: str) -> None:
    dyntables.connect(database_url).close()
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(_FILL)
        # One alert, thirty events and that of just now's age, two messages, a silence, two groups.
        assert prune_history(connection) == 1 + 31 + 2 + 1 + 2
        assert prune_history(connection) == 0

        def left(what: str) -> set[str]:
            return {value for (value,) in connection.execute(what).fetchall()}

        assert left("SELECT fingerprint FROM dyntables.alert") == {"young", "fires", "believed"}
        assert left("SELECT state FROM dyntables.alert_message") == {"WAITING", "SENDING"}
        assert left("SELECT key FROM dyntables.alert_group") == {"believes", "young"}
        assert left("SELECT count(*) FROM dyntables.alert_event") == {29}
        assert left("SELECT count(*) FROM dyntables.alert_silence") == {1}
