"""Facts: what has happened, told after the commit that made it so, to whoever listens."""

from dyntables.events.bus import Bus
from dyntables.events.facts import (
    Fact,
    LeaderChanged,
    OperationTold,
    PeopleChanged,
    RefreshEnded,
    RefreshesRecorded,
    SourceAltered,
    TableAltered,
    TableCreated,
    TableDropped,
    TableFailed,
    TableLate,
    TableRecovered,
)

__all__ = [
    "Bus",
    "Fact",
    "LeaderChanged",
    "OperationTold",
    "PeopleChanged",
    "RefreshEnded",
    "RefreshesRecorded",
    "SourceAltered",
    "TableAltered",
    "TableCreated",
    "TableDropped",
    "TableFailed",
    "TableLate",
    "TableRecovered",
]
