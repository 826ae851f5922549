"""Each interval between the first and the last time of a column has a row."""

from __future__ import annotations

from dyntables.compiler.quality.kind import Counted, Dimension, Given, Kind, Parameter, Sort, Watched


def _counted(given: Given, watched: Watched) -> Counted:
    binned = (
        f"SELECT DISTINCT date_bin({given['bucket']}::interval, {given['column']}::timestamp, "
        f"timestamp '2000-01-01') AS b FROM {watched.rows} checked_q WHERE {given['column']} IS NOT NULL"
    )
    count = f"extract(epoch FROM max(b) - min(b)) / extract(epoch FROM {given['bucket']}::interval) + 1"
    buckets = f"coalesce(round({count}), 0)::bigint"
    return Counted(f"SELECT {buckets}, {buckets} - count(*) FROM ({binned}) o")


KIND = Kind(
    "no_gaps",
    Dimension.COMPLETENESS,
    (
        Parameter("column", Sort.COLUMN),
        Parameter("bucket", Sort.LITERAL),
    ),
    "each interval between the first and the last time of a column has a row",
    counted=_counted,
    scans="whether an interval is empty depends on all other rows",
)
