"""A rule that was filled in as a form, as the statement that makes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dyntables.compiler.names import literal, quote_qualified
from dyntables.compiler.quality.kind import Kind, Parameter, Sort
from dyntables.compiler.statements import OnViolation, Severity, Tolerance

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)\Z")
_TEXT = re.compile(r"E?'([^']|'')*'\Z")


@dataclass(frozen=True, slots=True)
class RuleForm:
    """What a person fills in: ``arguments`` in the order of the kind's parameters, as they are typed into fields.

    So a column is its plain name, and a text needs no quotes.
    """

    schema: str
    table: str
    name: str
    kind: Kind
    arguments: Sequence[str]
    where: str | None = None
    severity: Severity | None = None
    tolerance: Tolerance | None = None
    on_violation: OnViolation | None = None
    dimension: str | None = None
    comment: str | None = None


def write_rule(form: RuleForm, *, or_replace: bool = False) -> str:
    """Return the statement that makes a rule."""
    head = f"CREATE {'OR REPLACE ' if or_replace else ''}QUALITY RULE {name(form.name)} ON {name(form.schema)}."
    check = f"CHECK {write_check(form.kind, form.arguments)}"
    return "\n    ".join([f"{head}{name(form.table)}", check, *_terms(form)])


def write_check(kind: Kind, arguments: Sequence[str]) -> str:
    """Return ``kind(arguments)``."""
    last = len(kind.parameters) - 1
    places = [kind.parameters[min(at, last)] if last >= 0 else None for at in range(len(arguments))]
    return f"{kind.name}({', '.join(_argument(p, a.strip()) for p, a in zip(places, arguments, strict=True))})"


def name(text: str) -> str:
    """Return an identifier, quoted if it needs to be."""
    return text if _PLAIN.match(text) else quote_qualified(text)


def _argument(parameter: Parameter | None, text: str) -> str:
    if parameter is None:
        return text
    if parameter.sort in (Sort.COLUMN, Sort.NAME):
        return name(text)
    if parameter.sort is Sort.QUERY:
        return literal(text.rstrip(";"))
    if parameter.sort is Sort.LITERAL and not parameter.words and not _NUMBER.match(text) and not _TEXT.match(text):
        return literal(text)
    return text


def _terms(form: RuleForm) -> list[str]:
    found = [] if form.where is None else [f"WHERE ({form.where.strip()})"]
    if form.severity is not None:
        found.append(f"SEVERITY {form.severity.lower()}")
    if form.tolerance is not None and form.tolerance.amount:
        found.append(f"TOLERANCE {form.tolerance.sql()}")
    if form.on_violation is not None:
        found.append(f"ON VIOLATION {form.on_violation}")
    if form.dimension is not None:
        found.append(f"DIMENSION {form.dimension}")
    if form.comment:
        found.append(f"COMMENT = {literal(form.comment).strip()}")
    return found
