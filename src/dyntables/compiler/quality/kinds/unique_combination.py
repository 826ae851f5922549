"""No two rows have the same values in several columns; rows with a NULL among them apart."""

from __future__ import annotations

from dyntables.compiler.quality.keys import shared
from dyntables.compiler.quality.kind import Counted, Dimension, Given, Kind, Parameter, Sort, Watched


def _counted(given: Given, watched: Watched) -> Counted:
    return shared(given.all("column"), watched)


KIND = Kind(
    "unique_combination",
    Dimension.UNIQUENESS,
    (Parameter("column", Sort.COLUMN, many=True, least=2),),
    "no two rows have the same values in several columns; rows with a NULL among them apart",
    counted=_counted,
    scans="whether a key is alone depends on all other rows",
)
