"""After the work on a table with rules: contents that break one that blocks are not published; else it is recorded.

Readers keep the contents from before, and nothing of the refresh stays.
"""

from __future__ import annotations

from dyntables.catalog.model import Action, DynamicTable
from dyntables.catalog.quality import measures
from dyntables.catalog.state import contents
from dyntables.refresh.quality.recording import record_outcomes
from dyntables.refresh.quality.watching import Watching
from dyntables.refresh.result import Work
from dyntables.refresh.run import Run


def keep_to_rules(run: Run, table: DynamicTable, work: Work) -> None:
    """Measure the rules over new contents, at the run's snapshot and in the table's savepoint; record what they say.

    A rule that cannot be checked does not block: that it could not is recorded.

    Raises:
        QualityBlockedError: one does not hold; nothing of the refresh stays.
    """
    if work.action is Action.NO_DATA:
        return
    assert run.attempt is not None
    watching = run.attempt.watching or run.watch(table)
    if watching is None:
        return
    version = contents.change_version(run.connection, table.id)
    if version == watching.version and not watching.found:
        watching.stay()
    outcomes = watching.finish()
    _keep(run, watching, version)
    if version != watching.version:
        record_outcomes(run.connection, watching.target, watching.everything, outcomes, run.data_timestamp)


def _keep(run: Run, watching: Watching, version: int) -> None:
    found = {rule: m for rule, outcome in watching.found.items() if (m := outcome.measure) is not None}
    table_id = watching.target.dynamic_table_id
    assert table_id is not None
    measures.store(run.connection, table_id, version, found)
    measures.forget_before(run.connection, table_id, watching.version)
