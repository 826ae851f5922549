"""A query returns no rows; each that it returns is a violation."""

from __future__ import annotations

from dyntables.compiler.quality.kind import Counted, Dimension, Given, Kind, Parameter, Sort, Watched


def _counted(given: Given, watched: Watched) -> Counted:
    failed = f"(SELECT count(*) FROM ({given['query']}) wrong_q)"
    checked = f"(SELECT count(*) FROM {watched.rows} checked_q)"
    return Counted(f"SELECT greatest({checked}, {failed}), {failed}", f"SELECT * FROM ({given['query']}) wrong_q")


KIND = Kind(
    "custom",
    Dimension.CONSISTENCY,
    (Parameter("query", Sort.QUERY),),
    "a query returns no rows; each that it returns is a violation",
    counted=_counted,
    scans="its query may read anything",
    elsewhere=True,
)
