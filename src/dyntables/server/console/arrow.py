"""Rows of the console as an Arrow IPC stream, where the extra ``dyntables[arrow]`` is installed.

Types of which every value fits are Arrow's own; all others, such as numeric without a precision, stay text.
"""

from __future__ import annotations

import importlib
import io
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from dyntables.engines.postgres.people.reading import ResultColumn
from dyntables.errors import NotAcceptableError, RequestError

MEDIA_TYPE = "application/vnd.apache.arrow.stream"
_BATCH = 2000
_NUMERIC = re.compile(r"numeric\((\d+), ?(-?\d+)\)")

Text = str | None


def pyarrow() -> Any:
    """Return the module.

    Raises:
        NotAcceptableError: it is not installed.
    """
    try:
        return importlib.import_module("pyarrow")
    except ImportError:
        raise NotAcceptableError(
            "this server cannot answer with Arrow: the package pyarrow is not installed",
            hint="pip install 'dyntables[arrow]' there, or ask for application/x-ndjson or text/csv.",
        ) from None


def stream(columns: Sequence[ResultColumn], rows: Iterable[tuple[Text, ...]]) -> Iterator[bytes]:
    """Yield a schema, batches of rows, and the end of the stream.

    Raises:
        RequestError: a value, such as an infinite date, has no place in Arrow's type.
    """
    arrow = pyarrow()
    kinds = [_kind(arrow, c) for c in columns]
    fields = [arrow.field(c.name, k, metadata={"postgresql": c.type}) for c, k in zip(columns, kinds, strict=True)]
    schema = arrow.schema(fields)
    buffer = io.BytesIO()
    with arrow.ipc.new_stream(buffer, schema) as writer:
        source = iter(rows)
        while batch := list(itertools.islice(source, _BATCH)):
            arrays = [
                _array(arrow, kind, column, values)
                for kind, column, values in zip(kinds, columns, zip(*batch, strict=True), strict=True)
            ]
            writer.write_batch(arrow.record_batch(arrays, schema=schema))
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.BytesIO) -> bytes:
    data = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return data


def _kind(arrow: Any, column: ResultColumn) -> Any:
    """Return the Arrow type of a column."""
    plain = {
        "bool": arrow.bool_(),
        "int2": arrow.int16(),
        "int4": arrow.int32(),
        "int8": arrow.int64(),
        "oid": arrow.uint32(),
        "float4": arrow.float32(),
        "float8": arrow.float64(),
        "date": arrow.date32(),
        "timestamp": arrow.timestamp("us"),
        "timestamptz": arrow.timestamp("us", "UTC"),
        "bytea": arrow.binary(),
    }
    found = _NUMERIC.fullmatch(column.type)
    if found is not None and int(found[1]) <= 38 and int(found[2]) >= 0:
        return arrow.decimal128(int(found[1]), int(found[2]))
    return plain.get(column.type, arrow.string())


_PARSE: dict[str, Callable[[str], object]] = {
    "bool": lambda text: text == "t",
    "bytea": lambda text: bytes.fromhex(text[2:]),
}


def _array(arrow: Any, kind: Any, column: ResultColumn, values: Sequence[Text]) -> Any:
    try:
        parse = _PARSE.get(column.type)
        if parse is not None:
            return arrow.array([parse(v) if v is not None else None for v in values], kind)
        return arrow.array(values, arrow.string()).cast(kind)
    except (arrow.ArrowInvalid, ValueError) as error:
        raise RequestError(
            f'a value of the column "{column.name}" cannot be given as {kind}',
            detail=str(error),
            hint="Cast the column to text, or ask for application/x-ndjson.",
        ) from error
