"""Data-quality faults that keyed tables can hold, each recorded with its old value in ``injected_faults``."""

from __future__ import annotations

import psycopg
from psycopg import sql

# (table, key expression, column, kind, faulty value), the value as SQL over the row.
_FAULTS = (
    ("lineitem", "l_orderkey || '/' || l_linenumber", "l_quantity", "negative quantity", "- l_quantity"),
    ("lineitem", "l_orderkey || '/' || l_linenumber", "l_discount", "discount above 1", "l_discount + 1"),
    ("lineitem", "l_orderkey || '/' || l_linenumber", "l_shipdate", "shipped before ordered", "l_shipdate - 400"),
    ("orders", "o_orderkey::text", "o_totalprice", "price of zero", "0"),
    ("orders", "o_orderkey::text", "o_orderdate", "date in the future", "o_orderdate + 3650"),
    ("customer", "c_custkey::text", "c_phone", "malformed phone", "'n/a'"),
    ("customer", "c_custkey::text", "c_comment", "empty comment", "''"),
)


def inject(connection: psycopg.Connection, schema: str, share: float) -> int:
    """Give the share of rows of ORDERS, LINEITEM and CUSTOMER a fault each; return how many."""
    record = sql.Identifier(schema, "injected_faults")
    connection.execute(
        sql.SQL(
            "CREATE TABLE {} (table_name text NOT NULL, key text NOT NULL, column_name text NOT NULL, "
            "kind text NOT NULL, old_value text, new_value text)"
        ).format(record)
    )
    kinds = {table: sum(1 for f in _FAULTS if f[0] == table) for table, *_ in _FAULTS}
    injected = 0
    for number, (table, key, column, kind, value) in enumerate(_FAULTS):
        done = connection.execute(
            sql.SQL(
                "WITH chosen AS (SELECT ctid AS id, tableoid AS part, {key} AS key, {column}::text AS old, "
                "({value}) AS new "
                "FROM {table} WHERE (hashtextextended({key}, {number}) & 1048575) < {share} * 1048576), "
                "changed AS (UPDATE {table} t SET {column} = c.new FROM chosen c "
                "WHERE t.ctid = c.id AND t.tableoid = c.part RETURNING c.key, c.old, c.new) "
                "INSERT INTO {record} SELECT {name}, key, {column_name}, {kind}, old, new::text FROM changed"
            ).format(
                key=sql.SQL(key),
                column=sql.Identifier(column),
                value=sql.SQL(value),
                table=sql.Identifier(schema, table),
                number=sql.Literal(number),
                share=sql.Literal(share / kinds[table]),
                record=record,
                name=sql.Literal(table),
                column_name=sql.Literal(column),
                kind=sql.Literal(kind),
            )
        )
        injected += done.rowcount
    return injected
