"""Where a scenario is played: a schema of the learner's own, and connections that find its tables first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import TracebackType

import psycopg
from psycopg import sql

from dyntables.client import Client
from dyntables.compiler.names import quote_qualified
from dyntables.demo.scenarios.model import Parameter, Scenario
from dyntables.demo.scenarios.progress import Progress
from dyntables.demo.tpch.load import load
from dyntables.demo.tpch.progress import LoadProgress
from dyntables.demo.tpch.schema import DEFAULT_SCHEMA
from dyntables.errors import InvalidOptionError, LockNotAvailableError

# The keys of orders at scale factor 0.1 go so far; from a larger load no more is taken.
_LAST_KEY = 600_000
_SLICED = {"orders": "o_orderkey", "lineitem": "l_orderkey"}
_LEARNER = re.compile(r"[a-z0-9_]{1,24}")


class Stage:
    """One scenario for one learner; nobody else plays it while it is open.

    Args:
        url: the database.
        scenario: what is played.
        learner: whose schema it is: lower-case letters, digits and underscores.
        given: values of the scenario's settings, by name.

    Raises:
        InvalidOptionError: the learner's name or a value is none.
        LockNotAvailableError: the same learner plays it somewhere else.
    """

    def __init__(self, url: str, scenario: Scenario, learner: str, given: Mapping[str, str] | None = None) -> None:
        if not _LEARNER.fullmatch(learner):
            raise InvalidOptionError(
                f'"{learner}" cannot be the name of a learner',
                hint="Take up to 24 lower-case letters, digits and underscores.",
            )
        self.url, self.scenario = url, scenario
        self.schema = f"learn_{scenario.id}_{learner}"
        self._values = _values(scenario, given or {})
        self._sessions: dict[str, Client] = {}
        self._backends: dict[str, int] = {}
        self.connection = psycopg.connect(url, autocommit=True, application_name="dyntables learn")
        self.connection.add_notice_handler(lambda _: None)
        self.progress = Progress(self.connection, self.schema)
        if not self._alone():
            self.connection.close()
            raise LockNotAvailableError(
                f'"{scenario.id}" is being played by {learner} already',
                hint="Go on there, or take another name with --learner.",
            )

    def session(self, name: str = "learner") -> Client:
        """Return the connection of that name; it is opened when it is first asked for."""
        if name not in self._sessions:
            client = self._sessions[name] = Client(self.url)
            self._backends[name] = client.execute("SELECT pg_backend_pid()").rows[0][0]
            client.execute(f"SET search_path = {quote_qualified(self.schema)}, public")
        return self._sessions[name]

    def close_sessions(self) -> None:
        """Close all of these connections; what is open on them is rolled back."""
        while self._sessions:
            self._sessions.popitem()[1].close()
        self._backends.clear()

    def end_statements(self) -> None:
        """End the backends of these connections, whatever they do."""
        pids = list(self._backends.values())
        self.connection.execute("SELECT pg_terminate_backend(p) FROM unnest(%s::integer[]) p", [pids])

    def written(self, text: str) -> str:
        """Return a statement with the scenario's settings in it."""
        for name, value in self._values.items():
            text = text.replace(f"${{{name}}}", value)
        return text

    def prepare(self, scale: float, progress: LoadProgress | None = None) -> None:
        """Make the learner's schema and what it begins with, unless that is done; load TPC-H if there is none."""
        if self.progress.begun:
            return
        self.reset()
        if self.scenario.tpch and not self._has_tpch():
            load(self.url, scale=scale, progress=progress)
        self.connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(self.schema)))
        for table in self.scenario.tpch:
            self._copy(table)
        if self.scenario.setup:
            self.session().execute(self.scenario.setup)
        self.progress.begin()

    def reset(self) -> None:
        """Drop the learner's schema with everything in it, dynamic tables for good."""
        self.close_sessions()
        with Client(self.url) as client:
            for (table,) in self.connection.execute(
                "SELECT name FROM dyntables.dynamic_tables WHERE schema_name = %s", [self.schema]
            ).fetchall():
                name = quote_qualified(self.schema, table)
                client.execute(f"ALTER DYNAMIC TABLE IF EXISTS {name} SET DATA_RETENTION_TIME_IN_DAYS = 0")
                client.execute(f"DROP DYNAMIC TABLE IF EXISTS {name} CASCADE")
        self.connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(self.schema)))

    def close(self) -> None:
        """Close everything; the schema stays, and can be played on."""
        self.close_sessions()
        self.connection.close()

    def __enter__(self) -> Stage:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _alone(self) -> bool:
        row = self.connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [self.schema]).fetchone()
        return row is not None and bool(row[0])

    def _copy(self, table: str) -> None:
        """Copy a table of TPC-H with its keys and indexes; of orders and lines what scale factor 0.1 has."""
        names = {"copy": sql.Identifier(self.schema, table), "original": sql.Identifier(DEFAULT_SCHEMA, table)}
        key = _SLICED.get(table)
        part = sql.SQL(" WHERE {} <= {}").format(sql.Identifier(key), _LAST_KEY) if key else sql.SQL("")
        for text in (
            "CREATE TABLE {copy} (LIKE {original} INCLUDING ALL)",
            "INSERT INTO {copy} SELECT * FROM {original}{part}",
            "ANALYZE {copy}",
        ):
            self.connection.execute(sql.SQL(text).format(part=part, **names))

    def _has_tpch(self) -> bool:
        row = self.connection.execute("SELECT to_regclass(%s) IS NOT NULL", [f"{DEFAULT_SCHEMA}.lineitem"]).fetchone()
        return row is not None and bool(row[0])


def _values(scenario: Scenario, given: Mapping[str, str]) -> dict[str, str]:
    settings = {setting.name: setting for setting in scenario.settings}
    if unknown := sorted(set(given) - set(settings)):
        has = f"It has {', '.join(settings)}." if settings else "It has none."
        raise InvalidOptionError(f'"{scenario.id}" has no setting "{unknown[0]}"', hint=has)
    return {name: _in_sql(s.kind, given.get(name, s.default)) for name, s in settings.items()}


def _in_sql(kind: Parameter, value: str) -> str:
    """Return a value as it stands in SQL: names are quoted, whatever is in them."""
    match kind:
        case Parameter.RELATION:
            return quote_qualified(*value.split("."))
        case Parameter.COLUMN:
            return quote_qualified(value)
        case Parameter.STATEMENT:
            return value
