"""No two rows have the same key, and no part of it is NULL."""

from __future__ import annotations

from dyntables.compiler.quality.keys import shared
from dyntables.compiler.quality.kind import Counted, Dimension, Given, Kind, Parameter, Sort, Watched


def _counted(given: Given, watched: Watched) -> Counted:
    return shared(given.all("column"), watched, nulls_fail=True)


KIND = Kind(
    "primary_key",
    Dimension.UNIQUENESS,
    (Parameter("column", Sort.COLUMN, many=True),),
    "no two rows have the same key, and no part of it is NULL",
    counted=_counted,
    scans="whether a key is alone depends on all other rows",
)
