"""OpenLineage events: each refresh that did something, with what it read and wrote, and which column came of which.

Data sets and jobs are named as OpenLineage names PostgreSQL's (https://openlineage.io/docs/spec/naming): namespace
``postgres://host:port``, name ``database.schema.table``. Where events go is said by OpenLineage's own variables,
``OPENLINEAGE_URL`` above all. They are sent by a thread of its own; what cannot be sent is lost, and nothing waits.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    DatasetFacet,
    RunFacet,
    column_lineage_dataset,
    error_message_run,
    nominal_time_run,
    output_statistics_output_dataset,
    parent_run,
    sql_job,
)
from openlineage.client.uuid import generate_new_uuid

from dyntables.catalog import Connection
from dyntables.catalog.reports.lineage import ColumnEdge, Made, made_of
from dyntables.events import Fact, RefreshEnded, RunEnded

PRODUCER = "https://dyntables.dev"
_MOST = 10_000  # runs that wait to be sent; later ones are lost
# How OpenLineage calls the ways of a column (facets/ColumnLineageDatasetFacet), here by our name.
_WAYS = {
    "PASS_THROUGH": ("DIRECT", "IDENTITY"),
    "EXPRESSION": ("DIRECT", "TRANSFORMATION"),
    "AGGREGATE": ("DIRECT", "AGGREGATION"),
    "GROUP_KEY": ("INDIRECT", "GROUP_BY"),
    "WINDOW": ("INDIRECT", "WINDOW"),
    "FILTER": ("INDIRECT", "FILTER"),
    "JOIN": ("INDIRECT", "JOIN"),
}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the tables are: the namespace of the server, and its database."""

    namespace: str
    database: str

    def name(self, schema: str, table: str) -> str:
        """Return the name of a relation among all of the server."""
        return f"{self.database}.{schema}.{table}"


class Lineage:
    """A listener of the bus that sends an event for each refresh that read or wrote something.

    Args:
        client: sends them.
        connect: opens a connection to the catalog, for the thread that asks it what a table is made of.
        place: of the tables.
    """

    def __init__(self, client: OpenLineageClient, connect: Callable[[], Connection], place: Place) -> None:
        self._client, self._connect, self._place = client, connect, place
        self._waiting: queue.Queue[RunEnded | None] = queue.Queue(_MOST)
        self._thread = threading.Thread(target=self._run, name="lineage", daemon=True)
        self._thread.start()

    def __call__(self, fact: Fact) -> None:
        """Hear a fact: what runs did is sent soon."""
        if isinstance(fact, RunEnded):
            with suppress(queue.Full):
                self._waiting.put_nowait(fact)

    def close(self) -> None:
        """Send what waits, and end."""
        self._waiting.put(None)
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while (fact := self._waiting.get()) is not None:
            try:
                with self._connect() as connection:
                    made = made_of(connection, [r.table_id for r in fact.refreshes])
                for event in events_of(fact, made, self._place):
                    self._client.emit(event)
            except Exception as error:
                # Neither a collector nor the catalog that cannot be reached may end the thread.
                _log.warning("lineage of run %s was not sent: %s", fact.run, error)


def events_of(fact: RunEnded, made: dict[int, Made], place: Place) -> Iterator[RunEvent]:
    """Yield the events of a run: START and COMPLETE, or FAIL, of each refresh that did something."""
    for refresh in fact.refreshes:
        if refresh.work is None or refresh.table_id not in made or refresh.action == "NO_DATA":
            continue
        yield from _events(fact, refresh, made[refresh.table_id], place)


def _events(fact: RunEnded, refresh: RefreshEnded, made: Made, place: Place) -> Iterator[RunEvent]:
    assert refresh.work is not None
    schema, _, table = refresh.name.partition(".")
    name = place.name(schema, table)
    facets: dict[str, RunFacet] = {"parent": _parent(fact, place)}
    if refresh.data_timestamp is not None:
        facets["nominalTime"] = nominal_time_run.NominalTimeRunFacet(refresh.data_timestamp.isoformat())
    job = Job(place.namespace, name, {"sql": sql_job.SQLJobFacet(made.query, dialect="postgresql")})
    inputs = [InputDataset(place.namespace, place.name(*read)) for read in made.reads]
    run_id = str(generate_new_uuid(refresh.work.began_at))
    began = refresh.work.began_at.isoformat()
    yield RunEvent(eventType=RunState.START, eventTime=began, run=Run(run_id, facets), job=job, producer=PRODUCER)
    if refresh.error_code is not None:
        message = error_message_run.ErrorMessageRunFacet(refresh.error_message or refresh.error_code, "SQL")
        facets = {**facets, "errorMessage": message}
    yield RunEvent(
        eventType=RunState.COMPLETE if refresh.error_code is None else RunState.FAIL,
        eventTime=fact.ended_at.isoformat(),
        run=Run(run_id, facets),
        job=job,
        inputs=inputs,
        outputs=[_output(refresh, made, place, name)],
        producer=PRODUCER,
    )


def _parent(fact: RunEnded, place: Place) -> parent_run.ParentRunFacet:
    job = parent_run.Job(place.namespace, f"{place.database}.dyntables.run")
    return parent_run.ParentRunFacet(parent_run.Run(str(fact.run)), job)


def _output(refresh: RefreshEnded, made: Made, place: Place, name: str) -> OutputDataset:
    assert refresh.work is not None
    written = refresh.work.rows_inserted + refresh.work.rows_deleted
    statistics = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(rowCount=written)
    facets: dict[str, DatasetFacet] = {}
    if made.edges:
        facets["columnLineage"] = _columns(made.edges, place)
    return OutputDataset(place.namespace, name, {"outputStatistics": statistics}, facets=facets)


def _columns(edges: Iterable[ColumnEdge], place: Place) -> column_lineage_dataset.ColumnLineageDatasetFacet:
    fields: dict[str, list[column_lineage_dataset.InputField]] = {}
    rows: list[column_lineage_dataset.InputField] = []
    for edge in edges:
        kind, subtype = _WAYS[edge.kind]
        way = column_lineage_dataset.Transformation(kind, subtype, edge.expression or "")
        source = column_lineage_dataset.InputField(
            place.namespace, place.name(edge.schema, edge.table), edge.column, [way]
        )
        (rows if edge.output is None else fields.setdefault(edge.output, [])).append(source)
    named = {output: column_lineage_dataset.Fields(sources) for output, sources in fields.items()}
    return column_lineage_dataset.ColumnLineageDatasetFacet(named, rows)
