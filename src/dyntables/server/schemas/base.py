"""What all schemas share."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field


class Schema(BaseModel):
    """Something that the API returns."""

    model_config = ConfigDict(frozen=True)


class Body(BaseModel):
    """Something that the API takes; unknown members are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_max_length=500_000)


Item = TypeVar("Item")


class Page(Schema, Generic[Item]):
    """One page of a list; ``next_cursor`` leads to the next, and is null on the last."""

    items: list[Item]
    next_cursor: str | None = Field(None, examples=["eyJpZCI6NDJ9"])


class TextSpan(Schema):
    """A place in the text that was sent: 0-based character offsets, end exclusive; line and column from 1."""

    start: int
    end: int
    line: int
    column: int


class Problem(Schema):
    """An error, after RFC 9457, with a stable code, a next step and, where it helps, a place in the text sent."""

    type: str = Field(examples=["https://dyntables.dev/errors/DT101"])
    title: str = Field(examples=['relation "orders" does not exist'])
    status: int = Field(examples=[422])
    code: str = Field(examples=["DT101"])
    detail: str | None = None
    hint: str | None = None
    span: TextSpan | None = None
    sqlstate: str | None = None
    instance: str | None = Field(None, description="The correlation id of the request; log lines carry it.")
