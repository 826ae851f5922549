"""The cheaper form of a full refresh, swap or difference, by what both took for the table; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

_WEEK = 7 * 86_400.0
_AGAIN = 20  # full refreshes after which the dearer form is tried again, if little is at stake
_LITTLE = 3.0


class Form(StrEnum):
    """SWAP builds new storage and points the view at it; DIFF computes beside, and applies only what differs."""

    SWAP = "SWAP"
    DIFF = "DIFF"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a form took, when (seconds of the epoch), and how often the other was chosen since."""

    seconds: float
    at: float
    skips: int = 0


@dataclass(frozen=True, slots=True)
class Forms:
    """What is known of one version of a table: its rows, and each form that was tried."""

    version: int
    rows: int | None = None
    seen: Mapping[Form, Seen] | None = None


def choose_form(forms: Forms, now: float) -> Form:
    """Return the form to use: what is unknown first, then the cheaper, and now and then the other again."""
    seen = forms.seen or {}
    swap, diff = seen.get(Form.SWAP), seen.get(Form.DIFF)
    if swap is None or forms.rows is None:
        return Form.SWAP
    if diff is None:
        return Form.DIFF
    better, other = (Form.SWAP, Form.DIFF) if swap.seconds <= diff.seconds else (Form.DIFF, Form.SWAP)
    little = seen[other].seconds < _LITTLE * seen[better].seconds
    if now - seen[other].at > _WEEK or (little and seen[other].skips >= _AGAIN):
        return other
    return better


def learn_form(forms: Forms, form: Form, seconds: float, rows: int, now: float) -> Forms:
    """Return what is known after one more full refresh."""
    seen = dict(forms.seen or {})
    for other in seen:
        if other is not form:
            seen[other] = replace(seen[other], skips=seen[other].skips + 1)
    old = seen.get(form)
    seen[form] = Seen(seconds if old is None or old.skips else (old.seconds + seconds) / 2, now)
    return Forms(forms.version, rows, seen)


def load_forms(stored: Mapping[str, Any], version: int) -> Forms:
    """Read what ``dump_forms`` wrote; figures of another version of the definition count for nothing."""
    if stored.get("version") != version or "forms" not in stored:
        return Forms(version)
    return Forms(version, stored.get("rows"), {Form(f): Seen(*s) for f, s in stored["forms"].items()})


def dump_forms(forms: Forms) -> dict[str, Any]:
    """Return them as a JSON document."""
    seen = {str(f): [s.seconds, s.at, s.skips] for f, s in (forms.seen or {}).items()}
    return {"version": forms.version, "rows": forms.rows, "forms": seen}
