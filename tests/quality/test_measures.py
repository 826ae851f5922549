"""What rules measure is kept with each refresh, from what that changes, and is what a scan gives."""

from __future__ import annotations

import random

import pytest

import dyntables
from dyntables.compiler.quality.catalogue import KINDS
from dyntables.errors import QualityBlockedError
from tests.quality.test_histories import LAWS, change, scan

KEPT = [law for law in LAWS if KINDS[law.check.split("(")[0]].scans is None]
MEASURED = """
SELECT r.rule_name, (m.value ->> 2)::integer, (m.value ->> 3)::integer FROM dyntables.dynamic_table t
JOIN dyntables.quality_measure q ON q.dynamic_table_id = t.id AND q.change_version = t.change_version,
jsonb_each(q.measures) m JOIN dyntables.quality_rule r ON r.id = m.key::bigint AND r.version = (m.value ->> 0)::integer
WHERE t.table_name = 't'
"""


def measured(dt: dyntables.Client) -> dict[str, tuple[int, int]]:
    """Return what is kept of the present contents of t: how much was checked of each rule, and failed."""
    return {name: (checked, failed) for name, checked, failed in dt.execute(MEASURED).rows}


def scanned(dt: dyntables.Client) -> dict[str, tuple[int, int]]:
    """Return the same by other words."""
    return {f"r{number}": scan(dt, "t", law) for number, law in enumerate(KEPT)}


@pytest.mark.parametrize(
    ("mode", "query"),
    [
        ("INCREMENTAL", "SELECT id, k, n, w FROM s"),
        ("INCREMENTAL", "SELECT s.id, s.k, s.n, s.w FROM s JOIN other ON s.n >= other.key"),
        ("INCREMENTAL", "SELECT min(id) AS id, k, sum(n) AS n, max(w) AS w FROM s GROUP BY k"),
        ("INCREMENTAL", "SELECT min(id) AS id, k, sum(n) AS n, max(w) AS w FROM s GROUP BY k HAVING count(*) > 1"),
        ("INCREMENTAL", "SELECT DISTINCT ON (k) id, k, n, w FROM s ORDER BY k, id"),
        ("FULL", "SELECT s.id, s.k, s.n, s.w FROM s JOIN other ON s.n >= other.key"),
    ],
)
def test_measures_are_what_a_scan_gives(dt: dyntables.Client, mode: str, query: str) -> None:
    rng = random.Random(7)
    dt.execute(f"CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' REFRESH_MODE = {mode} AS {query}")
    for number, law in enumerate(KEPT):
        dt.execute(f"CREATE QUALITY RULE r{number} ON t CHECK {law.check}")
    shown = dt.execute("SHOW QUALITY RULES ON t")
    assert {row[shown.columns.index("evaluation")] for row in shown.rows} == {"INCREMENTAL"}
    assert measured(dt) == {}
    did = set()
    for _ in range(14):
        text = change(rng)
        dt.execute(text)
        [done] = dt.execute("ALTER DYNAMIC TABLE t REFRESH").refreshes
        did.add(done.action)
        if done.action == "INCREMENTAL":
            assert mode == "INCREMENTAL"
        if measured(dt) or done.rows_inserted or done.rows_deleted:
            assert measured(dt) == scanned(dt), text
        [(equal,)] = [row[1:2] for row in dt.execute("ALTER DYNAMIC TABLE t VERIFY").rows]
        assert equal
    assert mode in did
    found = {row[0]: row[3:5] for row in dt.execute("CHECK QUALITY OF t").rows}
    assert found == scanned(dt) == measured(dt)


def test_refreshes_record_what_they_measure(dt: dyntables.Client) -> None:
    dt.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS SELECT id, k, n FROM s")
    dt.execute("CREATE QUALITY RULE positive ON t CHECK expression(n > -100)")
    dt.execute("CREATE QUALITY RULE few ON t CHECK row_count(1, 25)")
    dt.execute("CREATE QUALITY RULE share ON t CHECK category_share(k, 1, 0.01, 0.5)")
    dt.execute("CREATE QUALITY RULE alone ON t CHECK unique(id)")
    dt.execute("CHECK QUALITY OF t")
    dt.execute("INSERT INTO s (k, n) VALUES (1, -200), (1, -300)")
    [done] = dt.execute("ALTER DYNAMIC TABLE t REFRESH").refreshes
    assert done.action == "INCREMENTAL"
    found = dt.execute(
        "SELECT rule_name, state, checked, failed FROM dyntables.quality_results WHERE data_timestamp = "
        "(SELECT data_timestamp FROM dyntables.dynamic_table) ORDER BY rule_name"
    ).rows
    assert found == [("few", "FAILED", 1, 1), ("positive", "FAILED", 26, 2), ("share", "PASSED", 1, 0)]
    [(score, evaluated, active)] = dt.execute(
        "SELECT score, evaluated, active FROM dyntables.quality_scores ORDER BY checked_at DESC LIMIT 1"
    ).rows
    assert (evaluated, active) == (4, 4)
    assert score < 79
    assert dt.execute("ALTER DYNAMIC TABLE t REFRESH").refreshes[0].action == "NO_DATA"
    count = "SELECT count(*) FROM dyntables.quality_results"
    assert dt.execute(count).rows == [(7,)]
    dt.execute("DELETE FROM s WHERE n < -100")
    dt.execute("ALTER DYNAMIC TABLE t REFRESH")
    assert measured(dt) == {"positive": (24, 0), "few": (1, 0), "share": (1, 0)}


