"""A live stream of changes: orders that come, change, are corrected and cancelled, and customers who move.

Dates: the data end on 1998-08-02. New orders are dated in the thirty days before, most of them on the last, so that the
newest day is the busiest, and corrections and cancellations reach back over all years.
"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from dyntables import clock
from dyntables.demo.tpch.schema import DEFAULT_SCHEMA
from dyntables.errors import InvalidOptionError

_LAST_DAY = "1998-08-02"
_PERIOD_SECONDS = 0.1
# For each new order, on average: status updates, corrections, cancellations, customers who move.
_MIX = {"updated": 0.30, "corrected": 0.05, "cancelled": 0.03, "moved": 0.02}


@dataclass(slots=True)
class Counts:
    """Exactly what a workload did; ``rows_changed`` counts rows of all tables."""

    orders_inserted: int = 0
    lineitems_inserted: int = 0
    orders_updated: int = 0
    lineitems_updated: int = 0
    orders_deleted: int = 0
    lineitems_deleted: int = 0
    customers_updated: int = 0
    transactions: int = 0

    @property
    def rows_changed(self) -> int:
        """Rows inserted, updated or deleted."""
        return (
            self.orders_inserted + self.lineitems_inserted + self.orders_updated + self.lineitems_updated
            + self.orders_deleted + self.lineitems_deleted + self.customers_updated
        )  # fmt: skip

    def __str__(self) -> str:
        return (
            f"{self.orders_inserted:,} orders with {self.lineitems_inserted:,} line items inserted, "
            f"{self.orders_updated:,} orders and {self.lineitems_updated:,} line items updated, "
            f"{self.orders_deleted:,} orders with {self.lineitems_deleted:,} line items deleted, "
            f"{self.customers_updated:,} customers moved, "
            f"in {self.transactions:,} transaction{'' if self.transactions == 1 else 's'}"
        )


@dataclass(slots=True)
class _Bounds:
    """What new rows may refer to."""

    next_order: int
    customers: int
    suppliers: int
    parts: int
    keys: list[int] = field(default_factory=list)


def parse_rate(text: str) -> float:
    """Return orders a second of a rate such as ``200/s``, ``30/min`` or ``200``.

    Raises:
        InvalidOptionError: it is no rate.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(?:/\s*(s|sec|min|m|h))?\s*", text)
    if match is None or float(match[1]) <= 0:
        raise InvalidOptionError(f'"{text}" is not a rate', hint="Write it as 200/s.")
    return float(match[1]) / {None: 1, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600}[match[2]]


