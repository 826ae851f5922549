"""A statement of the console whose first row is there, and the forms in which its rows are given."""

from __future__ import annotations

import csv
import io
import itertools
import json
import uuid
from collections.abc import Callable, Generator, Iterator

from dyntables import clock
from dyntables.engines.postgres.people.reading import Reading
from dyntables.errors import DyntablesError
from dyntables.server.console.arrow import stream
from dyntables.server.errors import problem_of
from dyntables.server.schemas.queries import QueryColumn, QueryEnd, QueryHead

_FLUSH = 64 * 1024
# What a spreadsheet would run as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class OpenQuery:
    """A statement whose first row is there; one of ``rows``, ``ndjson``, ``arrow`` or ``csv`` is iterated, once."""

    def __init__(self, query_id: uuid.UUID, reading: Reading, limit: int | None, end: Callable[[], None]) -> None:
        self.id = query_id
        self.reading = reading
        self.truncated = False
        self.count = 0
        self._limit = limit
        self._end = end
        self._started = clock.monotonic()

    @property
    def milliseconds(self) -> float:
        """The time since the first row."""
        return round((clock.monotonic() - self._started) * 1000, 2)

    def rows(self) -> Generator[tuple[str | None, ...]]:
        """Yield at most as many rows as asked for, or all, and end the statement."""
        try:
            for row in self.reading.rows():
                if self.count == self._limit:
                    self.truncated = True
                    return
                self.count += 1
                yield row
        finally:
            self.reading.close()
            self._end()

    def ndjson(self) -> Iterator[str]:
        """Yield a head, an array for each row, and an end, a line each."""
        columns = [QueryColumn(name=c.name, type=c.type, numeric=c.numeric) for c in self.reading.columns]
        text = [QueryHead(id=self.id, columns=columns).model_dump_json() + "\n"]
        size, error = 0, None
        try:
            for row in self.rows():
                text.append(json.dumps(row, ensure_ascii=False) + "\n")
                size += len(text[-1])
                if size > _FLUSH:
                    yield "".join(text)
                    text, size = [], 0
        except DyntablesError as problem:
            error = problem_of(problem).model_dump(mode="json", exclude_none=True)
        end = QueryEnd(rows=self.count, truncated=self.truncated, milliseconds=self.milliseconds, error=error)
        yield "".join(text) + end.model_dump_json() + "\n"

    def arrow(self) -> Iterator[bytes]:
        """Yield an Arrow stream; what does not fit in the first rows is raised at once.

        Raises:
            RequestError: a value has no place in Arrow's type.
        """
        pieces = stream(self.reading.columns, self.rows())
        return itertools.chain([next(pieces)], pieces)

    def csv(self) -> Iterator[str]:
        """Yield lines of comma-separated values; null is empty, and no text is a formula."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        numeric = [c.numeric for c in self.reading.columns]
        writer.writerow([_inert(c.name) for c in self.reading.columns])
        for row in self.rows():
            writer.writerow(["" if v is None else v if n else _inert(v) for v, n in zip(row, numeric, strict=True)])
            if buffer.tell() > _FLUSH:
                yield buffer.getvalue()
                buffer.seek(0)
                buffer.truncate()
        yield buffer.getvalue()


def _inert(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
