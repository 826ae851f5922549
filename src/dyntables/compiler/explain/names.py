"""Names that a user knows, for the internal ids of a plan: ``l_shipdate_3`` is ``lineitem.l_shipdate``."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dyntables.compiler.plan.algebra.nodes import Plan, Scalar, Scan, scans

_WORD = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[a-z_][a-z0-9_]*")
_NUMBER = re.compile(r"_[0-9]+x*\Z")
_CAST = re.compile(r"\bCAST\(\(?('(?:[^']|'')*'|[0-9.]+)\)? AS (?:TEXT|BPCHAR|VARCHAR|DECIMAL|INT|BIGINT)\)")
_LONGEST = 60


class Names:
    """Translates the ids and expressions of one plan."""

    def __init__(self, plan: Plan, outputs: Mapping[str, str], expressions: Mapping[str, Scalar]) -> None:
        """Name the columns of a plan.

        Args:
            plan: the whole plan; each scan of the same table gets a name of its own.
            outputs: the ids of the result's columns and their visible names.
            expressions: what the ids that are computed stand for.
        """
        self._expressions = expressions
        self._known: dict[str, str] = {}
        self.tables: dict[str, str] = {}
        for scan in scans(plan):
            self._add(scan)
        for column, name in outputs.items():
            self._known.setdefault(column, name)

    def _add(self, scan: Scan) -> None:
        if any(c.id in self._known for c in scan.columns):
            return
        taken = set(self.tables.values())
        name, number = scan.source.name, 1
        while name in taken:
            number += 1
            name = f"{scan.source.name}#{number}"
        for column, field in zip(scan.columns, scan.fields, strict=True):
            self._known[column.id] = f"{name}.{field}"
            self.tables[column.id] = name

    def scan(self, scan: Scan) -> str:
        """Return the name of a scanned table, with a number if it is read more than once."""
        name = next((self.tables[c.id] for c in scan.columns if c.id in self.tables), scan.source.name)
        return f"{scan.source.schema}.{name}"

    def column(self, column: str) -> str:
        """Return what a user calls a column: its source, its visible name, or the expression that it is."""
        if column in self._known:
            return self._known[column]
        expression = self._expressions.get(column)
        if expression is not None and expression.sql != column:
            text = self.expression(expression)
            if len(text) <= _LONGEST:
                return text
        return _NUMBER.sub("", column)

    def formula(self, column: str) -> str | None:
        """Return the expression that a computed column is, or None for a column of a source."""
        expression = self._expressions.get(column)
        if expression is None or column in self.tables:
            return None
        return None if expression.sql == column else self.expression(expression)

    def assignment(self, column: str, expression: Scalar) -> str:
        """Return ``name = expression``, or the expression alone where the column has no other name."""
        name, text = self.column(column), self.expression(expression)
        return text if text == name or column not in self._known else f"{name} = {text}"

    def columns(self, columns: tuple[str, ...]) -> str:
        """Return several columns, comma-separated."""
        return ", ".join(self.column(c) for c in columns)

    def expression(self, expression: Scalar) -> str:
        """Return an expression over names."""

        def replace(match: re.Match[str]) -> str:
            return self.column(match[0]) if match[0] in expression.refs else match[0]

        return _CAST.sub(r"\1", _WORD.sub(replace, expression.sql))
