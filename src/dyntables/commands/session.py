"""What a statement needs to run: one connection, and the refresher over it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dyntables.catalog import Connection, tables
from dyntables.compiler.statements import Dialect
from dyntables.engines.postgres.connection.settings import settings_in_force
from dyntables.engines.postgres.definition.by_name import current_schema
from dyntables.refresh.result import RefreshResult, Verification
from dyntables.refresh.runner import Refresher
from dyntables.refresh.sources.plans import ReadingCache

ALTERED = "ALTER DYNAMIC TABLE"


@dataclass(slots=True)
class Result:
    """What a statement returned: column names, rows, a status line and notices.

    ``refreshes`` and ``verifications`` are what the rows of REFRESH and VERIFY are made from.
    """

    columns: list[str] = field(default_factory=list)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    status: str = ""
    notices: list[str] = field(default_factory=list)
    refreshes: tuple[RefreshResult, ...] = ()
    verifications: tuple[Verification, ...] = ()


def executed(*notices: str, status: str = ALTERED) -> Result:
    """Return the result of a statement that has nothing to show."""
    return Result(["status"], [("statement executed",)], status, list(notices))


@dataclass(slots=True)
class Session:
    """One user's session, not to be shared between threads.

    ``dialect`` is that of definitions that name none; ``role`` is for whom the connected user acts, if not for itself;
    ``readings`` are definitions that other sessions have read; ``said`` are settings that the user has SET, and that do
    not hold while a statement of ours runs.
    """

    connection: Connection
    refresher: Refresher
    dialect: Dialect = Dialect.POSTGRESQL
    role: str | None = None
    readings: ReadingCache | None = None
    said: dict[str, str] = field(default_factory=dict)

    @property
    def actor(self) -> str:
        """The role whose rights count."""
        return self.role or self.connection.info.user

    def settings(self) -> dict[str, str]:
        """Return the settings of the user, or those that sessions of the role begin with."""
        return settings_in_force(self.connection, self.said, self.role)

    def resolve(self, parts: tuple[str, ...]) -> tuple[str, str]:
        """Return (schema, name) of a possibly unqualified name; without schema the current one is meant."""
        if len(parts) >= 2:
            return parts[-2], parts[-1]
        schema = tables.schema_of(self.connection, parts[-1])
        return schema or current_schema(self.connection), parts[-1]
