"""The leader's housekeeping: change logs are trimmed, what is old is pruned, off the path of refreshes."""

from __future__ import annotations

import threading
from collections.abc import Callable

from dyntables.engines.postgres.connection.errors import translated
from dyntables.engines.postgres.connection.session import connect
from dyntables.errors import DyntablesError
from dyntables.refresh.logs.prune import prune_dropped, prune_history, trim_all
from dyntables.refresh.sources.owning import follow_tables

_TRIM_SECONDS = 60.0
_PRUNE_EVERY = 30


class Housekeeper:
    """A thread with a connection of its own.

    Args:
        url: the database.
        on_problem: called with an error that stopped one round; the next is tried all the same.
        seconds: between two rounds; every thirtieth also prunes.
    """

    def __init__(
        self, url: str, on_problem: Callable[[Exception], None] | None = None, seconds: float = _TRIM_SECONDS
    ) -> None:
        self.url = url
        self.seconds = seconds
        self._on_problem = on_problem or (lambda _: None)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeper", daemon=True)

    def __enter__(self) -> Housekeeper:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        rounds = 0
        while not self._stop.wait(self.seconds):
            try:
                with translated(), connect(self.url, application_name="dyntables housekeeper") as connection:
                    follow_tables(connection)
                    trim_all(connection)
                    if rounds % _PRUNE_EVERY == 0:
                        prune_history(connection, self._stop.is_set)
                        prune_dropped(connection)
                rounds += 1
            except DyntablesError as error:
                self._on_problem(error)
