"""Logs of the tiny engine: written by whoever writes to a source, read by the number of the write."""

from __future__ import annotations

from collections.abc import Collection

from dyntables.compiler.names import VERSION, WEIGHT, logged, quote_qualified
from dyntables.compiler.plan.algebra.nodes import Column
from dyntables.engines.port import Rows, Weights
from tests.support.tiny.session import Transaction


class TinyChanges:
    """What was written since somebody read it."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def of_source(self, oid: int, columns: tuple[Column, ...], since: str) -> Rows:
        """Return the changes of a source after a number of writes."""
        return f"(SELECT {_items(columns)} FROM dyntables_log.c{oid} WHERE __dt_n >= {_seen(since)})"

    def of_table(self, log: str, columns: tuple[Column, ...], consumed: int) -> Rows:
        """Return the changes of a dynamic table after a version; the first delta makes the log."""
        if not self._exists(log):
            nothing = ", ".join(f"NULL AS {quote_qualified(logged(c.id))}" for c in columns)
            return f"(SELECT {nothing}, 0 AS {WEIGHT} WHERE false)"
        return f"(SELECT {_items(columns)} FROM {log} WHERE {VERSION} > {int(consumed)})"

    def weights(self, items: Collection[Rows]) -> list[Weights]:
        """Count the rows of each delta."""
        counted = [self._transaction.query(f"SELECT count(*), min({WEIGHT}), max({WEIGHT}) FROM {i} o") for i in items]
        return [Weights(*row) for [row] in counted]

    def count(self, oid: int, since: str | None) -> tuple[int, str | None]:
        """Return the number of a source's changes; it has no name here."""
        where = "" if since is None else f" WHERE __dt_n >= {_seen(since)}"
        return self._transaction.query(f"SELECT count(*) FROM dyntables_log.c{oid}{where}")[0][0], None

    def count_of_table(self, log: str, consumed: int) -> int:
        """Return the number of a dynamic table's changes after a version."""
        if not self._exists(log):
            return 0
        return int(self._transaction.query(f"SELECT count(*) FROM {log} WHERE {VERSION} > {int(consumed)}")[0][0])

    def renew(self, log: str, schema: str, name: str) -> None:
        """Drop the log: the next delta makes it."""
        self._transaction.run(f"DROP TABLE IF EXISTS {log}")

    def _exists(self, log: str) -> bool:
        name = log.partition(".")[2]
        return bool(self._transaction.query(f"SELECT 1 FROM duckdb_tables() WHERE table_name = '{name}'"))


def _items(columns: tuple[Column, ...]) -> str:
    return ", ".join([*(quote_qualified(logged(c.id)) for c in columns), WEIGHT])


def _seen(frontier: str) -> int:
    return int(frontier.partition(":")[0])
