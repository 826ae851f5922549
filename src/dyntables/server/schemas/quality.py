"""Rules of quality, what checks of them found, and the scores of tables."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from dyntables.compiler.quality.kind import Dimension, Sort
from dyntables.compiler.statements import OnViolation
from dyntables.health.quality import RuleState, TableQuality
from dyntables.server.schemas.base import Body, Schema

Name = Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[^\x00-\x1f]+$")]
# No class: in the description of the API, those of alerts and recommendations have the name.
SeverityWord = Literal["INFO", "WARNING", "ERROR", "CRITICAL"]
Text = Annotated[str, Field(max_length=20_000, pattern=r"^[^\x00]*$")]


class QualityParameter(Schema):
    """A place for an argument: what it is, and what it may be if it is one of some words."""

    name: str = Field(examples=["column"])
    sort: Sort
    many: bool = Field(description="All arguments from here on.")
    least: int = Field(description="How many there have to be, of such a one.")
    words: list[str]


class QualityKind(Schema):
    """A kind of rule."""

    name: str = Field(examples=["range"])
    dimension: Dimension
    says: str = Field(examples=["a value is between two others"], description="What has to be so.")
    signature: str = Field(examples=["range(column, low, high)"])
    parameters: list[QualityParameter]
    of_rows: bool = Field(description="It is about a row at a time; all such rules of a table cost one look at it.")
    dynamic_only: bool = Field(description="It is about dynamic tables alone.")


class RuleResult(Schema):
    """What one check of a rule found."""

    state: RuleState
    checked: int
    failed: int
    score: float | None = Field(description="0 to 1; null if nothing was checked.")
    error: str | None
    duration_ms: float = Field(description="Of the query, which may have measured other rules, too.")
    checked_at: datetime
    data_timestamp: datetime | None = Field(description="As of when the rows were.")
    version: int = Field(description="The version of the rule that was checked.")


class QualityRule(Schema):
    """A rule, with what the newest check found."""

    schema_name: str
    table_name: str
    name: str
    kind: str
    definition: str = Field(examples=["range(price, 0, 100)"])
    arguments: list[str] = Field(description="As they are typed into a form.")
    predicate: str | None = Field(description="What has to be so of each row, as the server writes it.")
    where: str | None = Field(description="The rows that it is about, as the server writes it.")
    dimension: str
    severity: SeverityWord
    tolerance: float
    tolerance_percent: bool
    on_violation: OnViolation
    owner: str
    dynamic: bool = Field(description="Whether the table is a dynamic one.")
    enabled: bool
    disabled_reason: str | None
    evaluation: str = Field(description="INCREMENTAL: with each refresh, from what that changes; or SCAN.")
    evaluation_reason: str | None = Field(description="Why all rows are looked at each time.")
    comment: str | None
    version: int
    altered_at: datetime
    result: RuleResult | None
    previous_state: RuleState | None = Field(description="Of the check before the newest.")


class RuleDraft(Body):
    """A rule as a form has it; what is left out is as usual."""

    schema_name: Name
    table_name: Name
    name: Name
    kind: Name = Field(examples=["range"])
    arguments: list[Text] = Field(
        default_factory=list, max_length=200, examples=[["price", "0", "100"]],
        description="In the order of the parameters; a column is its plain name, and a text needs no quotes.",
    )  # fmt: skip
    where: Text | None = Field(None, description="A predicate: which rows the rule is about.")
    severity: SeverityWord | None = None
    tolerance: float | None = Field(None, ge=0, le=1e15, allow_inf_nan=False)
    tolerance_percent: bool = False
    on_violation: OnViolation | None = None
    dimension: Dimension | None = None
    comment: Text | None = None


class SaveRule(RuleDraft):
    """A rule to store; ``or_replace``: if there is one of that name, as its next version."""

    or_replace: bool = False


class AlterRule(Body):
    """What to change of a rule."""

    enabled: bool | None = None
    where: Text | None = Field(None, min_length=1)
    severity: SeverityWord | None = None
    tolerance: float | None = Field(None, ge=0, le=1e15, allow_inf_nan=False)
    tolerance_percent: bool = False
    on_violation: OnViolation | None = None
    dimension: Dimension | None = None
    comment: Text | None = None


class RulePreview(Schema):
    """What a rule would find now; nothing is stored. Without a look at the rows all but ``sql`` is null."""

    sql: str = Field(description="The statement that makes the rule.")
    state: RuleState | None = None
    checked: int | None = None
    failed: int | None = None
    score: float | None = None
    milliseconds: float | None = Field(None, description="That the look at all rows took.")
    evaluation: str | None = Field(None, description="INCREMENTAL: with each refresh, from what that changes; or SCAN.")
    evaluation_reason: str | None = Field(None, description="Why all rows are looked at each time.")
    examples: list[dict[str, object]] = Field(default_factory=list, description="Some rows that fail.")
    error: str | None = None


class RuleSuggestion(Schema):
    """A rule that holds of what is there, with what was seen."""

    name: str
    kind: str
    arguments: list[str]
    check: str = Field(examples=["not_null(price)"])
    evidence: str = Field(examples=["no NULL in 1,500,000 rows"])
    sql: str


class ScorePoint(Schema):
    """The score of a table at a check."""

    checked_at: datetime
    data_timestamp: datetime | None
    score: float | None
    health: TableQuality
    dimensions: dict[str, float]
    failing: int
    evaluated: int
    active: int


class TableScored(Schema):
    """A table that has rules: its newest score, and those before, the oldest first."""

    schema_name: str
    name: str
    dynamic: bool
    rules: int
    suspended: int = Field(description="Rules that are not checked.")
    latest: ScorePoint | None
    previous: ScorePoint | None
    trend: list[float | None] = Field(description="The newest scores, the oldest first.")


class TableScores(Schema):
    """The scores of one table in a window, the oldest first."""

    table: TableScored
    points: list[ScorePoint]


class RuleComparison(Schema):
    """A rule at two instants: what the newest check until then had found; null if there was none."""

    name: str
    kind: str
    severity: SeverityWord
    before: RuleResult | None
    after: RuleResult | None


class ResultOfRule(Schema):
    """What one check of a rule found, with its rule."""

    schema_name: str
    table_name: str
    rule_name: str
    kind: str
    result: RuleResult


class Violations(Schema):
    """One page of what fails; values are as the server prints them in JSON."""

    columns: list[str]
    rows: list[list[str | None]]
    offset: int
    more: bool
    query: str = Field(description="The query of all that fails.")
    milliseconds: float
