"""The eight tables of TPC-H: columns, keys, foreign keys, indexes and how many rows each must have.

Differences from the letter of the specification: ``char(n)`` is ``varchar(n)`` (no padding to trip over), except the
one-letter flags; order keys are ``bigint``, so that a live stream of orders never runs out of them.
"""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_SCHEMA = "tpch"


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A reference from columns of the owning table to the primary key of another."""

    columns: tuple[str, ...]
    references: str
    target: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the benchmark; ``rows`` is its size at scale factor 1."""

    name: str
    columns: tuple[tuple[str, str], ...]
    primary_key: tuple[str, ...]
    rows: int
    scales: bool = True
    foreign_keys: tuple[ForeignKey, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    partition_key: str | None = None

    def expected_rows(self, scale: float) -> int:
        """Return the size that the specification gives for a scale factor."""
        if not self.scales:
            return self.rows
        if self.name == "lineitem":
            return _LINEITEM_ROWS.get(scale, round(self.rows * scale))
        return int(self.rows * scale)

    def row_tolerance(self, scale: float) -> int:
        """Return how far from the expected size a correct load may be; only line items per order are random."""
        if self.name != "lineitem" or scale in _LINEITEM_ROWS:
            return 0
        return max(200, self.expected_rows(scale) // 50)


# The number of line items is a result of the generator's fixed seeds, not of a formula.
_LINEITEM_ROWS = {0.01: 60_175, 0.1: 600_572, 1.0: 6_001_215, 10.0: 59_986_052}

_MONEY = "numeric(15,2)"

REGION = Table(
    name="region",
    columns=(("r_regionkey", "integer"), ("r_name", "varchar(25)"), ("r_comment", "varchar(152)")),
    primary_key=("r_regionkey",),
    rows=5,
    scales=False,
)
NATION = Table(
    name="nation",
    columns=(
        ("n_nationkey", "integer"),
        ("n_name", "varchar(25)"),
        ("n_regionkey", "integer"),
        ("n_comment", "varchar(152)"),
    ),
    primary_key=("n_nationkey",),
    rows=25,
    scales=False,
    foreign_keys=(ForeignKey(("n_regionkey",), "region", ("r_regionkey",)),),
    indexes=(("n_regionkey",),),
)
SUPPLIER = Table(
    name="supplier",
    columns=(
        ("s_suppkey", "integer"),
        ("s_name", "varchar(25)"),
        ("s_address", "varchar(40)"),
        ("s_nationkey", "integer"),
        ("s_phone", "varchar(15)"),
        ("s_acctbal", _MONEY),
        ("s_comment", "varchar(101)"),
    ),
    primary_key=("s_suppkey",),
    rows=10_000,
    foreign_keys=(ForeignKey(("s_nationkey",), "nation", ("n_nationkey",)),),
    indexes=(("s_nationkey",),),
)
CUSTOMER = Table(
    name="customer",
    columns=(
        ("c_custkey", "integer"),
        ("c_name", "varchar(25)"),
        ("c_address", "varchar(40)"),
        ("c_nationkey", "integer"),
        ("c_phone", "varchar(15)"),
        ("c_acctbal", _MONEY),
        ("c_mktsegment", "varchar(10)"),
        ("c_comment", "varchar(117)"),
    ),
    primary_key=("c_custkey",),
    rows=150_000,
    foreign_keys=(ForeignKey(("c_nationkey",), "nation", ("n_nationkey",)),),
    indexes=(("c_nationkey",),),
)
PART = Table(
    name="part",
    columns=(
        ("p_partkey", "integer"),
        ("p_name", "varchar(55)"),
        ("p_mfgr", "varchar(25)"),
        ("p_brand", "varchar(10)"),
        ("p_type", "varchar(25)"),
        ("p_size", "integer"),
        ("p_container", "varchar(10)"),
        ("p_retailprice", _MONEY),
        ("p_comment", "varchar(23)"),
    ),
    primary_key=("p_partkey",),
    rows=200_000,
)
PARTSUPP = Table(
    name="partsupp",
    columns=(
        ("ps_partkey", "integer"),
        ("ps_suppkey", "integer"),
        ("ps_availqty", "integer"),
        ("ps_supplycost", _MONEY),
        ("ps_comment", "varchar(199)"),
    ),
    primary_key=("ps_partkey", "ps_suppkey"),
    rows=800_000,
    foreign_keys=(
        ForeignKey(("ps_partkey",), "part", ("p_partkey",)),
        ForeignKey(("ps_suppkey",), "supplier", ("s_suppkey",)),
    ),
    indexes=(("ps_suppkey",),),
)
ORDERS = Table(
    name="orders",
    columns=(
        ("o_orderkey", "bigint"),
        ("o_custkey", "integer"),
        ("o_orderstatus", "char(1)"),
        ("o_totalprice", _MONEY),
        ("o_orderdate", "date"),
        ("o_orderpriority", "varchar(15)"),
        ("o_clerk", "varchar(15)"),
        ("o_shippriority", "integer"),
        ("o_comment", "varchar(79)"),
    ),
    primary_key=("o_orderkey",),
    rows=1_500_000,
    foreign_keys=(ForeignKey(("o_custkey",), "customer", ("c_custkey",)),),
    indexes=(("o_custkey",), ("o_orderdate",)),
    partition_key="o_orderkey",
)
LINEITEM = Table(
    name="lineitem",
    columns=(
        ("l_orderkey", "bigint"),
        ("l_partkey", "integer"),
        ("l_suppkey", "integer"),
        ("l_linenumber", "integer"),
        ("l_quantity", _MONEY),
        ("l_extendedprice", _MONEY),
        ("l_discount", _MONEY),
        ("l_tax", _MONEY),
        ("l_returnflag", "char(1)"),
        ("l_linestatus", "char(1)"),
        ("l_shipdate", "date"),
        ("l_commitdate", "date"),
        ("l_receiptdate", "date"),
        ("l_shipinstruct", "varchar(25)"),
        ("l_shipmode", "varchar(10)"),
        ("l_comment", "varchar(44)"),
    ),
    primary_key=("l_orderkey", "l_linenumber"),
    rows=6_001_215,
    foreign_keys=(
        ForeignKey(("l_orderkey",), "orders", ("o_orderkey",)),
        ForeignKey(("l_partkey", "l_suppkey"), "partsupp", ("ps_partkey", "ps_suppkey")),
    ),
    indexes=(("l_partkey", "l_suppkey"),),
    partition_key="l_orderkey",
)

#: Every table, referenced ones before those that refer to them.
TABLES: tuple[Table, ...] = (REGION, NATION, SUPPLIER, CUSTOMER, PART, PARTSUPP, ORDERS, LINEITEM)
BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}
