"""Ranges of order keys: how orders and line items are split when they are partitioned (docs/adr/0003)."""

from __future__ import annotations

from dataclasses import dataclass

from dyntables.demo.tpch.schema import ORDERS, Table

PARTITIONS = 8


@dataclass(frozen=True, slots=True)
class Partition:
    """One range of order keys, lower bound included; ``number`` is also the part the generator is asked for."""

    number: int
    lower: int | None
    upper: int | None

    def table_name(self, table: Table) -> str:
        """Return the name of this partition of a table."""
        return f"{table.name}_p{self.number:02d}"


def order_key(index: int) -> int:
    """Return the key of the index-th order (from 1): the specification uses 8 of every 32 keys.

    >>> [order_key(index) for index in (1, 7, 8, 9)]
    [1, 7, 32, 33]
    """
    return ((index >> 3) << 5) | (index & 7)


def partitions(scale: float, count: int = PARTITIONS) -> list[Partition]:
    """Split the order keys of a scale factor as the generator splits its parts, both ends open."""
    per_part = ORDERS.expected_rows(scale) // count
    starts = [order_key(per_part * number + 1) for number in range(count)]
    return [
        Partition(
            number=number + 1,
            lower=starts[number] if number else None,
            upper=starts[number + 1] if number + 1 < count else None,
        )
        for number in range(count)
    ]
