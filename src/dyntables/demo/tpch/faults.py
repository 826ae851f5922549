"""Data-quality faults that keyed tables can hold, each recorded with its old value in ``injected_faults``.

A row has at most one fault, so that a rule finds exactly as many as were injected of its kind.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import psycopg
from psycopg import sql

from dyntables.demo.tpch.schema import DEFAULT_SCHEMA

_LINE = "l_orderkey || '/' || l_linenumber"


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of fault: the column that gets a faulty ``value``, which is SQL over the row.

    ``key``: SQL of what names the row. ``rule``: table and name of the demonstration's rule that finds it.
    """

    kind: str
    table: str
    key: str
    column: str
    value: str
    rule: tuple[str, str]


FAULTS = (
    Fault("negative quantity", "lineitem", _LINE, "l_quantity", "- l_quantity", ("lineitem", "quantity_is_positive")),
    Fault("discount above 1", "lineitem", _LINE, "l_discount", "l_discount + 1", ("lineitem", "discount_in_range")),
    Fault("shipped before ordered", "lineitem", _LINE, "l_shipdate", "l_shipdate - 400",
          ("lineitem", "shipped_after_ordered")),
    Fault("received before shipped", "lineitem", _LINE, "l_receiptdate", "l_shipdate - 1",
          ("lineitem", "received_after_shipped")),
    Fault("price of zero", "orders", "o_orderkey::text", "o_totalprice", "0", ("orders", "total_is_positive")),
    Fault("date in the future", "orders", "o_orderkey::text", "o_orderdate", "o_orderdate + 36500",
          ("orders", "date_not_in_future")),
    Fault("status of other lines", "orders", "o_orderkey::text", "o_orderstatus",
          "CASE o_orderstatus WHEN 'F' THEN 'O' ELSE 'F' END", ("orders", "status_fits_lines")),
    Fault("malformed phone", "customer", "c_custkey::text", "c_phone", "'n/a'", ("customer", "phone_is_a_number")),
    Fault("empty comment", "customer", "c_custkey::text", "c_comment", "''", ("customer", "comment_is_there")),
    Fault("unknown segment", "customer", "c_custkey::text", "c_mktsegment", "'UNKNOWN'",
          ("customer", "segment_is_known")),
)  # fmt: skip
# Its old value is all of its lines.
LOST = "order without lines"
LOST_RULE = ("orders", "has_lines")

_RECORD = (
    "CREATE TABLE IF NOT EXISTS {record} (table_name text NOT NULL, key text NOT NULL, column_name text NOT NULL, "
    "kind text NOT NULL, old_value text, new_value text)"
)
_CHOSEN = (
    "(hashtextextended({key}, {number}) & 1048575) < {share} * 1048576 AND NOT EXISTS (SELECT FROM {record} f "
    "WHERE f.table_name = {name} AND f.key = {key})"
)
_LOSE = (
    "WITH chosen AS (SELECT o_orderkey FROM {orders} WHERE " + _CHOSEN + "), lost AS (DELETE FROM {lineitem} l "
    "USING chosen c WHERE l.l_orderkey = c.o_orderkey RETURNING l.*) INSERT INTO {record} SELECT {name}, "
    "l_orderkey::text, 'l_orderkey', {kind}, jsonb_agg(to_jsonb(lost))::text, NULL FROM lost GROUP BY l_orderkey"
)
_INJECT = (
    "WITH chosen AS (SELECT ctid AS id, tableoid AS part, {key} AS key, {column}::text AS old, ({value}) AS new "
    "FROM {table} WHERE " + _CHOSEN + "), changed AS (UPDATE {table} t SET {column} = c.new FROM chosen c "
    "WHERE t.ctid = c.id AND t.tableoid = c.part RETURNING c.key, c.old, c.new) "
    "INSERT INTO {record} SELECT {name}, key, {column_name}, {kind}, old, new::text FROM changed"
)
_MEND = (
    "UPDATE {table} SET {column} = (jsonb_populate_record(NULL::{table}, "
    "jsonb_build_object({column_name}, f.old_value))).{column} FROM {record} f "
    "WHERE f.kind = {kind} AND f.key = {key}"
)
_FIND = (
    "INSERT INTO {lineitem} SELECT (jsonb_populate_recordset(NULL::{lineitem}, f.old_value::jsonb)).* "
    "FROM {record} f WHERE f.kind = {kind} AND EXISTS (SELECT FROM {orders} WHERE o_orderkey::text = f.key)"
)


def inject(connection: psycopg.Connection, share: float, schema: str = DEFAULT_SCHEMA) -> dict[str, int]:
    """Give the share of rows of ORDERS, LINEITEM and CUSTOMER a fault each; return how many of each kind."""
    connection.execute(sql.SQL(_RECORD).format(record=sql.Identifier(schema, "injected_faults")))
    kinds = Counter(["orders", *(fault.table for fault in FAULTS)])
    found = {LOST: _run(connection, schema, _LOSE, len(FAULTS), share / kinds["orders"], None)}
    for number, fault in enumerate(FAULTS):
        found[fault.kind] = _run(connection, schema, _INJECT, number, share / kinds[fault.table], fault)
    return found


def mend(connection: psycopg.Connection, schema: str = DEFAULT_SCHEMA) -> int:
    """Give all faulty rows their old values again, and forget the faults; return how many there were."""
    record = sql.Identifier(schema, "injected_faults")
    with connection.transaction():
        connection.execute(sql.SQL(_RECORD).format(record=record))
        _run(connection, schema, _FIND, 0, 0, None)
        for number, fault in enumerate(FAULTS):
            _run(connection, schema, _MEND, number, 0, fault)
        return connection.execute(sql.SQL("DELETE FROM {}").format(record)).rowcount


def _run(connection: psycopg.Connection, schema: str, text: str, number: int, share: float, fault: Fault | None) -> int:
    table = fault.table if fault is not None else "orders"
    column = fault.column if fault is not None else "l_orderkey"
    return connection.execute(
        sql.SQL(text).format(
            key=sql.SQL(fault.key if fault is not None else "o_orderkey::text"),
            column=sql.Identifier(column),
            value=sql.SQL(fault.value if fault is not None else "NULL"),
            table=sql.Identifier(schema, table),
            orders=sql.Identifier(schema, "orders"),
            lineitem=sql.Identifier(schema, "lineitem"),
            number=sql.Literal(number),
            share=sql.Literal(share),
            record=sql.Identifier(schema, "injected_faults"),
            name=sql.Literal(table),
            column_name=sql.Literal(column),
            kind=sql.Literal(fault.kind if fault is not None else LOST),
        )
    ).rowcount
