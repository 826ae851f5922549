"""Full refresh in both forms: equal contents, exact counts, and deltas for the tables above."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

import dyntables
from dyntables.refresh.choice.form import Form, Forms, Seen, choose_form, dump_forms, learn_form, load_forms

LAG = "TARGET_LAG = '1 minute'"
WEEK = 7 * 86_400.0


@pytest.fixture
def dt(database_url: str) -> Iterator[dyntables.Client]:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (k integer, n numeric, j json, a text[], f float8)")
        client.execute(
            "INSERT INTO s SELECT i % 500, i % 7, json_build_object('a', i % 3), ARRAY[i % 2]::text[], i % 5 "
            "FROM generate_series(1, 3000) i"
        )
        yield client


def refresh(dt: dyntables.Client, name: str = "t") -> dict[str, Any]:
    dt.execute(f"ALTER DYNAMIC TABLE {name} REFRESH")
    result = dt.execute(
        "SELECT refresh_action AS action, refresh_reason AS reason, full_form AS form, rows_inserted AS ins, "
        f"rows_deleted AS del FROM dyntables.refresh_history WHERE name = '{name}' ORDER BY refresh_id DESC LIMIT 1"
    )
    return dict(zip(result.columns, result.rows[0], strict=True))


def next_form(dt: dyntables.Client, form: Form) -> None:
    """Make one form look far cheaper."""
    other = Form.SWAP if form is Form.DIFF else Form.DIFF
    dt.execute(
        "UPDATE dyntables.dynamic_table SET costs = jsonb_set(costs, '{forms}', jsonb_build_object("
        f"'{form}', jsonb_build_array(0.0001, extract(epoch FROM now()), 0), "
        f"'{other}', jsonb_build_array(1000, extract(epoch FROM now()), 0)))"
    )


def equal(dt: dyntables.Client, *names: str) -> bool:
    return all(dt.execute(f"ALTER DYNAMIC TABLE {name} VERIFY").rows[0][1] is True for name in names)


CHANGES = [
    ("SELECT 1", 0, 0),
    ("INSERT INTO s SELECT 1, NULL, NULL, NULL, 'NaN' FROM generate_series(1, 2)", 2, 0),
    ("INSERT INTO s VALUES (NULL, 1.0, '{}', '{}', 0)", 1, 0),
    ("DELETE FROM s WHERE ctid = (SELECT min(ctid) FROM s WHERE f = 'NaN')", 0, 1),
    ("UPDATE s SET n = 1.00 WHERE k IS NULL", 1, 1),
    ("UPDATE s SET j = '{ }' WHERE k IS NULL", 1, 1),
    ("UPDATE s SET k = k + 1000 WHERE k < 50", 301, 301),
    ("DELETE FROM s WHERE k = 60", 0, 6),
]  # fmt: skip


@pytest.mark.pg(15, 18)
def test_only_what_differs_is_applied(dt: dyntables.Client) -> None:
    """Duplicates, NULLs, NaN, rows that are equal and print otherwise, types without equality."""
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = FULL AS SELECT k, n, j, a, f FROM s")
    dt.execute("CREATE TEMP TABLE before AS SELECT to_regclass('dyntables_data.t1_g1')::oid AS storage")
    for change, inserted, deleted in CHANGES:
        next_form(dt, Form.DIFF)
        dt.execute(change)
        assert refresh(dt) == {"action": "FULL", "reason": "FULL_MODE", "form": "DIFF", "ins": inserted, "del": deleted}
        assert equal(dt, "t")
    assert dt.execute("SELECT storage = to_regclass('dyntables_data.t1_g1') FROM before").rows == [(True,)]


@pytest.mark.pg(15, 18)
@pytest.mark.parametrize("form", list(Form))
def test_tables_above_stay_incremental(dt: dyntables.Client, form: Form) -> None:
    dt.execute(
        f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = FULL AS SELECT k, count(*) AS n, sum(n) AS x FROM s GROUP BY k"
    )
    dt.execute(f"CREATE DYNAMIC TABLE u {LAG} REFRESH_MODE = INCREMENTAL AS SELECT sum(n) AS n, max(x) AS x FROM t")
    for change, *_ in CHANGES:
        next_form(dt, form)
        dt.execute(change)
        done = refresh(dt, "u")
        below = dt.execute(
            "SELECT full_form, rows_inserted + rows_deleted FROM dyntables.refresh_history WHERE name = 't' "
            "ORDER BY refresh_id DESC LIMIT 1"
        ).rows[0]
        assert below[0] == form
        assert done["action"] == ("INCREMENTAL" if below[1] else "NO_DATA")
        assert equal(dt, "t", "u")


def test_too_much_difference_becomes_a_swap(dt: dyntables.Client) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = FULL AS SELECT k, n FROM s")
    next_form(dt, Form.DIFF)
    dt.execute("UPDATE s SET n = n + 1")
    assert refresh(dt) == {"action": "FULL", "reason": "FULL_MODE", "form": "SWAP", "ins": 3000, "del": 3000}
    assert equal(dt, "t")


def test_another_type_becomes_a_swap(dt: dyntables.Client) -> None:
    dt.execute("CREATE TABLE o (v integer); INSERT INTO o VALUES (1)")
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = FULL AS SELECT v FROM o")
    next_form(dt, Form.DIFF)
    dt.execute("ALTER TABLE o ALTER v TYPE text")
    assert refresh(dt)["form"] == "SWAP"
    assert dt.execute("SELECT v FROM t").rows == [("1",)]
    next_form(dt, Form.DIFF)
    dt.execute("INSERT INTO o VALUES ('x')")
    assert refresh(dt)["form"] == "DIFF"
    assert equal(dt, "t")


def test_both_forms_are_tried_and_counted(dt: dyntables.Client) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = FULL AS SELECT k, n FROM s")
    assert refresh(dt)["form"] == "DIFF"
    [(costs,)] = dt.execute("SELECT costs FROM dyntables.dynamic_table").rows
    assert set(costs["forms"]) == {"SWAP", "DIFF"}
    assert costs["rows"] == 3000
    next_form(dt, Form.SWAP)
    dt.execute("DELETE FROM s WHERE k = 3")
    assert refresh(dt) == {"action": "FULL", "reason": "FULL_MODE", "form": "SWAP", "ins": 2994, "del": 3000}


def test_a_failure_in_either_form_keeps_the_contents(dt: dyntables.Client) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = FULL AS SELECT k, 1 / (n + 1) AS x FROM s")
    kept = dt.execute("SELECT count(*), sum(x) FROM t").rows
    dt.execute("INSERT INTO s VALUES (1, -1)")
    for form in Form:
        next_form(dt, form)
        with pytest.raises(dyntables.errors.DyntablesError, match="division by zero"):
            dt.execute("ALTER DYNAMIC TABLE t REFRESH")
        assert dt.execute("SELECT count(*), sum(x) FROM t").rows == kept
        state, statement = dt.execute(
            "SELECT state, failed_statement FROM dyntables.refresh_history ORDER BY refresh_id DESC LIMIT 1"
        ).rows[0]
        assert (state, statement.split(" AS")[0][:12]) == (
            "FAILED",
            "CREATE TABLE" if form is Form.SWAP else "CREATE TEMP ",
        )


@pytest.mark.parametrize("above", [False, True])
def test_readers_who_hold_the_view_do_not_stop_a_refresh(dt: dyntables.Client, database_url: str, above: bool) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = FULL AS SELECT k, n FROM s")
    if above:
        dt.execute(
            f"CREATE DYNAMIC TABLE u {LAG} REFRESH_MODE = INCREMENTAL AS SELECT count(*) AS n, sum(n) AS x FROM t"
        )
    next_form(dt, Form.SWAP)
    dt.execute("UPDATE s SET n = n + 100 WHERE k > 2")
    with psycopg.connect(database_url) as reader:
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        old = reader.execute("SELECT count(*), sum(n) FROM t").fetchone()
        assert refresh(dt) == {"action": "FULL", "reason": "FULL_MODE", "form": "DIFF", "ins": 2982, "del": 2982}
        assert reader.execute("SELECT count(*), sum(n) FROM t").fetchone() == old
    assert equal(dt, *(["t", "u"] if above else ["t"]))
    assert dt.execute("SELECT count(*) FROM pg_class WHERE relname ~ '^t1_g' AND relkind = 'r'").rows == [(1,)]


def test_readers_see_a_difference_at_once(dt: dyntables.Client, database_url: str) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = FULL AS SELECT k, n FROM s")
    next_form(dt, Form.DIFF)
    dt.execute("DELETE FROM s WHERE k = 3")
    with psycopg.connect(database_url) as reader:
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        assert reader.execute("SELECT count(*) FROM t").fetchone() == (3000,)
        assert refresh(dt)["form"] == "DIFF"
        assert reader.execute("SELECT count(*) FROM t").fetchone() == (3000,)
    assert dt.execute("SELECT count(*) FROM t").rows == [(2994,)]


def test_the_cheaper_form_is_chosen_and_the_other_tried_again() -> None:
    forms = Forms(1)
    assert choose_form(forms, 0) is Form.SWAP
    forms = learn_form(forms, Form.SWAP, 2.0, 10, 0)
    assert choose_form(forms, 0) is Form.DIFF
    forms = learn_form(forms, Form.DIFF, 1.0, 10, 0)
    for now in range(19):
        assert choose_form(forms, now) is Form.DIFF
        forms = learn_form(forms, Form.DIFF, 1.0, 10, now)
    assert choose_form(forms, 21) is Form.SWAP
    much = Forms(1, 10, {Form.SWAP: Seen(1.0, 0.0), Form.DIFF: Seen(9.0, 0.0, skips=500)})
    assert choose_form(much, 1) is Form.SWAP
    assert choose_form(much, 2 * WEEK) is Form.DIFF
    assert load_forms(dump_forms(forms), 1) == forms
    assert load_forms(dump_forms(forms), 2) == Forms(2)


def test_another_type_cannot_be_applied_under_readers(dt: dyntables.Client, database_url: str) -> None:
    dt.execute("CREATE TABLE o (v integer); INSERT INTO o VALUES (1)")
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = FULL AS SELECT v FROM o")
    next_form(dt, Form.SWAP)
    dt.execute("ALTER TABLE o ALTER v TYPE bigint; INSERT INTO o VALUES (2)")
    with psycopg.connect(database_url) as reader:
        reader.execute("SELECT * FROM t")
        with pytest.raises(dyntables.errors.EngineError, match="readers hold it"):
            dt.execute("ALTER DYNAMIC TABLE t REFRESH")
    assert refresh(dt)["form"] == "SWAP"
    assert equal(dt, "t")
