"""The rules of every installation, from its first start: whatever breaks is on the dashboard."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DefaultRule:
    """A rule by name and kind; everything else is as its condition has it."""

    name: str
    kind: str


DEFAULT_RULES = (
    DefaultRule("late", "freshness"),
    DefaultRule("refresh failing", "refresh_failed"),
    DefaultRule("upstream failing", "upstream_failed"),
    DefaultRule("suspended", "suspended"),
    DefaultRule("no leader", "leader_missing"),
)
