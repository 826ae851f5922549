"""The statements of dyntables as small values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dyntables.compiler.schedule import Schedule
from dyntables.compiler.statements.alert_model import CreateAlert, DropAlert, SwitchAlert
from dyntables.compiler.statements.qualified import QualifiedName
from dyntables.compiler.statements.quality_model import Expectation, QualityStatement


@dataclass(frozen=True, slots=True)
class TargetLag:
    """A promised staleness in seconds; None is DOWNSTREAM."""

    seconds: int | None

    def __str__(self) -> str:
        if self.seconds is None:
            return "DOWNSTREAM"
        for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
            if self.seconds % size == 0:
                count = self.seconds // size
                return f"{count} {unit}{'s' if count != 1 else ''}"
        return f"{self.seconds} second{'s' if self.seconds != 1 else ''}"


class RefreshMode(StrEnum):
    """What REFRESH_MODE may say."""

    AUTO = "AUTO"
    FULL = "FULL"
    INCREMENTAL = "INCREMENTAL"
    ADAPTIVE = "ADAPTIVE"
    CUSTOM_INCREMENTAL = "CUSTOM_INCREMENTAL"


class Initialize(StrEnum):
    """When a table gets its first contents."""

    ON_CREATE = "ON_CREATE"
    ON_SCHEDULE = "ON_SCHEDULE"


class Scheduling(StrEnum):
    """Whether the scheduler refreshes a table."""

    ENABLE = "ENABLE"
    DISABLE = "DISABLE"


class Dialect(StrEnum):
    """In which SQL a definition is written."""

    POSTGRESQL = "POSTGRESQL"
    SNOWFLAKE = "SNOWFLAKE"


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A column of the optional column list; the type is checked by nobody but kept.

    ``ignored``: clauses that only mean something in Snowflake's cloud, by their words.
    """

    name: str
    type: str | None = None
    comment: str | None = None
    ignored: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FrozenWhere:
    """The predicate of a frozen region as it was written, the statement, and where it begins there."""

    text: str
    statement: str
    start: int


@dataclass(frozen=True, slots=True)
class Timing:
    """When a table is refreshed, when for the first time, and after how many failures in a row no more."""

    target_lag: TargetLag | None = None
    scheduler: Scheduling | None = None
    schedule: Schedule | None = None
    suspend_after: int | None = None
    initialize: Initialize | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """Options of CREATE and ALTER … SET; ``ignored`` are those that only mean something in Snowflake's cloud.

    ``backfill``: the parts of a table's name. ``limits``: what a refresh may take of the server, by option, as the
    server writes it. ``trust_stable``: the owner answers for functions that are declared STABLE.
    ``settings``: of the server, for the definition.
    """

    timing: Timing = Timing()
    refresh_mode: RefreshMode | None = None
    cluster_by: tuple[str, ...] = ()
    comment: str | None = None
    dialect: Dialect | None = None
    ignored: tuple[tuple[str, str], ...] = ()
    limits: tuple[tuple[str, str], ...] = ()
    retention_days: int | None = None
    frozen: FrozenWhere | None = None
    backfill: tuple[str, ...] = ()
    trust_stable: bool | None = None
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CreateDynamicTable:
    """CREATE DYNAMIC TABLE; ``query`` begins at ``query_start`` in ``text``."""

    name: QualifiedName
    or_replace: bool
    if_not_exists: bool
    transient: bool
    columns: tuple[ColumnSpec, ...]
    options: Options
    query: str
    query_start: int
    text: str
    expectations: tuple[Expectation, ...] = ()


@dataclass(frozen=True, slots=True)
class CreateOrAlter:
    """CREATE OR ALTER DYNAMIC TABLE: the complete target state."""

    target: CreateDynamicTable


@dataclass(frozen=True, slots=True)
class Clone:
    """CREATE [OR REPLACE] DYNAMIC TABLE name CLONE source."""

    name: QualifiedName
    source: QualifiedName
    or_replace: bool
    if_not_exists: bool
    transient: bool
    options: Options


@dataclass(frozen=True, slots=True)
class Suspend:
    """ALTER DYNAMIC TABLE … SUSPEND."""

    name: QualifiedName
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class Resume:
    """ALTER DYNAMIC TABLE … RESUME."""

    name: QualifiedName
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class Refresh:
    """ALTER DYNAMIC TABLE a, b REFRESH [COPY SESSION] [PUBLISH ANYWAY]."""

    names: tuple[QualifiedName, ...]
    if_exists: bool = False
    copy_session: bool = False
    anyway: bool = False


