"""Queries of rules about keys: what is counted as failed are rows, all that share a key."""

from __future__ import annotations

from dyntables.compiler.names import COUNT
from dyntables.compiler.quality.kind import Counted, Watched

# Beside the columns of a user's table, so not by a name that one may have.
_KNOWN = "__dt_known"


def shared(columns: tuple[str, ...], watched: Watched, *, nulls_fail: bool = False) -> Counted:
    """Return the measure of rows that share their key with others; rows with a NULL in it are apart, or fail."""
    known = " AND ".join(f"{c} IS NOT NULL" for c in columns)
    keys = ", ".join(columns)
    groups = f"SELECT {keys}, count(*) AS {COUNT}, {known} AS {_KNOWN} FROM {watched.rows} checked_q GROUP BY {keys}"
    counted = "true" if nulls_fail else _KNOWN
    wrong = f"{COUNT} > 1 OR NOT {_KNOWN}" if nulls_fail else f"{_KNOWN} AND {COUNT} > 1"
    total = "coalesce(sum({}) FILTER (WHERE {}), 0)::bigint"
    return Counted(
        f"SELECT {total.format(COUNT, counted)}, {total.format(COUNT, wrong)} FROM ({groups}) o",
        f"SELECT {keys}, {COUNT} FROM ({groups}) o WHERE {wrong}",
    )


def unmatched(column: str, other: str, other_column: str, watched: Watched, *, nulls_fail: bool) -> Counted:
    """Return the measure of rows without a partner in another table; NULL passes, or fails."""
    alone = f"NOT EXISTS (SELECT FROM {other} other_q WHERE other_q.{other_column} = checked_q.{column})"
    known = "true" if nulls_fail else f"checked_q.{column} IS NOT NULL"
    return Counted(
        f"SELECT count(*) FILTER (WHERE {known}), count(*) FILTER (WHERE {known} AND {alone}) "
        f"FROM {watched.rows} checked_q",
        f"SELECT * FROM {watched.rows} checked_q WHERE {known} AND {alone}",
    )
