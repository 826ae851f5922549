"""Deadlines as a pure function: lags, cron schedules, retries, boundaries, learned delays, missed ticks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dyntables.catalog.options import TableOptions
from dyntables.catalog.parts.schedule import SuspendReason
from dyntables.compiler.schedule import parse_schedule
from dyntables.refresh.record.outlook import moved, retry_seconds
from dyntables.scheduling.deadline import Starts, due, missed_ticks, start_at
from tests.support.tables import NOW, table

HOUR = timedelta(hours=1)


def test_a_schedule_is_meant_in_its_time_zone() -> None:
    berlin = {1: table(1, target_lag_seconds=None, options=TableOptions(schedule="0 6 * * * Europe/Berlin"))}
    assert start_at(berlin, 1) == datetime(2026, 11, 1, 5, tzinfo=UTC)
    own = {1: table(1, target_lag_seconds=None, time_zone="Asia/Tokyo", options=TableOptions(schedule="0 6 * * *"))}
    assert start_at(own, 1) == datetime(2026, 11, 1, 21, tzinfo=UTC)


def test_a_schedule_follows_the_change_to_summer_time() -> None:
    schedule = parse_schedule("30 2 * * * Europe/Berlin")
    assert schedule.next_after(datetime(2026, 3, 28, 12, tzinfo=UTC), "UTC") == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert schedule.next_after(datetime(2026, 3, 29, 12, tzinfo=UTC), "UTC") == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)


def test_beside_a_lag_whichever_comes_first_counts() -> None:
    both = {1: table(1, target_lag_seconds=86400, options=TableOptions(schedule="*/10 * * * *"))}
    assert start_at(both, 1) == NOW + timedelta(minutes=10)
    both = {1: table(1, target_lag_seconds=60, options=TableOptions(schedule="0 12 * * *"))}
    assert start_at(both, 1) == NOW + timedelta(seconds=43)


def test_without_contents_a_lag_starts_at_once_and_a_schedule_waits_for_its_instant() -> None:
    tables = {
        1: table(1, data_timestamp=None, created_at=NOW),
        2: table(
            2, data_timestamp=None, created_at=NOW, target_lag_seconds=None, options=TableOptions(schedule="0 * * * *")
        ),
    }
    assert [d.table_id for d in due(tables, Starts().of(tables), NOW)] == [1]
    assert [d.table_id for d in due(tables, Starts().of(tables), NOW + HOUR)] == [1, 2]


@pytest.mark.parametrize("text", ["0 6 * *", "61 * * * *", "0 0 30 2 *", "0 6 * * * Middle/Earth", "often", ""])
def test_a_wrong_schedule_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected five fields|cron expression|time zone|never comes"):
        parse_schedule(text)


def test_the_prefix_of_snowflake_is_read() -> None:
    assert str(parse_schedule("USING CRON 0 6 * * 1-5 UTC")) == "0 6 * * 1-5 UTC"


def test_a_reader_waits_for_the_next_try_of_what_it_reads() -> None:
    later = NOW + 2 * HOUR
    tables = {1: table(1, target_lag_seconds=None, retry_at=later), 2: table(2, reads=(1,))}
    assert start_at(tables, 2) == later


def test_a_table_suspended_for_its_errors_is_tried_again_and_no_other() -> None:
    later = NOW + HOUR
    errors = table(1, scheduling_state="SUSPENDED", suspend_reason=SuspendReason.ERRORS, retry_at=later)
    user = table(2, scheduling_state="SUSPENDED", suspend_reason="USER_SUSPENDED", retry_at=later)
    above = table(3, scheduling_state="SUSPENDED", suspend_reason="UPSTREAM_SUSPENDED_DUE_TO_ERRORS", reads=(1,))
    tables = {1: errors, 2: user, 3: above}
    assert due(tables, Starts().of(tables), later - timedelta(seconds=1)) == []
    assert [d.table_id for d in due(tables, Starts().of(tables), later + HOUR)] == [1]


def test_tries_come_ever_more_rarely() -> None:
    assert [retry_seconds(n, 5) for n in (1, 2, 3, 4)] == [2, 4, 8, 16]
    assert [retry_seconds(n, 5) for n in (5, 6, 7, 8, 9, 50)] == [300, 600, 1200, 2400, 3600, 3600]
    assert retry_seconds(100, 0) == 300


def test_what_a_disabled_table_takes_is_nobodys_concern() -> None:
    tables = {1: table(1, scheduled=False, expected_seconds=1000.0), 2: table(2, reads=(1,), expected_seconds=0.0)}
    assert start_at(tables, 2) == NOW + timedelta(seconds=45)


def test_a_learned_delay_starts_a_table_earlier() -> None:
    tables = {1: table(1)}
    assert start_at(tables, 1, {1: 10.0}) == NOW + timedelta(seconds=33)


def test_missed_ticks_of_a_lag_and_of_a_schedule() -> None:
    assert missed_ticks(table(1), NOW, NOW + timedelta(seconds=59)) == 0
    assert missed_ticks(table(1), NOW, NOW + timedelta(seconds=185)) == 3
    hourly = table(1, target_lag_seconds=None, options=TableOptions(schedule="0 * * * *"))
    assert missed_ticks(hourly, NOW + timedelta(minutes=1), NOW + timedelta(hours=2, minutes=1)) == 2


def test_one_long_refresh_does_not_start_the_next_ones_far_too_early() -> None:
    slow = {1: table(1, target_lag_seconds=10, expected_seconds=30.0)}
    assert start_at(slow, 1) == NOW + timedelta(seconds=2.5)
    assert moved(0.1, 300.0) == pytest.approx(1.2)
    assert moved(1.2, 0.1) == pytest.approx(0.87)