@dataclass(frozen=True, slots=True)
class Verify:
    """ALTER DYNAMIC TABLE … VERIFY."""

    name: QualifiedName
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class Cancel:
    """ALTER DYNAMIC TABLE … CANCEL."""

    name: QualifiedName
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class SetOptions:
    """ALTER DYNAMIC TABLE … SET option = value …."""

    name: QualifiedName
    options: Options
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class UnsetOptions:
    """ALTER DYNAMIC TABLE … UNSET option …."""

    name: QualifiedName
    names: tuple[str, ...]
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class CommentColumns:
    """ALTER DYNAMIC TABLE … ALTER COLUMN c COMMENT 's'; None takes the comment away."""

    name: QualifiedName
    comments: tuple[tuple[str, str | None], ...]
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class RenameTo:
    """ALTER DYNAMIC TABLE … RENAME TO …."""

    name: QualifiedName
    new_name: QualifiedName
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class OwnerTo:
    """ALTER DYNAMIC TABLE … OWNER TO …; ``role`` None is who runs it."""

    name: QualifiedName
    role: str | None
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class SwapWith:
    """ALTER DYNAMIC TABLE … SWAP WITH …."""

    name: QualifiedName
    other: QualifiedName
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class Undrop:
    """UNDROP DYNAMIC TABLE …."""

    name: QualifiedName


@dataclass(frozen=True, slots=True)
class DropDynamicTable:
    """DROP DYNAMIC TABLE [IF EXISTS] … [CASCADE]."""

    name: QualifiedName
    if_exists: bool
    cascade: bool


@dataclass(frozen=True, slots=True)
class Grant:
    """GRANT privileges ON DYNAMIC TABLE name TO role."""

    privileges: tuple[str, ...]
    name: QualifiedName
    role: str


@dataclass(frozen=True, slots=True)
class Revoke:
    """REVOKE privileges ON DYNAMIC TABLE name FROM role."""

    privileges: tuple[str, ...]
    name: QualifiedName
    role: str


@dataclass(frozen=True, slots=True)
class ShowDynamicTables:
    """SHOW DYNAMIC TABLES [HISTORY]; ``history`` lists the dropped ones, too.

    ``limit_from``: the name that the first one shown comes after, in the order of names.
    """

    like: str | None = None
    in_schema: str | None = None
    starts_with: str | None = None
    limit: int | None = None
    history: bool = False
    limit_from: str | None = None
    in_database: str | None = None


@dataclass(frozen=True, slots=True)
class ShowCreate:
    """SHOW CREATE DYNAMIC TABLE name."""

    name: QualifiedName


@dataclass(frozen=True, slots=True)
class DescribeDynamicTable:
    """DESCRIBE DYNAMIC TABLE."""

    name: QualifiedName


class ExplainFormat(StrEnum):
    """How EXPLAIN answers: lines of text or rows, or one JSON document."""

    TEXT = "TEXT"
    JSON = "JSON"


@dataclass(frozen=True, slots=True)
class ExplainDynamicTable:
    """EXPLAIN [(options)] DYNAMIC TABLE name, or of a CREATE statement that is not run."""

    target: QualifiedName | CreateDynamicTable
    verbose: bool = False
    analyze: bool = False
    format: ExplainFormat = ExplainFormat.TEXT


@dataclass(frozen=True, slots=True)
class ExplainCreateOrAlter:
    """EXPLAIN CREATE OR ALTER: what it would change, and what that means for the contents."""

    statement: CreateOrAlter
    format: ExplainFormat = ExplainFormat.TEXT


@dataclass(frozen=True, slots=True)
class ExplainChanges:
    """EXPLAIN CHANGES name, or of ALTER … REFRESH."""

    statement: QualifiedName | Refresh
    format: ExplainFormat = ExplainFormat.TEXT


@dataclass(frozen=True, slots=True)
class ShowColumnLineage:
    """SHOW COLUMN LINEAGE OF name."""

    name: QualifiedName


@dataclass(frozen=True, slots=True)
class Passthrough:
    """A statement for the server."""

    text: str


Alter = (
    Suspend
    | Resume
    | Refresh
    | Verify
    | Cancel
    | SetOptions
    | UnsetOptions
    | RenameTo
    | OwnerTo
    | SwapWith
    | CommentColumns
)
Statement = (
    CreateDynamicTable
    | CreateOrAlter
    | Clone
    | Alter
    | DropDynamicTable
    | Undrop
    | Grant
    | Revoke
    | ShowDynamicTables
    | ShowCreate
    | DescribeDynamicTable
    | ExplainDynamicTable
    | ExplainCreateOrAlter
    | ExplainChanges
    | ShowColumnLineage
    | QualityStatement
    | CreateAlert
    | SwitchAlert
    | DropAlert
    | Passthrough
)
