"""Rules are read by the server before anything is stored, checked exactly, and follow what they are about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import dyntables
from dyntables.errors import CatalogError, DyntablesError, InvalidOptionError, InvalidQueryError, NotFoundError


@pytest.fixture
def dt(database_url: str) -> Iterator[dyntables.Client]:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (id integer PRIMARY KEY, price numeric, word text, at timestamptz)")
        client.execute(
            "INSERT INTO s VALUES (1, 10, 'a', now()), (2, -5, 'b', now()), (3, NULL, '', now()), (4, 200, 'b', now())"
        )
        yield client


def checked(dt: dyntables.Client, table: str = "s") -> dict[str, tuple[object, ...]]:
    """Return (state, checked, failed) of each rule of a table."""
    return {row[0]: row[2:5] for row in dt.execute(f"CHECK QUALITY OF {table}").rows}


def test_rules_of_a_plain_table(dt: dyntables.Client) -> None:
    dt.execute("CREATE QUALITY RULE r ON s CHECK range(price, 0, 100) SEVERITY critical")
    dt.execute("CREATE QUALITY RULE n ON s CHECK not_null(price) TOLERANCE 1 ROWS")
    dt.execute("CREATE QUALITY RULE u ON s CHECK unique(word) WHERE (word <> '')")
    dt.execute("CREATE QUALITY RULE none ON s CHECK not_null(price) WHERE (id > 100)")
    assert checked(dt) == {
        "r": ("FAILED", 4, 2),
        "n": ("PASSED", 4, 1),
        "u": ("FAILED", 3, 2),
        "none": ("NOT_EVALUATED", 0, 0),
    }
    dt.execute("UPDATE s SET price = 7 WHERE price < 0; DELETE FROM s WHERE id = 4")
    assert checked(dt)["r"] == ("PASSED", 3, 0)
    assert checked(dt)["u"] == ("PASSED", 2, 0)
    [(score, health)] = dt.execute(
        "SELECT score, health FROM dyntables.quality_scores ORDER BY checked_at DESC LIMIT 1"
    ).rows
    assert (score, health) == (100.0, "HEALTHY")
    assert len(dt.execute("SELECT FROM dyntables.quality_results WHERE rule_name = 'r'").rows) == 3


def test_statements_on_rules(dt: dyntables.Client) -> None:
    dt.execute("CREATE QUALITY RULE r ON s CHECK range(price, 0, 100) COMMENT = 'prices'")
    with pytest.raises(CatalogError, match="already"):
        dt.execute("CREATE QUALITY RULE r ON s CHECK not_null(price)")
    dt.execute("CREATE OR REPLACE QUALITY RULE r ON s CHECK range(price, 0, 500)")
    dt.execute("ALTER QUALITY RULE r ON s SET SEVERITY info TOLERANCE 50 PERCENT WHERE (id < 4)")
    shown = dt.execute("SHOW QUALITY RULES ON s")
    row = dict(zip(shown.columns, shown.rows[0], strict=True))
    assert (row["severity"], row["tolerance"], row["tolerance_unit"], row["version"]) == ("INFO", 50, "PERCENT", 3)
    assert checked(dt) == {"r": ("PASSED", 3, 1)}
    dt.execute("ALTER QUALITY RULE r ON s SUSPEND")
    assert checked(dt) == {}
    dt.execute("ALTER QUALITY RULE r ON s RESUME")
    assert checked(dt) == {"r": ("PASSED", 3, 1)}
    dt.execute("DROP QUALITY RULE r ON s")
    dt.execute("DROP QUALITY RULE IF EXISTS r ON s")
    with pytest.raises(NotFoundError, match="no rule"):
        dt.execute("DROP QUALITY RULE r ON s")
    audited = "SELECT count(*) FROM dyntables.audit_trail WHERE action LIKE '%QUALITY RULE'"
    assert dt.execute(audited).rows[0][0] in (0, 6)


@pytest.mark.parametrize(
    ("statement", "error", "place", "message"),
    [
        ("CHECK range(pric, 0, 1)", InvalidQueryError, "pric", "does not exist"),
        ("CHECK expression(price >)", InvalidQueryError, None, "syntax error"),
        ("CHECK expression(nothing > 1)", InvalidQueryError, "n", "nothing"),
        ("CHECK expression(random() > price)", InvalidOptionError, "random() > price", "volatile"),
        ("CHECK expression(price)", InvalidQueryError, "price", "boolean"),
        ("CHECK expression(id IN (SELECT 1))", InvalidOptionError, "id IN (SELECT 1)", "subquery"),
        ("CHECK nonesuch(price)", InvalidOptionError, "nonesuch", "no rule"),
        ("CHECK range(price)", InvalidOptionError, "price", "takes 3"),
        ("CHECK format(word, mail)", InvalidOptionError, "mail", "not one of"),
        ("CHECK custom('SELECT 1 FROM nowhere')", InvalidQueryError, "n", "nowhere"),
        ("CHECK custom('SELECT random()')", InvalidOptionError, None, "volatile"),
        ("CHECK custom('SELECT 1; DROP TABLE s')", DyntablesError, None, "cannot insert multiple commands|syntax"),
        ("CHECK references(id, nowhere, id)", InvalidQueryError, "nowhere", "no table"),
        ("CHECK not_null(price) WHERE (pric > 0)", InvalidQueryError, "p", "pric"),
        ("CHECK not_null(price) ON VIOLATION BLOCK", InvalidOptionError, None, "dynamic table"),
        ("CHECK not_null(price) ON VIOLATION QUARANTINE", InvalidOptionError, None, "dynamic table"),
        ("CHECK unique(price) ON VIOLATION QUARANTINE", InvalidOptionError, None, "which rows are bad"),
        ("CHECK lag_met()", InvalidOptionError, "lag_met", "dynamic"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(
    dt: dyntables.Client, statement: str, error: type[DyntablesError], place: str | None, message: str
) -> None:
    with pytest.raises(error, match=message) as raised:
        dt.execute(f"CREATE QUALITY RULE r ON s {statement}")
    span = raised.value.span
    if place is not None:
        assert span is not None
        assert span.text[span.start : span.end] == place
    assert dt.execute("SELECT FROM dyntables.quality_rules").rows == []


def test_renamed_columns_are_followed_and_dropped_ones_disable(dt: dyntables.Client) -> None:
    dt.execute("CREATE QUALITY RULE e ON s CHECK expression(price > 0 OR word = 'price') WHERE (id > 0)")
    dt.execute("CREATE QUALITY RULE n ON s CHECK not_null(price)")
    dt.execute("CREATE QUALITY RULE u ON s CHECK unique(price)")
    dt.execute("CREATE QUALITY RULE other ON s CHECK not_blank(word)")
    before = checked(dt)
    dt.execute("ALTER TABLE s RENAME COLUMN price TO cost; ALTER TABLE s RENAME COLUMN id TO price")
    dt.execute("ALTER TABLE s RENAME TO renamed")
    assert checked(dt, "renamed") == before
    dt.execute("ALTER TABLE renamed DROP COLUMN cost")
    result = dt.execute("CHECK QUALITY OF renamed")
    assert {row[0]: row[2] for row in result.rows} == {
        "e": "NOT_EVALUATED",
        "n": "NOT_EVALUATED",
        "u": "NOT_EVALUATED",
        "other": "FAILED",
    }
    assert "is gone" in " ".join(result.notices)


def test_an_error_is_one_rule_s_own(dt: dyntables.Client) -> None:
    dt.execute("CREATE QUALITY RULE div ON s CHECK expression(1 / (id - 1) >= 0)")
    dt.execute("CREATE QUALITY RULE n ON s CHECK not_null(id)")
    assert checked(dt) == {"div": ("ERROR", 0, 0), "n": ("PASSED", 4, 0)}
    [(health, evaluated, active)] = dt.execute("SELECT health, evaluated, active FROM dyntables.quality_scores").rows
    assert (health, evaluated, active) == ("WARNING", 1, 2)
