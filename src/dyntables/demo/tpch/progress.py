"""Progress of a load: a small protocol, and its rendering as bars in a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class LoadProgress(Protocol):
    """Told of every step; called from several threads."""

    def begin(self, step: str, total: int) -> None:
        """A step begins; ``total`` is in the step's own unit (rows for COPY, else statements)."""
        ...

    def advance(self, step: str, amount: int) -> None:
        """Part of a step is done."""
        ...

    def end(self, step: str) -> None:
        """A step is done."""
        ...


class SilentProgress:
    """Shows nothing."""

    def begin(self, step: str, total: int) -> None:
        """Ignore."""

    def advance(self, step: str, amount: int) -> None:
        """Ignore."""

    def end(self, step: str) -> None:
        """Ignore."""


class TerminalProgress:
    """Bars in a terminal."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def begin(self, step: str, total: int) -> None:
        """Add a bar."""
        self._tasks[step] = self._bars.add_task(step, total=max(total, 1))

    def advance(self, step: str, amount: int) -> None:
        """Move a bar."""
        self._bars.advance(self._tasks[step], amount)

    def end(self, step: str) -> None:
        """Fill a bar."""
        task = self._tasks[step]
        total = next(t.total for t in self._bars.tasks if t.id == task)
        self._bars.update(task, completed=total)


@contextmanager
def terminal_progress(console: Console) -> Iterator[LoadProgress]:
    """Show bars while a load runs."""
    columns = (
        TextColumn("{task.description:<26}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        yield TerminalProgress(bars)
