"""Figures for people."""

from __future__ import annotations


def span(seconds: float) -> str:
    """Return a duration for people."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"
