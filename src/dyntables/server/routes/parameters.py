"""Parameters that several handlers take."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Path, Query

from dyntables import clock
from dyntables.errors import RequestError

_NAME = r"^[^\x00]+$"
SchemaName = Annotated[str, Path(description="Its schema.", max_length=63, pattern=_NAME, examples=["analytics"])]
TableName = Annotated[str, Path(description="Its name.", max_length=63, pattern=_NAME, examples=["nation_ltv"])]
SomeName = Annotated[str | None, Query(max_length=200, pattern=_NAME)]
Limit = Annotated[int, Query(ge=1, le=1000, description="Most items of a page.")]
Cursor = Annotated[str | None, Query(max_length=500, description="The next_cursor of the page before.")]
Wait = Annotated[float, Query(ge=0, le=60, description="Seconds to wait for the end before answering.")]
Instant = Annotated[datetime | None, Query()]

_LONGEST = timedelta(days=400)


def window(
    begin: Annotated[datetime | None, Query(description="Default: an hour before the end.")] = None,
    end: Annotated[datetime | None, Query(description="Default: now.")] = None,
) -> tuple[datetime, datetime]:
    """Return the window of time that a request asks for.

    Raises:
        RequestError: it is empty, or too long.
    """
    until = aware(end) or clock.now()
    since = aware(begin) or until - timedelta(hours=1)
    if not timedelta(0) < until - since <= _LONGEST:
        raise RequestError("the window must begin before it ends, and span at most 400 days")
    return since, until


Window = Annotated[tuple[datetime, datetime], Depends(window)]


def aware(instant: datetime | None) -> datetime | None:
    """Take an instant without a zone as UTC."""
    return instant.replace(tzinfo=clock.now().tzinfo) if instant is not None and instant.tzinfo is None else instant
