"""What the live connection sends, told apart by ``type``.

Every message has a ``sequence`` that grows by one within an ``epoch``. A client that comes back names the epoch and the
last sequence it saw, and gets what it missed; or a ``resync``, if that is not known any more: then it has to read
everything again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from dyntables.server.schemas.base import Schema
from dyntables.server.schemas.operations import Operation
from dyntables.server.schemas.preparation import Preparation
from dyntables.server.schemas.refreshes import Refresh
from dyntables.server.schemas.tables import DynamicTable, RunningRefresh


class _Message(Schema):
    """What all messages have."""

    sequence: int = 0


class Hello(_Message):
    """The first message of a connection; ``sequence`` is that of the newest message before it."""

    type: Literal["hello"] = "hello"
    epoch: str
    heartbeat_seconds: float


class Heartbeat(_Message):
    """The connection lives; ``sequence`` is that of the newest message."""

    type: Literal["heartbeat"] = "heartbeat"
    at: datetime


class Resync(_Message):
    """Messages were lost: read everything again."""

    type: Literal["resync"] = "resync"
    epoch: str
    reason: str


class TableStatus(_Message):
    """Tables as they are now."""

    type: Literal["table_status"] = "table_status"
    tables: list[DynamicTable]


class RefreshStarted(_Message):
    """Refreshes that have begun."""

    type: Literal["refresh_started"] = "refresh_started"
    refreshes: list[RunningRefresh]


class RefreshProgress(_Message):
    """All refreshes that run now; those that were in the message before and are not in this one have ended."""

    type: Literal["refresh_progress"] = "refresh_progress"
    refreshes: list[RunningRefresh]


class RefreshFinished(_Message):
    """Refreshes that have ended."""

    type: Literal["refresh_finished"] = "refresh_finished"
    refreshes: list[Refresh]


class GraphChanged(_Message):
    """Dynamic tables were created, dropped or altered."""

    type: Literal["graph_changed"] = "graph_changed"
    created: list[int]
    dropped: list[int]
    altered: list[int]


class QualityTold(_Message):
    """Rules of quality were changed, or checked: what was read of them is old."""

    type: Literal["quality"] = "quality"


class Metrics(_Message):
    """Figures of now, as in the overview."""

    type: Literal["metrics"] = "metrics"
    at: datetime
    values: dict[str, float] = Field(examples=[{"changes_per_second": 812.5, "server_cpu_percent": 7.1}])


class OperationChanged(_Message):
    """An operation began or ended."""

    type: Literal["operation"] = "operation"
    operation: Operation


class AlertsTold(_Message):
    """Alerts have changed: read them again, with what follows from them."""

    type: Literal["alerts"] = "alerts"


class PreparationProgress(_Message):
    """What the process prepares went on."""

    type: Literal["preparation"] = "preparation"
    preparation: Preparation


Message = Annotated[
    Hello
    | Heartbeat
    | Resync
    | TableStatus
    | RefreshStarted
    | RefreshProgress
    | RefreshFinished
    | GraphChanged
    | QualityTold
    | Metrics
    | OperationChanged
    | AlertsTold
    | PreparationProgress,
    Field(discriminator="type"),
]


class Missed(Schema):
    """For clients that cannot hold a connection open: what happened since a sequence, up to ``sequence``."""

    epoch: str
    sequence: int
    messages: list[Message]
