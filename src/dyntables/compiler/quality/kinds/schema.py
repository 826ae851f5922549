"""The table has the columns that are listed, as 'name type', in that order and no others."""

from __future__ import annotations

from dyntables.compiler.names import literal, quote_qualified
from dyntables.compiler.quality.kind import Counted, Dimension, Given, Kind, Parameter, Sort, Watched
from dyntables.compiler.quality.one_value import truth


def _counted(given: Given, watched: Watched) -> Counted:
    wanted = f"ARRAY[{', '.join(given.all('column'))}]::text[]"
    table = literal(quote_qualified(watched.schema, watched.name))
    present = (
        "ARRAY(SELECT attname || ' ' || format_type(atttypid, atttypmod) FROM pg_attribute "
        f"WHERE attrelid = {table}::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum)"
    )
    return truth(f"{present} = {wanted}")


KIND = Kind(
    "schema",
    Dimension.SCHEMA,
    (Parameter("column", Sort.LITERAL, many=True),),
    "the table has the columns that are listed, as 'name type', in that order and no others",
    counted=_counted,
    scans="it is about the columns, and looks at no rows",
    elsewhere=True,
)
