"""The options that are kept with a table as they are: SCHEDULE, SUSPEND_AFTER_FAILURES and the retention."""

from __future__ import annotations

from typing import Any

from dyntables.compiler.schedule import zone
from dyntables.compiler.statements.model import Options
from dyntables.errors import InvalidOptionError

UNSET_SCHEDULING = {
    "SCHEDULE": "schedule",
    "SUSPEND_AFTER_FAILURES": "suspend_after",
    "DATA_RETENTION_TIME_IN_DAYS": "retention_days",
}


def scheduling_options(options: Options, time_zone: str) -> dict[str, Any]:
    """Return the options that were given, as the catalog keeps them; ``time_zone`` is the table's.

    Raises:
        InvalidOptionError: the schedule names no time zone, and the table's is none that a schedule can use.
    """
    kept: dict[str, Any] = {}
    if options.timing.schedule is not None:
        try:
            zone(options.timing.schedule.time_zone or time_zone)
        except ValueError as error:
            raise InvalidOptionError(
                f"{error}", hint="Write the time zone behind the five fields: SCHEDULE = '0 6 * * * Europe/Berlin'."
            ) from None
        kept["schedule"] = str(options.timing.schedule)
    if options.timing.suspend_after is not None:
        kept["suspend_after"] = options.timing.suspend_after
    if options.retention_days is not None:
        kept["retention_days"] = options.retention_days
    return kept
