"""No two rows have the same value; NULL apart."""

from __future__ import annotations

from dyntables.compiler.quality.keys import shared
from dyntables.compiler.quality.kind import Counted, Dimension, Given, Kind, Parameter, Sort, Watched


def _counted(given: Given, watched: Watched) -> Counted:
    return shared((given["column"],), watched)


KIND = Kind(
    "unique",
    Dimension.UNIQUENESS,
    (Parameter("column", Sort.COLUMN),),
    "no two rows have the same value; NULL apart",
    counted=_counted,
    scans="whether a key is alone depends on all other rows",
)
