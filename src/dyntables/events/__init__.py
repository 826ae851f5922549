"""Facts: what has happened, told after the commit that made it so, to whoever listens."""

from dyntables.events.bus import Bus
from dyntables.events.facts import (
    Fact,
    LeaderChanged,
    OperationTold,
    PeopleChanged,
    QualityChanged,
    RefreshEnded,
    RefreshesRecorded,
    RunEnded,
    SourceAltered,
    StatementEnded,
    TableAltered,
    TableCreated,
    TableDropped,
    TableFailed,
    TableLate,
    TableRecovered,
    Work,
)

__all__ = [
    "Bus",
    "Fact",
    "LeaderChanged",
    "OperationTold",
    "PeopleChanged",
    "QualityChanged",
    "RefreshEnded",
    "RefreshesRecorded",
    "RunEnded",
    "SourceAltered",
    "StatementEnded",
    "TableAltered",
    "TableCreated",
    "TableDropped",
    "TableFailed",
    "TableLate",
    "TableRecovered",
    "Work",
]
