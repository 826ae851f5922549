"""Each value has a row in another table; NULL passes."""

from __future__ import annotations

from dyntables.compiler.quality.keys import unmatched
from dyntables.compiler.quality.kind import Counted, Dimension, Given, Kind, Parameter, Sort, Watched


def _counted(given: Given, watched: Watched) -> Counted:
    return unmatched(given["column"], given["table"], given["key"], watched, nulls_fail=False)


KIND = Kind(
    "references",
    Dimension.CONSISTENCY,
    (
        Parameter("column", Sort.COLUMN),
        Parameter("table", Sort.RELATION),
        Parameter("key", Sort.NAME),
    ),
    "each value has a row in another table; NULL passes",
    counted=_counted,
    scans="the other table changes without this one",
    elsewhere=True,
)
