"""Queries of rules about keys: what is counted as failed are rows, all that share a key."""

from __future__ import annotations

from dyntables.compiler.quality.kind import Counted, Watched


def shared(columns: tuple[str, ...], watched: Watched, *, nulls_fail: bool = False) -> Counted:
    """Return the measure of rows that share their key with others; rows with a NULL in it are apart, or fail."""
    known = " AND ".join(f"{c} IS NOT NULL" for c in columns)
    keys = ", ".join(columns)
    groups = f"SELECT {keys}, count(*) AS n, bool_and({known}) AS known FROM {watched.rows} checked_q GROUP BY {keys}"
    if nulls_fail:
        measure = "coalesce(sum(n), 0)::bigint, coalesce(sum(n) FILTER (WHERE n > 1 OR NOT known), 0)::bigint"
        wrong = "n > 1 OR NOT known"
    else:
        measure = (
            "coalesce(sum(n) FILTER (WHERE known), 0)::bigint, "
            "coalesce(sum(n) FILTER (WHERE known AND n > 1), 0)::bigint"
        )
        wrong = "known AND n > 1"
    return Counted(f"SELECT {measure} FROM ({groups}) o", f"SELECT {keys}, n FROM ({groups}) o WHERE {wrong}")


def unmatched(column: str, other: str, other_column: str, watched: Watched, *, nulls_fail: bool) -> Counted:
    """Return the measure of rows without a partner in another table; NULL passes, or fails."""
    alone = f"NOT EXISTS (SELECT FROM {other} other_q WHERE other_q.{other_column} = checked_q.{column})"
    known = "true" if nulls_fail else f"checked_q.{column} IS NOT NULL"
    return Counted(
        f"SELECT count(*) FILTER (WHERE {known}), count(*) FILTER (WHERE {known} AND {alone}) "
        f"FROM {watched.rows} checked_q",
        f"SELECT * FROM {watched.rows} checked_q WHERE {known} AND {alone}",
    )
