"""Search for a case that fails a check, and make it as small as it gets."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis.strategies import SearchStrategy

from tests.oracle.generation.cases import cases
from tests.oracle.generation.laboratory import Laboratory, RejectedError
from tests.oracle.generation.model import Case

FOUND = Path(__file__).resolve().parents[1] / "found"


def search(
    laboratory: Laboratory,
    check: Callable[[Case], None],
    *,
    examples: int,
    seed: int | None = None,
    kind: SearchStrategy[Case] | None = None,
) -> None:
    """Run a check on random cases, the same ones unless a seed is given; save the smallest that fails and raise."""
    failed: list[Case] = []

    def attempt(case: Case) -> None:
        try:
            check(case)
        except RejectedError:
            laboratory.tally.rejected += 1
        except Exception:
            failed.append(case)
            raise

    # To learn only that something is found is a matter of seconds.
    phases = (Phase.generate, *(() if os.environ.get("DYNTABLES_SHRINK") == "no" else (Phase.shrink,)))
    limits = hypothesis.settings(
        max_examples=examples, derandomize=seed is None, database=None, deadline=None, phases=phases,
        suppress_health_check=list(HealthCheck), print_blob=False, report_multiple_bugs=False,
    )  # fmt: skip
    run = limits(hypothesis.given(kind if kind is not None else cases())(attempt))
    if seed is not None:
        run = hypothesis.seed(seed)(run)
    try:
        run()
    except Exception as error:
        if failed:
            # The last case that hypothesis runs is the smallest.
            error.add_note(f"saved as {save(failed[-1])}:\n{failed[-1].script()}")
        raise


def save(case: Case) -> Path:
    """Write a case's script to the regressions."""
    text = case.script()
    path = FOUND / f"{hashlib.sha256(text.encode()).hexdigest()[:12]}.sql"
    FOUND.mkdir(exist_ok=True)
    path.write_text(text)
    return path
