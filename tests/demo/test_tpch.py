"""TPC-H: the load, its faults, the live stream, and each pipeline against independently written SQL or Python."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

import psycopg
import pytest

from dyntables.demo.pipelines import pipelines
from dyntables.demo.tpch.faults import inject, mend
from dyntables.demo.tpch.load import drop, load
from dyntables.demo.tpch.workload import Workload, parse_rate
from dyntables.errors import DyntablesError, InvalidOptionError

SCALE = 0.01


@pytest.fixture
def loaded(database_url: str) -> Iterator[psycopg.Connection]:
    load(database_url, scale=SCALE)
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def one(connection: psycopg.Connection, query: str) -> object:
    row = connection.execute(query).fetchone()  # type: ignore[call-overload]
    assert row is not None
    return row[0]


def checksum(connection: psycopg.Connection, table: str) -> object:
    return one(connection, f"SELECT sum(hashtextextended(t::text, 0)::numeric) FROM tpch.{table} t")


def select(name: str) -> str:
    return next(p.query for p in pipelines() if p.name == f"analytics.{name}")


def test_load_is_complete_keyed_and_repeatable(database_url: str) -> None:
    for _ in range(2):
        report = load(database_url, scale=SCALE)
        assert report.rows["lineitem"] == 60_175
        assert report.rows["orders"] == 15_000
    with psycopg.connect(database_url) as connection:
        kinds = connection.execute(
            "SELECT contype, count(*) FROM pg_constraint WHERE connamespace = 'tpch'::regnamespace "
            "AND contype IN ('p', 'f') GROUP BY 1"
        ).fetchall()
        assert dict(kinds) == {"p": 8, "f": 8}
    drop(database_url)
    with psycopg.connect(database_url) as connection:
        assert one(connection, "SELECT to_regclass('tpch.orders')") is None


def test_partitioned_load_holds_the_same_rows(database_url: str) -> None:
    report = load(database_url, scale=SCALE, partitioned=True)
    assert report.rows["lineitem"] == 60_175
    with psycopg.connect(database_url) as connection:
        assert one(connection, "SELECT relkind FROM pg_class WHERE oid = 'tpch.orders'::regclass") == "p"
        assert one(connection, "SELECT count(*) FROM tpch.orders") == 15_000


def test_faults_are_recorded_one_by_one_and_mended(database_url: str) -> None:
    report = load(database_url, scale=SCALE, faults=0.01)
    with psycopg.connect(database_url, autocommit=True) as connection:
        recorded = one(connection, "SELECT count(*) FROM tpch.injected_faults")
        assert recorded == sum(report.faults.values())
        assert 300 < sum(report.faults.values()) < 1500
        assert min(report.faults.values()) > 0
        # A row has one fault at most, or a rule would find fewer than were injected.
        assert recorded == one(connection, "SELECT count(DISTINCT (table_name, key)) FROM tpch.injected_faults")
        negative = one(connection, "SELECT count(*) FROM tpch.lineitem WHERE l_quantity < 0")
        assert negative == report.faults["negative quantity"]
        faulty = {table: checksum(connection, table) for table in ("orders", "lineitem", "customer")}
        assert mend(connection) == recorded
        mended = {table: checksum(connection, table) for table in faulty}
        assert all(mended[table] != faulty[table] for table in faulty)
        load(database_url, scale=SCALE)
        assert {table: checksum(connection, table) for table in faulty} == mended
        again = inject(connection, 0.01)
        assert again == report.faults


def test_reload_refuses_to_drop_what_others_need(loaded: psycopg.Connection, database_url: str) -> None:
    loaded.execute("CREATE VIEW needs AS SELECT * FROM tpch.orders")
    with pytest.raises(DyntablesError, match="other objects depend"):
        load(database_url, scale=SCALE)
    assert one(loaded, "SELECT count(*) FROM tpch.orders") == 15_000


def test_workload_counts_exactly(loaded: psycopg.Connection, database_url: str) -> None:
    before = {t: one(loaded, f"SELECT count(*) FROM tpch.{t}") for t in ("orders", "lineitem")}
    workload = Workload(database_url, rate=400, seed=3)
    stop = threading.Event()
    threading.Timer(1.0, stop.set).start()
    counts = workload.run(stop)
    counts = workload.one_of_each(20)
    assert counts.orders_inserted > 100
    assert counts.orders_deleted > 0
    assert counts.customers_updated > 0
    after = {t: one(loaded, f"SELECT count(*) FROM tpch.{t}") for t in ("orders", "lineitem")}
    assert after["orders"] == before["orders"] + counts.orders_inserted - counts.orders_deleted  # type: ignore[operator]
    lines = counts.lineitems_inserted - counts.lineitems_deleted
    assert after["lineitem"] == before["lineitem"] + lines  # type: ignore[operator]


@pytest.mark.parametrize(("text", "rate"), [("200/s", 200), ("30/min", 0.5), ("7", 7)])
def test_rates(text: str, rate: float) -> None:
    assert parse_rate(text) == rate


def test_a_bad_rate_says_how_to_write_one() -> None:
    with pytest.raises(InvalidOptionError, match="is not a rate"):
        parse_rate("fast")


def test_daily_figures_against_python(loaded: psycopg.Connection) -> None:
    days: dict[object, list[Decimal]] = defaultdict(list)
    for day, price in loaded.execute("SELECT o_orderdate, o_totalprice FROM tpch.orders"):
        days[day].append(price)
    rows = loaded.execute(select("order_analytics_incremental")).fetchall()  # type: ignore[call-overload]
    assert len(rows) == len(days)
    for day, count, revenue, average, _, _, smallest, largest in rows:
        prices = days[day]
        assert (count, revenue, smallest, largest) == (len(prices), sum(prices), min(prices), max(prices))
        assert abs(average - sum(prices) / len(prices)) < Decimal("0.01")
    base = loaded.execute(select("daily_order_base")).fetchall()  # type: ignore[call-overload]
    assert {r[0]: r[1:] for r in base} == {d: (len(p), sum(p)) for d, p in days.items()}


def test_lifetime_value_against_python(loaded: psycopg.Connection) -> None:
    spent: dict[int, list[Decimal]] = defaultdict(list)
    for customer, price in loaded.execute("SELECT o_custkey, o_totalprice FROM tpch.orders"):
        spent[customer].append(price)
    rows = loaded.execute(select("customer_ltv_incremental")).fetchall()  # type: ignore[call-overload]
    assert len(rows) == 1500
    silent = 0
    for row in rows:
        prices = spent.get(row[0], [])
        assert (row[4], row[5]) == (len(prices), sum(prices))
        silent += not prices
        assert (row[9] == "PROSPECT") == (not prices)
        assert (row[9] == "PLATINUM") == (sum(prices) >= 4_000_000)
    assert silent > 0


def test_monthly_sales_against_other_sql(loaded: psycopg.Connection) -> None:
    rows = loaded.execute(select("monthly_sales_summary")).fetchall()  # type: ignore[call-overload]
    total = sum(r[3] for r in rows)
    assert total == one(loaded, "SELECT sum(l_extendedprice - l_extendedprice * l_discount) FROM tpch.lineitem")
    assert sum(r[4] for r in rows) == one(loaded, "SELECT count(*) FROM tpch.orders")
    previous: dict[str, Decimal] = {}
    for _, nation, _, revenue, _, before, change in sorted(rows, key=lambda r: (r[1], r[2])):
        assert before == previous.get(nation)
        if before:
            assert change == round(100 * (revenue - before) / before, 2)
        previous[nation] = revenue


def test_product_performance_against_python(loaded: psycopg.Connection) -> None:
    rows = loaded.execute(select("product_performance_full")).fetchall()  # type: ignore[call-overload]
    revenue: dict[int, Decimal] = defaultdict(Decimal)
    for part, price, discount in loaded.execute("SELECT l_partkey, l_extendedprice, l_discount FROM tpch.lineitem"):
        revenue[part] += price * (1 - discount)
    assert {r[0]: r[3] for r in rows} == revenue
    ordered = sorted(rows, key=lambda r: -r[3])
    for place, row in enumerate(ordered, start=1):
        assert row[5] <= place
        assert ordered[row[5] - 1][3] == row[3]
    stock = dict(loaded.execute("SELECT ps_partkey, sum(ps_availqty) FROM tpch.partsupp GROUP BY 1").fetchall())
    assert all(stock[r[0]] == r[8] for r in rows)


def test_weekly_trends_against_python(loaded: psycopg.Connection) -> None:
    loaded.execute("CREATE SCHEMA analytics")
    loaded.execute("CREATE VIEW analytics.daily_order_base AS " + select("daily_order_base"))  # type: ignore[call-overload]
    weeks: dict[object, Decimal] = defaultdict(Decimal)
    for day, price in loaded.execute("SELECT o_orderdate, o_totalprice FROM tpch.orders"):
        weeks[day.fromordinal(day.toordinal() - day.weekday())] += price
    rows = sorted(loaded.execute(select("weekly_trends")).fetchall())  # type: ignore[call-overload]
    assert {r[0]: r[2] for r in rows} == weeks
    for before, row in pairwise(rows):
        assert row[3] == row[2] - before[2]