@pytest.mark.parametrize("mode", ["INCREMENTAL", "FULL"])
def test_a_volume_is_compared_with_the_one_before(dt: dyntables.Client, mode: str) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' REFRESH_MODE = {mode} AS SELECT id FROM s")
    dt.execute("CREATE QUALITY RULE volume ON t CHECK volume_change(20) ON VIOLATION BLOCK")
    [row] = dt.execute("CHECK QUALITY OF t").rows
    assert row[2] == "NOT_EVALUATED"
    dt.execute("DELETE FROM s WHERE id <= 4")
    assert dt.execute("ALTER DYNAMIC TABLE t REFRESH").refreshes[0].action == mode
    assert dt.execute("CHECK QUALITY OF t").rows[0][2] == "PASSED"
    dt.execute("DELETE FROM s WHERE id <= 9")
    with pytest.raises(QualityBlockedError, match="volume"):
        dt.execute("ALTER DYNAMIC TABLE t REFRESH")
    dt.execute("TRUNCATE s; INSERT INTO s (n) SELECT generate_series(1, 30)")
    with pytest.raises(QualityBlockedError, match="volume"):
        dt.execute("ALTER DYNAMIC TABLE t REFRESH")
    assert dt.execute("SELECT count(*) FROM t").rows == [(20,)]
    dt.execute("DELETE FROM s WHERE n > 24")
    done = dt.execute("ALTER DYNAMIC TABLE t REFRESH").refreshes[0]
    assert done.action == ("FULL" if mode == "FULL" else "REINITIALIZE")
    assert dt.execute("SELECT count(*) FROM t").rows == [(24,)]


def test_a_changed_rule_is_measured_anew(dt: dyntables.Client) -> None:
    dt.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS SELECT id, n FROM s")
    dt.execute("CREATE QUALITY RULE r ON t CHECK range(n, 0, 100)")
    dt.execute("CHECK QUALITY OF t")
    dt.execute("CREATE OR REPLACE QUALITY RULE r ON t CHECK range(n, 10, 100)")
    dt.execute("INSERT INTO s (n) VALUES (5), (15)")
    assert dt.execute("ALTER DYNAMIC TABLE t REFRESH").refreshes[0].action == "INCREMENTAL"
    [(failed,)] = dt.execute("SELECT count(*) FROM t WHERE n NOT BETWEEN 10 AND 100").rows
    assert measured(dt) == {"r": (26, failed)}


def test_what_the_clock_decides_is_looked_at(dt: dyntables.Client) -> None:
    dt.execute("CREATE TABLE seen (at timestamptz)")
    dt.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS SELECT at FROM seen")
    dt.execute("CREATE QUALITY RULE recent ON t CHECK range(at, now() - interval '1 second', NULL)")
    dt.execute("CREATE QUALITY RULE local ON t CHECK expression(at::date > '2000-01-01')")
    shown = dt.execute("SELECT evaluation, evaluation_reason FROM dyntables.quality_rules").rows
    assert [(e, "time or on settings" in why) for e, why in shown] == [("SCAN", True)] * 2
    dt.execute("INSERT INTO seen VALUES (now())")
    assert dt.execute("ALTER DYNAMIC TABLE t REFRESH").refreshes[0].action == "INCREMENTAL"
    dt.execute("SELECT pg_sleep(1.1)")
    assert {row[0]: row[4] for row in dt.execute("CHECK QUALITY OF t").rows} == {"recent": 1, "local": 0}


def test_frozen_rows_stay_checked(dt: dyntables.Client) -> None:
    dt.execute("CREATE TABLE seen (at timestamptz, n integer)")
    dt.execute("INSERT INTO seen SELECT now() - i * interval '1 hour', i - 3 FROM generate_series(0, 9) i")
    dt.execute(
        "CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL "
        "FROZEN WHERE (at < now() - interval '1 second') AS SELECT at, n FROM seen"
    )
    dt.execute("CREATE QUALITY RULE r ON t CHECK expression(n > 0)")
    dt.execute("CHECK QUALITY OF t")
    for number in range(3):
        dt.execute(f"SELECT pg_sleep(1.1); INSERT INTO seen VALUES (now(), -1), (now(), {number})")
        dt.execute("UPDATE seen SET n = n - 1 WHERE at > now() - interval '1 second'")
        assert dt.execute("ALTER DYNAMIC TABLE t REFRESH").refreshes[0].action == "INCREMENTAL"
        [row] = dt.execute("SELECT count(*), count(*) FILTER (WHERE n <= 0) FROM t").rows
        assert measured(dt) == {"r": row}
