"""docs/sql-support.md says what the compiler says, and what it calls incremental is."""

from __future__ import annotations

import pytest

import dyntables
from dyntables.compiler.reasons import HINTS, Reason
from tools.sql_support_page import PAGE, Answer, answers, sql_support_page

# One transaction each.
CHANGES = [
    "INSERT INTO t (id, k, n, g, price, day, at, tags, doc, f, r) "
    "SELECT i, nullif(i % 3, 0), i % 4, chr(97 + i % 2), i, current_date - i, now() - i * interval '1 hour', "
    "ARRAY['x', chr(97 + i)], jsonb_build_object('a', i), i, "
    "int4range(i, 9) FROM generate_series(1, 8) i; "
    "INSERT INTO u SELECT i, nullif(i % 4, 0), i % 3, chr(97 + i), ARRAY[chr(97 + i)] FROM generate_series(1, 3) i",
    "UPDATE t SET k = 2, n = n + 1, g = NULL WHERE id IN (2, 3); UPDATE u SET k = 1 WHERE id = 3; "
    "DELETE FROM t WHERE id IN (1, 8); DELETE FROM u WHERE id = 1; INSERT INTO parted VALUES (1)",
]


# Sums of floats depend on the order of the rows, so the last digit may differ from the definition run at once.
INEXACT = {"statistics of floats"}


ELSEWHERE = {
    Reason.SETTING,
    Reason.SUBSCRIPTION,
    Reason.RIGHTS,
    Reason.PARTITION,
    Reason.UNLOGGED_TABLE,
    Reason.TOO_DEEP,
    Reason.TOO_LARGE,
    Reason.NOT_PLANNED,
}


@pytest.fixture
def found(database_url: str) -> dict[str, list[Answer]]:
    return answers(database_url)


def test_the_page_is_up_to_date(found: dict[str, list[Answer]]) -> None:
    assert PAGE.read_text() == sql_support_page(found), "run make docs"


def test_every_reason_has_an_example_a_place_and_a_hint(found: dict[str, list[Answer]]) -> None:
    assert set(HINTS) == set(Reason)
    reasons = [(a.construct.name, a.reason) for rows in found.values() for a in rows if a.reason is not None]
    # These need another database, role, kind of table or a query of some size; NOT_PLANNED is a fault of ours.
    assert {reason["reason"] for _, reason in reasons} == set(Reason) - ELSEWHERE
    for name, reason in reasons:
        assert reason["place"] is not None, name
        assert reason["hint"].endswith("."), name


def test_what_is_called_incremental_follows_changes(database_url: str, found: dict[str, list[Answer]]) -> None:
    kept = [a.construct for rows in found.values() for a in rows if a.mode == "INCREMENTAL"]
    queries = [construct.sql for construct in kept if construct.name not in INEXACT]
    assert len(queries) > 60
    with dyntables.connect(database_url) as client:
        for number, query in enumerate(queries):
            client.execute(f"CREATE DYNAMIC TABLE d{number} TARGET_LAG = '1 minute' AS {query}")
        for change in CHANGES:
            client.execute(f"BEGIN; {change}; COMMIT")
            for number, query in enumerate(queries):
                result = client.execute(f"ALTER DYNAMIC TABLE d{number} VERIFY")
                row = dict(zip(result.columns, result.rows[0], strict=True))
                assert row["equal"], (query, change)
                # A recursion follows added rows only.
                rebuilt = {"REINITIALIZE"} if "RECURSIVE" in query else set()
                assert row["action"] in {"INCREMENTAL", "NO_DATA"} | rebuilt, (query, row)
