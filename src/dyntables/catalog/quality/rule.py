"""A rule of quality as the catalog has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dyntables.compiler.quality.measure import Question
from dyntables.compiler.statements import OnViolation, Severity, Tolerance


@dataclass(frozen=True, slots=True)
class Target:
    """The table that rules watch: a dynamic one by its id, another by its OID."""

    schema: str
    name: str
    owner: str
    dynamic_table_id: int | None = None
    relation: int | None = None

    @property
    def qualified(self) -> str:
        """``schema.name``, for people."""
        return f"{self.schema}.{self.name}"


class Evaluation(StrEnum):
    """How what a rule measures is known: kept with each refresh, from what that changes, or by a look at all rows."""

    INCREMENTAL = "INCREMENTAL"
    SCAN = "SCAN"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a rule checks.

    ``arguments``: as ``compiler.quality.binding`` stores them. ``written``: as people said it. ``predicate`` and
    ``filter``: of a row, as the server writes them. ``columns``: names by numbers, of a table that is not dynamic.
    ``scans``: why all rows are looked at each time, None if what changes says it.
    """

    kind: str
    arguments: Mapping[str, tuple[str, ...]]
    written: str
    predicate: str | None
    filter: str | None
    columns: Mapping[str, str]
    scans: str | None

    @property
    def evaluation(self) -> Evaluation:
        """How what it measures is known."""
        return Evaluation.INCREMENTAL if self.scans is None else Evaluation.SCAN

    @property
    def question(self) -> Question:
        """What it asks of the rows."""
        return Question(self.kind, self.arguments, self.predicate, self.filter)


@dataclass(frozen=True, slots=True)
class Terms:
    """How bad it is if a rule fails, when it does, and what happens then."""

    severity: Severity
    tolerance: Tolerance
    on_violation: OnViolation
    dimension: str
    comment: str | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a table.

    ``disabled_reason``: why it is not checked, if nobody suspended it. ``owner``: whose rights it has, None if it is on
    a dynamic table, whose owner it has then.
    """

    id: int
    name: str
    meaning: Meaning
    terms: Terms
    enabled: bool
    disabled_reason: str | None
    version: int
    owner: str | None = None
