"""Each row has a partner in another table; NULL has none."""

from __future__ import annotations

from dyntables.compiler.quality.keys import unmatched
from dyntables.compiler.quality.kind import Counted, Dimension, Given, Kind, Parameter, Sort, Watched


def _counted(given: Given, watched: Watched) -> Counted:
    return unmatched(given["column"], given["table"], given["key"], watched, nulls_fail=True)


KIND = Kind(
    "no_orphans",
    Dimension.CONSISTENCY,
    (
        Parameter("column", Sort.COLUMN),
        Parameter("table", Sort.RELATION),
        Parameter("key", Sort.NAME),
    ),
    "each row has a partner in another table; NULL has none",
    counted=_counted,
    scans="the other table changes without this one",
    elsewhere=True,
)
