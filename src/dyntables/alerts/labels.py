"""The labels of an alert: what it is known, matched, routed and grouped by."""

from __future__ import annotations

from dyntables.alerts.model import Rule


def labels_of(rule: Rule, table: str | None) -> dict[str, str]:
    """Return the labels of a rule's alert; ``table``: schema and name, None for the installation."""
    own = {"rule": rule.name, "kind": rule.kind, "severity": str(rule.severity)}
    if table is not None:
        own |= {"table": table, "schema": table.rpartition(".")[0]}
    return {**rule.labels, **own}
