"""Statements on alerts; they name a rule, and no table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CreateAlert:
    """CREATE ALERT name IF (EXISTS (query)) THEN NOTIFY channel, …."""

    name: str
    query: str
    channels: tuple[str, ...]
    or_replace: bool = False
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class SwitchAlert:
    """ALTER ALERT name SUSPEND or RESUME."""

    name: str
    enabled: bool
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class DropAlert:
    """DROP ALERT [IF EXISTS] name."""

    name: str
    if_exists: bool = False
