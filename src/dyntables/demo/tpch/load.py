"""Load TPC-H: generate, COPY on parallel connections, keys, indexes, statistics, and a check of the result."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import IO, TypeVar

import psycopg
from psycopg import sql

from dyntables import clock
from dyntables.demo.tpch import ddl, generator
from dyntables.demo.tpch.faults import inject
from dyntables.demo.tpch.partitions import PARTITIONS, Partition, partitions
from dyntables.demo.tpch.progress import LoadProgress, SilentProgress
from dyntables.demo.tpch.schema import DEFAULT_SCHEMA, TABLES, ForeignKey, Table
from dyntables.errors import CatalogError, DyntablesError, EngineError

T = TypeVar("T")

_SMALL_SCALE = 0.1
_SESSION = "-c maintenance_work_mem=512MB -c max_parallel_maintenance_workers=2 -c synchronous_commit=off"


@dataclass(slots=True)
class LoadReport:
    """What was loaded: rows of each table, seconds of each step, injected faults of each kind."""

    rows: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Job:
    """One COPY: a table, or one partition of it."""

    table: Table
    part: Partition | None

    @property
    def number(self) -> int | None:
        return self.part.number if self.part else None

    @property
    def name(self) -> str:
        return self.part.table_name(self.table) if self.part else self.table.name


def load(
    url: str,
    *,
    scale: float = 1.0,
    partitioned: bool = False,
    faults: float = 0.0,
    schema: str = DEFAULT_SCHEMA,
    jobs: int | None = None,
    cascade: bool = False,
    progress: LoadProgress | None = None,
) -> LoadReport:
    """Load the eight tables into a schema, replacing what it holds.

    Args:
        url: the database.
        scale: the scale factor; 1 is 6 million line items.
        partitioned: split ORDERS and LINEITEM by order key.
        faults: share of rows that get an injected fault, recorded in ``injected_faults``.
        schema: where the tables go.
        jobs: parallel connections; the number of processors by default.
        cascade: also drop what depends on tables that are there already.
        progress: told of every step.

    Raises:
        DyntablesError: nothing could be loaded, or the result is not what it must be.
    """
    loader = _Loader(url, schema, scale, jobs or max(2, os.cpu_count() or 2), progress or SilentProgress())
    try:
        drop(url, schema=schema, cascade=cascade)
        return loader.run(partitioned=partitioned, faults=faults)
    except psycopg.Error as error:
        hint = "Free space on the server's disk." if error.sqlstate == "53100" else None
        raise EngineError(
            f"the load failed: {str(error).splitlines()[0]}", hint=hint, sqlstate=error.sqlstate
        ) from error


def drop(url: str, *, schema: str = DEFAULT_SCHEMA, cascade: bool = False) -> None:
    """Drop the tables.

    Raises:
        CatalogError: something else depends on them and ``cascade`` was not asked for.
    """
    names = sql.SQL(", ").join(
        sql.Identifier(schema, name) for name in [*(t.name for t in reversed(TABLES)), "injected_faults"]
    )
    statement = sql.SQL("DROP TABLE IF EXISTS {}{}").format(names, sql.SQL(" CASCADE" if cascade else ""))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.add_notice_handler(lambda _: None)
        try:
            connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
            connection.execute(statement)
        except psycopg.errors.DependentObjectsStillExist as error:
            raise CatalogError(
                "the TPC-H tables cannot be dropped: other objects depend on them",
                detail=error.diag.message_detail,
                hint="Drop these objects first.",
            ) from error


class _Loader:
    """One load: its settings and its report."""

    def __init__(self, url: str, schema: str, scale: float, jobs: int, progress: LoadProgress) -> None:
        self.url, self.schema, self.scale, self.jobs, self.progress = url, schema, scale, jobs, progress
        self.report = LoadReport()
        self._failed = threading.Event()

    def run(self, *, partitioned: bool, faults: float) -> LoadReport:
        parts = partitions(self.scale) if partitioned else []
        if partitioned:
            self._each("parents", [t for t in TABLES if t.partition_key], self._create_parent)
        self._step("copy", lambda: self._copy(parts))
        attached = [j for j in self._jobs(parts) if j.part]
        self._each("primary keys", self._jobs(parts), self._primary_key)
        if attached:
            self._step("attach partitions", lambda: self._attach(attached))
        if faults:
            self._step("inject faults", lambda: self._inject(faults))
        indexes = [(t, columns) for t in reversed(TABLES) for columns in t.indexes]
        self._each("indexes", indexes, lambda c, i: c.execute(ddl.create_index(self.schema, *i)))
        self._each("vacuum analyze", reversed(TABLES), lambda c, t: c.execute(ddl.vacuum_analyze(self.schema, t.name)))
        keys = [(t, key) for t in reversed(TABLES) for key in t.foreign_keys]
        self._step("foreign keys", lambda: self._foreign_keys(keys))
        self._step("integrity check", self._check)
        return self.report

    def _jobs(self, parts: list[Partition]) -> list[_Job]:
        found = []
        for table in sorted(TABLES, key=lambda t: -t.rows):
            split = parts if table.partition_key else []
            found += [_Job(table, p) for p in split] or [_Job(table, None)]
        return found

    def _copy(self, parts: list[Partition]) -> None:
        jobs = self._jobs(parts)
        for table in TABLES:
            self.progress.begin(table.name, table.expected_rows(self.scale))
        if self.scale <= _SMALL_SCALE:
            split = [t.name for t in TABLES if parts and t.partition_key]
            plain = [t.name for t in TABLES if t.name not in split]
            files = generator.Files(self.scale, plain=plain, split=split, parts=PARTITIONS)
            try:
                self._parallel(jobs, lambda c, j: self._copy_one(c, j, files.open(j.table.name, part=j.number)))
            finally:
                files.close()
            return
        count = PARTITIONS if parts else None
        self._parallel(
            jobs,
            lambda c, j: self._copy_one(
                c,
                j,
                generator.streamed(j.table.name, self.scale, part=j.number, parts=count if j.part else None),
            ),
        )

    def _copy_one(self, connection: psycopg.Connection, job: _Job, rows: AbstractContextManager[IO[bytes]]) -> None:
        with rows as stream, connection.transaction():
            connection.execute(ddl.create_table(self.schema, job.table, name=job.name))
            with connection.cursor() as cursor:
                with cursor.copy(ddl.copy_csv(self.schema, job.name)) as copy:
                    while chunk := stream.read(generator.CHUNK):
                        if self._failed.is_set():
                            raise EngineError("the load was stopped because another table failed")
                        copy.write(chunk)
                        self.progress.advance(job.table.name, chunk.count(b"\n"))
                copied = cursor.rowcount
        self.report.rows[job.table.name] = self.report.rows.get(job.table.name, 0) + copied
        if job.part is None:
            self.progress.end(job.table.name)

    def _create_parent(self, connection: psycopg.Connection, table: Table) -> None:
        connection.execute(ddl.create_table(self.schema, table, partitioned=True))
        connection.execute(ddl.add_primary_key(self.schema, table))

    def _primary_key(self, connection: psycopg.Connection, job: _Job) -> None:
        connection.execute(ddl.add_primary_key(self.schema, job.table, name=job.name))
        if job.part:
            connection.execute(ddl.add_range_check(self.schema, job.table, job.part))

    def _attach(self, jobs: list[_Job]) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            for job in jobs:
                assert job.part is not None
                connection.execute(ddl.attach_partition(self.schema, job.table, job.part))
                connection.execute(ddl.drop_range_check(self.schema, job.table, job.part))

    def _inject(self, share: float) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            self.report.faults = inject(connection, share, self.schema)

    def _foreign_keys(self, keys: list[tuple[Table, ForeignKey]]) -> None:
        """Add foreign keys; two of one table lock each other out, so a worker takes a whole table."""
        self.progress.begin("foreign keys", len(keys))
        by_table: dict[str, list[tuple[Table, ForeignKey]]] = {}
        for table, key in keys:
            by_table.setdefault(table.name, []).append((table, key))

        def add(connection: psycopg.Connection, group: list[tuple[Table, ForeignKey]]) -> None:
            for table, key in group:
                connection.execute(ddl.add_foreign_key(self.schema, table, key))
                self.progress.advance("foreign keys", 1)

        self._parallel(list(by_table.values()), add)
        self.progress.end("foreign keys")

    def _check(self) -> None:
        for table in TABLES:
            expected, tolerance = table.expected_rows(self.scale), table.row_tolerance(self.scale)
            got = self.report.rows.get(table.name, 0)
            if abs(got - expected) > tolerance:
                raise DyntablesError(
                    f'table "{self.schema}.{table.name}" has {got:,} rows instead of {expected:,}',
                    hint="Load again; if it happens twice, the generator and this version do not fit together.",
                )

    def _each(self, step: str, items: Iterable[T], work: Callable[[psycopg.Connection, T], object]) -> None:
        todo = list(items)

        def one(connection: psycopg.Connection, item: T) -> None:
            work(connection, item)
            self.progress.advance(step, 1)

        def everything() -> None:
            self.progress.begin(step, len(todo))
            self._parallel(todo, one)
            self.progress.end(step)

        self._step(step, everything)

    def _step(self, step: str, work: Callable[[], None]) -> None:
        started = clock.monotonic()
        work()
        self.report.seconds[step] = clock.monotonic() - started

    def _parallel(self, items: list[T], work: Callable[[psycopg.Connection, T], object]) -> None:
        """Run the work for each item, largest first, each on a connection of its own; the first failure stops all."""

        def one(item: T) -> None:
            if self._failed.is_set():
                return
            try:
                with psycopg.connect(self.url, autocommit=True, options=_SESSION) as connection:
                    work(connection, item)
            except BaseException:
                self._failed.set()
                raise

        with ThreadPoolExecutor(self.jobs, thread_name_prefix="load") as pool:
            futures = [pool.submit(one, item) for item in items]
        for future in futures:
            future.result()
