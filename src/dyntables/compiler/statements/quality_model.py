"""The statements on quality rules as small values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dyntables.compiler.statements.qualified import QualifiedName


class Severity(StrEnum):
    """How bad it is if a rule fails."""

    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"
    CRITICAL = "CRITICAL"


class OnViolation(StrEnum):
    """What happens if a rule fails."""

    MONITOR = "MONITOR"
    WARN = "WARN"
    QUARANTINE = "QUARANTINE"
    BLOCK = "BLOCK"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How much may fail: a number of rows, or a percentage (0 to 100) of those that were checked."""

    amount: float = 0.0
    percent: bool = False

    def __str__(self) -> str:
        return f"{self.amount:g} {'PERCENT' if self.percent else 'ROWS'}"

    def sql(self) -> str:
        """Return it as it is written in a statement, with all of its digits."""
        return f"{self.amount:f} PERCENT" if self.percent else f"{self.amount:.0f} ROWS"


@dataclass(frozen=True, slots=True)
class Written:
    """A piece of a statement as it was written, and where it begins there."""

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class RuleCheck:
    """What a rule checks: ``kind(arguments)``; ``whole`` is all between the parentheses."""

    kind: Written
    arguments: tuple[Written, ...]
    whole: Written


@dataclass(frozen=True, slots=True)
class RuleOptions:
    """What may be said of a rule beside its check; None was not said."""

    where: Written | None = None
    severity: Severity | None = None
    tolerance: Tolerance | None = None
    on_violation: OnViolation | None = None
    dimension: Written | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """CONSTRAINT n EXPECT (predicate) in CREATE DYNAMIC TABLE."""

    name: str
    check: RuleCheck
    on_violation: OnViolation | None = None


@dataclass(frozen=True, slots=True)
class CreateQualityRule:
    """CREATE [OR REPLACE] QUALITY RULE name ON table CHECK kind(arguments) …."""

    rule: str
    name: QualifiedName
    or_replace: bool
    check: RuleCheck
    options: RuleOptions
    text: str


class RuleAction(StrEnum):
    """What ALTER QUALITY RULE does."""

    SUSPEND = "SUSPEND"
    RESUME = "RESUME"
    SET = "SET"


@dataclass(frozen=True, slots=True)
class AlterQualityRule:
    """ALTER QUALITY RULE name ON table SUSPEND | RESUME | SET …."""

    rule: str
    name: QualifiedName
    action: RuleAction
    options: RuleOptions
    text: str


@dataclass(frozen=True, slots=True)
class DropQualityRule:
    """DROP QUALITY RULE [IF EXISTS] name ON table."""

    rule: str
    name: QualifiedName
    if_exists: bool


@dataclass(frozen=True, slots=True)
class ShowQualityRules:
    """SHOW QUALITY RULES [ON table]."""

    name: QualifiedName | None = None


@dataclass(frozen=True, slots=True)
class CheckQuality:
    """CHECK QUALITY OF table."""

    name: QualifiedName


class Decision(StrEnum):
    """What becomes of rows that wait in quarantine: they are published as they are, or wait no longer."""

    RELEASE = "RELEASE"
    DISCARD = "DISCARD"


@dataclass(frozen=True, slots=True)
class DecideQuarantine:
    """ALTER DYNAMIC TABLE name RELEASE | DISCARD QUARANTINE [WHERE (predicate)]."""

    name: QualifiedName
    decision: Decision
    where: Written | None
    if_exists: bool
    text: str


@dataclass(frozen=True, slots=True)
class ExplainQualityRule:
    """EXPLAIN [(ANALYZE FALSE)] CREATE QUALITY RULE …: what it would find; ``look``: whether to look at the rows."""

    created: CreateQualityRule
    look: bool = True


@dataclass(frozen=True, slots=True)
class SuggestQualityRules:
    """SUGGEST QUALITY RULES FOR table."""

    name: QualifiedName


QualityStatement = (
    CreateQualityRule
    | AlterQualityRule
    | DropQualityRule
    | ShowQualityRules
    | CheckQuality
    | ExplainQualityRule
    | SuggestQualityRules
    | DecideQuarantine
)
