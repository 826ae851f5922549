"""The aggregates that rules compare, as SQL over a column."""

from __future__ import annotations

AGGREGATES = {
    "count": "count({})",
    "sum": "sum({})",
    "avg": "avg({})",
    "min": "min({})",
    "max": "max({})",
    "stddev": "stddev({})",
    "median": "percentile_cont(0.5) WITHIN GROUP (ORDER BY {})",
}


def aggregate(function: str, column: str) -> str:
    """Return an aggregate of a column."""
    return AGGREGATES[function].format(column)
