"""What alerts are made of: rules, the standing of one alert, and the words for both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is, from least to worst."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


class State(StrEnum):
    """Where an alert stands."""

    NORMAL = "normal"
    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"
    NO_DATA = "no_data"
    ERROR = "error"


class Verdict(StrEnum):
    """What a condition says at one look."""

    FIRES = "fires"
    CLEAR = "clear"
    NO_DATA = "no_data"
    ERROR = "error"


class Direction(StrEnum):
    """On which side of its threshold a measure is bad."""

    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a verdict has to hold: before an alert fires (``for``), and before it is resolved."""

    pending: timedelta = timedelta()
    keep_firing: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Threshold:
    """When a measure fires, and when it is clear again (``clear``; None: at the same figure)."""

    fire: float
    clear: float | None = None
    direction: Direction = Direction.ABOVE

    def verdict(self, value: float, *, firing: bool) -> Verdict:
        """Judge a measure; between the two figures an alert stays what it is."""
        bound = self.clear if firing and self.clear is not None else self.fire
        bad = value > bound if self.direction is Direction.ABOVE else value < bound
        return Verdict.FIRES if bad else Verdict.CLEAR


@dataclass(frozen=True, slots=True)
class Rule:
    """What is watched, and what follows.

    ``kind``: of the condition. ``selector``: of tables (``selecting``). ``threshold``: None is that of the condition.
    ``query``: SQL, for conditions that ask it. ``channels``: told beside what the routes say.
    """

    id: int
    name: str
    kind: str
    selector: str = "*"
    severity: Severity = Severity.WARNING
    threshold: Threshold | None = None
    timing: Timing = field(default_factory=Timing)
    query: str | None = None
    channels: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    runbook: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an alert stands, since when, and what was last seen.

    ``clear_since``: since when a firing alert would be clear. ``value`` and ``text``: of the last look.
    ``dismissed``: a person has resolved it, and its condition was not clear since.
    """

    state: State = State.NORMAL
    since: datetime | None = None
    clear_since: datetime | None = None
    value: float | None = None
    text: str = ""
    dismissed: bool = False


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert: its labels, by which it is known, and where it stands.

    ``table_id``: None if it is about the installation. ``acknowledged_at``: by a person, since it fires.
    ``snoozed_until``: until when a person does not want to hear of it. ``fingerprint``: of its labels.
    """

    rule_id: int
    kind: str
    severity: Severity
    labels: Mapping[str, str]
    standing: Standing
    table_id: int | None = None
    acknowledged_at: datetime | None = None
    snoozed_until: datetime | None = None
    fingerprint: str = field(init=False, compare=False, repr=False, default="")

    def __post_init__(self) -> None:
        # Asked for again and again, of thousands of alerts.
        object.__setattr__(self, "fingerprint", fingerprint(self.labels))

    @property
    def firing(self) -> bool:
        """Whether it fires."""
        return self.standing.state is State.FIRING


def fingerprint(labels: Mapping[str, str]) -> str:
    """Return the identity of what has these labels: 16 hexadecimal digits."""
    written = json.dumps(sorted(labels.items()), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()[:16]
