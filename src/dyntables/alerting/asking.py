"""The queries of rules: asked once a minute, one after the other, in a thread of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

from dyntables.alerts.condition import QueryCondition
from dyntables.alerts.model import Rule
from dyntables.alerts.registry import condition_of
from dyntables.alerts.seen import Answer
from dyntables.engines.postgres.asking import ask_figure, ask_rows
from dyntables.errors import DyntablesError, without_values

EVERY = timedelta(minutes=1)
Ask = Callable[[str, str, str], float | None]


class Asker:
    """Asks what is due, and hands over what has been answered.

    Args:
        url: the database.
        every: how often each rule is asked.
    """

    def __init__(self, url: str, every: timedelta = EVERY) -> None:
        self.owners: Mapping[int, str] = {}
        self._url, self._every = url, every
        self._pool = ThreadPoolExecutor(1, "alert queries")
        self._asked: dict[int, tuple[datetime, str | None]] = {}
        self._waiting: dict[int, Future[Answer]] = {}

    def ask(self, rules: Iterable[Rule], now: datetime) -> None:
        """Begin to ask the rules that are due, or are new."""
        present = list(rules)
        for rule in present:
            at, query = self._asked.get(rule.id, (None, None))
            due = at is None or query != rule.query or not timedelta() <= now - at < self._every
            if due and rule.id not in self._waiting and rule.query is not None:
                self._asked[rule.id] = now, rule.query
                self._waiting[rule.id] = self._pool.submit(self._answer, rule, self.owners.get(rule.id, ""))
        self._asked = {r.id: self._asked[r.id] for r in present if r.id in self._asked}

    def answers(self) -> list[tuple[int, Answer]]:
        """Return what has been answered since the last call, by rule."""
        done = [(rule_id, future.result()) for rule_id, future in self._waiting.items() if future.done()]
        for rule_id, _ in done:
            del self._waiting[rule_id]
        return done

    def close(self) -> None:
        """Ask nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _answer(self, rule: Rule, owner: str) -> Answer:
        condition = condition_of(rule.kind)
        ask: Ask = ask_rows if isinstance(condition, QueryCondition) and condition.counts else ask_figure
        try:
            return Answer(ask(self._url, owner, rule.query or ""))
        except DyntablesError as error:
            return Answer(error=without_values(error)[0])