class Workload:
    """Changes TPC-H tables over one connection; not to be shared between threads."""

    def __init__(self, url: str, *, rate: float, seed: int = 0, schema: str = DEFAULT_SCHEMA) -> None:
        self.url, self.rate, self.schema = url, rate, schema
        self.counts = Counts()
        self._choose = random.Random(seed)
        self._bounds: _Bounds | None = None

    def run(self, stop: threading.Event, on_counts: Callable[[Counts], None] | None = None) -> Counts:
        """Stream until ``stop`` is set; a slow server is not caught up with."""
        with psycopg.connect(self.url, autocommit=True, application_name="dyntables workload") as connection:
            started, done = clock.monotonic(), 0
            while not stop.is_set():
                due = int((clock.monotonic() - started) * self.rate)
                if due - done > self.rate * 5:
                    started, done, due = clock.monotonic(), 0, 0
                if due > done:
                    self._batch(connection, due - done)
                    done = due
                    if on_counts:
                        on_counts(self.counts)
                stop.wait(_PERIOD_SECONDS)
        return self.counts

    def one_of_each(self, batch: int) -> Counts:
        """Apply one batch of every kind of change."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            self._apply(connection, batch, dict.fromkeys(_MIX, batch))
        return self.counts

    def bulk_orders(self, count: int) -> Counts:
        """Insert new orders with their line items in one transaction."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            self._apply(connection, count, {})
        return self.counts

    def _batch(self, connection: psycopg.Connection, orders: int) -> None:
        kinds = {kind: self._number(orders * share) for kind, share in _MIX.items()}
        self._apply(connection, orders, kinds)

    def _number(self, average: float) -> int:
        whole = int(average)
        return whole + (self._choose.random() < average - whole)

    def _apply(self, connection: psycopg.Connection, orders: int, kinds: dict[str, int]) -> None:
        bounds = self._bounds or self._read_bounds(connection)
        first = bounds.next_order
        bounds.next_order += orders
        with connection.transaction():
            self._insert(connection, bounds, first, orders)
            if kinds.get("updated"):
                self._ship(connection, self._recent(bounds, kinds["updated"]))
            if kinds.get("corrected"):
                self._correct(connection, self._old(bounds, kinds["corrected"]))
            if kinds.get("cancelled"):
                self._cancel(connection, self._old(bounds, kinds["cancelled"]))
            if kinds.get("moved"):
                self._move(connection, bounds, kinds["moved"])
        self.counts.transactions += 1

    def _insert(self, connection: psycopg.Connection, bounds: _Bounds, first: int, orders: int) -> None:
        last = first + orders - 1
        # The lines come first, aside: the price of an order is that of its lines.
        self._run(
            connection,
            "CREATE TEMP TABLE new_lines ON COMMIT DROP AS SELECT k, n, s.ps_partkey, s.ps_suppkey, x.quantity, "
            "x.quantity * p.p_retailprice AS price, (x.quantity %% 11) / 100.0 AS discount, "
            "(x.quantity %% 9) / 100.0 AS tax, "
            "%(day)s::date - CASE WHEN k %% 3 = 0 THEN hashint8(k) & 31 ELSE 0 END AS day "
            "FROM generate_series(%(first)s::bigint, %(last)s::bigint) k "
            "CROSS JOIN LATERAL generate_series(1, 1 + (hashint8(k) & 2147483647) %% 7) n "
            "CROSS JOIN LATERAL (SELECT 1 + (hashint8(k * 8 + n) & 2147483647) %% %(parts)s AS part, "
            "1 + (hashint8(k + n * 7919) & 2147483647) %% 50 AS quantity) x "
            "JOIN {part} p ON p.p_partkey = x.part "
            "CROSS JOIN LATERAL (SELECT ps_partkey, ps_suppkey FROM {partsupp} WHERE ps_partkey = x.part "
            "ORDER BY ps_suppkey OFFSET n %% 4 LIMIT 1) s",
            day=_LAST_DAY, parts=bounds.parts, first=first, last=last,
        )  # fmt: skip
        self.counts.orders_inserted += self._run(
            connection,
            "INSERT INTO {orders} SELECT k, 1 + (hashint8(k # %(seed)s) & 2147483647) %% %(customers)s, 'O', "
            "round(sum(price * (1 - discount) * (1 + tax)), 2), min(day), "
            "(ARRAY['1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECIFIED', '5-LOW'])[1 + k %% 5], "
            "'Clerk#' || lpad((k %% 1000)::text, 9, '0'), 0, 'live order' FROM new_lines GROUP BY k",
            seed=self._choose.randrange(1 << 30), customers=bounds.customers,
        )  # fmt: skip
        self.counts.lineitems_inserted += self._run(
            connection,
            "INSERT INTO {lineitem} SELECT k, ps_partkey, ps_suppkey, n, quantity, price, discount, tax, 'N', 'O', "
            "day + 1 + n, day + 30, day + 10 + n, 'NONE', 'TRUCK', 'live line' FROM new_lines",
        )
        self._run(connection, "DROP TABLE new_lines")

    def _ship(self, connection: psycopg.Connection, keys: list[int]) -> None:
        """Ship all lines of some orders, and the first one of others; the status of an order is that of its lines."""
        self.counts.lineitems_updated += self._run(
            connection,
            "UPDATE {lineitem} SET l_linestatus = 'F' WHERE l_orderkey = ANY(%(keys)s) AND l_linestatus = 'O' "
            "AND (l_linenumber = 1 OR l_orderkey %% 2 = 0)",
            keys=keys,
        )
        self.counts.orders_updated += self._run(
            connection,
            "UPDATE {orders} SET o_orderstatus = l.status FROM (SELECT l_orderkey, CASE WHEN min(l_linestatus) = "
            "max(l_linestatus) THEN min(l_linestatus) ELSE 'P' END AS status FROM {lineitem} "
            "WHERE l_orderkey = ANY(%(keys)s) GROUP BY l_orderkey) l WHERE o_orderkey = l.l_orderkey",
            keys=keys,
        )

    def _correct(self, connection: psycopg.Connection, keys: list[int]) -> None:
        self.counts.lineitems_updated += self._run(
            connection,
            "UPDATE {lineitem} SET l_quantity = l_quantity + 1, l_extendedprice = l_extendedprice + 100 "
            "WHERE l_orderkey = ANY(%(keys)s) AND l_linenumber = 1",
            keys=keys,
        )
        self.counts.orders_updated += self._run(
            connection,
            "UPDATE {orders} SET o_totalprice = l.total FROM (SELECT l_orderkey, round(sum(l_extendedprice * "
            "(1 - l_discount) * (1 + l_tax)), 2) AS total FROM {lineitem} WHERE l_orderkey = ANY(%(keys)s) "
            "GROUP BY l_orderkey) l WHERE o_orderkey = l.l_orderkey",
            keys=keys,
        )

    def _cancel(self, connection: psycopg.Connection, keys: list[int]) -> None:
        self.counts.lineitems_deleted += self._run(
            connection, "DELETE FROM {lineitem} WHERE l_orderkey = ANY(%(keys)s)", keys=keys
        )
        self.counts.orders_deleted += self._run(
            connection, "DELETE FROM {orders} WHERE o_orderkey = ANY(%(keys)s)", keys=keys
        )

    def _move(self, connection: psycopg.Connection, bounds: _Bounds, count: int) -> None:
        keys = [self._choose.randint(1, bounds.customers) for _ in range(count)]
        self.counts.customers_updated += self._run(
            connection,
            "UPDATE {customer} SET c_nationkey = (c_nationkey + 1) %% 25, c_address = 'moved', "
            "c_mktsegment = (ARRAY['AUTOMOBILE', 'BUILDING', 'FURNITURE', 'HOUSEHOLD', 'MACHINERY'])"
            "[1 + c_custkey %% 5] WHERE c_custkey = ANY(%(keys)s)",
            keys=keys,
        )

    def _recent(self, bounds: _Bounds, count: int) -> list[int]:
        top = bounds.next_order - 1
        return [self._choose.randint(max(1, top - 2000), top) for _ in range(count)]

    def _old(self, bounds: _Bounds, count: int) -> list[int]:
        """Keys of orders of all ages that exist with good probability; of every 32 keys the generator uses 8."""
        keys = []
        for _ in range(count):
            at = self._choose.randint(0, bounds.next_order // 32)
            keys.append(at * 32 + self._choose.randint(1, 7))
        return keys

    def _read_bounds(self, connection: psycopg.Connection) -> _Bounds:
        def largest(table: str, column: str) -> int:
            row = connection.execute(
                sql.SQL("SELECT coalesce(max({}), 0) FROM {}").format(
                    sql.Identifier(column), sql.Identifier(self.schema, table)
                )
            ).fetchone()
            assert row is not None
            return int(row[0])

        self._bounds = _Bounds(
            largest("orders", "o_orderkey") + 1,
            largest("customer", "c_custkey"),
            largest("supplier", "s_suppkey"),
            largest("part", "p_partkey"),
        )
        return self._bounds

    def _run(self, connection: psycopg.Connection, text: str, **parameters: object) -> int:
        names = ("orders", "lineitem", "customer", "part", "partsupp")
        statement = sql.SQL(text).format(**{n: sql.Identifier(self.schema, n) for n in names})
        return connection.execute(statement, parameters).rowcount
