"""SCHEDULE = '<cron expression> [time zone]': instants at which a table is refreshed, beside or instead of a lag."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

_FIELDS = 5


@dataclass(frozen=True, slots=True)
class Schedule:
    """A cron expression of five fields, and the time zone in which it is meant; None is the table's own."""

    expression: str
    time_zone: str | None

    def __str__(self) -> str:
        return f"{self.expression} {self.time_zone}" if self.time_zone else self.expression

    def next_after(self, instant: datetime, time_zone: str) -> datetime | None:
        """Return the first instant of the schedule after another, or None if there is none; ``time_zone`` stands in."""
        local = instant.astimezone(ZoneInfo(self.time_zone or time_zone))
        try:
            return next(CronSim(self.expression, local)).astimezone(UTC)
        except StopIteration:
            return None


def parse_schedule(text: str) -> Schedule:
    """Return the schedule that a text means; Snowflake's prefix ``USING CRON`` may stand before it.

    Raises:
        ValueError: it is none, or it never comes.
    """
    words = text.split()
    if [w.upper() for w in words[:2]] == ["USING", "CRON"]:
        words = words[2:]
    if len(words) not in (_FIELDS, _FIELDS + 1):
        raise ValueError("expected five fields, minute hour day month weekday, and perhaps a time zone")
    schedule = Schedule(" ".join(words[:_FIELDS]), words[_FIELDS] if len(words) > _FIELDS else None)
    zone(schedule.time_zone or "UTC")
    try:
        if schedule.next_after(datetime(2000, 1, 1, tzinfo=UTC), "UTC") is None:
            raise ValueError("the schedule never comes")
    except CronSimError as error:
        raise ValueError(f"the cron expression is wrong: {str(error).lower()}") from None
    return schedule


def zone(name: str) -> ZoneInfo:
    """Return a time zone by its name in the IANA database.

    Raises:
        ValueError: there is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise ValueError(f'time zone "{name}" is not known') from None
