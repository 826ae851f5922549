"""Refreshes: the history, and each in detail."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from dyntables.server.schemas.base import Schema


class Refresh(Schema):
    """One attempt to refresh one table; the last of several in a row, where they found nothing or were skipped."""

    id: int
    run: str = Field(description="Tables of one run were refreshed at one snapshot.")
    table_id: int
    schema_name: str
    name: str
    state: str = Field(examples=["SUCCEEDED"])
    action: str | None = Field(examples=["INCREMENTAL"])
    reason: str | None = Field(examples=["CHANGES"])
    trigger: str = Field(examples=["SCHEDULED"])
    started_at: datetime
    ended_at: datetime | None
    duration_ms: float | None
    waited_ms: float | None = Field(description="What its run waited, for locks above all, before its snapshot.")
    data_timestamp: datetime | None
    previous_data_timestamp: datetime | None
    target_lag_seconds: int | None
    lag_before_seconds: float | None = Field(description="How old the contents were just before the refresh ended.")
    within_target: bool | None
    rows_inserted: int | None
    rows_deleted: int | None
    count: int = Field(description="How many in a row found nothing, or were skipped; 1 for any other.")
    first_ended_at: datetime | None = Field(description="When the first of several in a row ended.")
    longest_lag_seconds: float | None = Field(description="The longest lag at the end of one of several in a row.")
    choice: str | None = Field(description="Why the cheaper of incremental and full was taken to be that.")
    full_form: str | None = Field(description="How a full refresh replaced the contents: SWAP or DIFF.")
    estimated_incremental_ms: float | None
    estimated_full_ms: float | None
    error_code: str | None
    error_message: str | None


class RefreshStatement(Schema):
    """One statement of a refresh."""

    stage: int
    purpose: str
    label: str
    rows: int
    milliseconds: float


class RefreshError(Schema):
    """Why a refresh failed, and what to do."""

    code: str
    message: str
    detail: str | None = None
    hint: str | None = None
    sqlstate: str | None = None
    statement: str | None = Field(None, description="The statement that failed.")


class SourceAlteration(Schema):
    """What happened to something that a table is computed from."""

    name: str = Field(examples=["public.orders"])
    what: str = Field(examples=['lost the column "amount"'])


class RefreshDetail(Refresh):
    """One refresh with everything that is known of it."""

    reason_text: str | None
    source_changes: dict[str, int]
    statements: list[RefreshStatement]
    error: RefreshError | None
    source_alterations: list[SourceAlteration] = Field(
        description="Of a failed refresh: how sources and functions differ now from those of the last success, if none "
        "came later."
    )
    run_refreshes: list[Refresh] = Field(description="The other tables of the same run, in the order of work.")
