"""What the statements of an incremental refresh came to, whatever engine has run them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dyntables.compiler.program import Program
from dyntables.engines.port import Applied
from dyntables.errors import InvariantError, RebuildNeededError


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a statement: a number of rows, or of a check true or false; None if it was left out.

    ``expected``: the number of rows that it had to touch, if it has to touch so many.
    """

    text: str | None
    expected: int | None
    milliseconds: float


def summed_up(program: Program, answers: Iterable[Answer]) -> Applied:
    """Return what a program did, by the answers to its statements, which may still come.

    Raises:
        InvariantError: the delta does not fit what is stored.
        RebuildNeededError: the delta is not enough.
    """
    record: list[dict[str, Any]] = []
    deleted = inserted = 0
    for number, (statement, answer) in enumerate(zip(program.statements, answers, strict=False)):
        if answer.text is None:
            continue
        if statement.purpose == "CHECK":
            if answer.text == "true":
                raise InvariantError(f"the delta does not fit the stored state: {statement.label} does not hold")
            continue
        if statement.purpose == "REBUILD":
            if answer.text == "true":
                raise RebuildNeededError(statement.label)
            continue
        rows = int(answer.text)
        if answer.expected is not None and rows != answer.expected:
            raise InvariantError(f"{statement.label}: {answer.expected} rows were expected, {rows} were found")
        if number >= program.final and not statement.temporary:
            deleted += rows if statement.purpose in ("DELETE", "UPDATE") else 0
            inserted += rows if statement.purpose in ("INSERT", "UPDATE") else 0
        done = {"stage": program.stage(number), "purpose": str(statement.purpose), "label": statement.label}
        record.append({**done, "rows": rows, "ms": round(answer.milliseconds, 2)})
    return Applied(tuple(record), inserted, deleted)
