"""Dashboards and alert rules ask for what a live server really has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tools.dashboards import DASHBOARDS, FOLDER, document

RULES = FOLDER.parent / "prometheus" / "rules.yml"
ADDED = {"le"}


def _expressions(path: Path) -> Iterator[str]:
    if path.suffix == ".yml":
        for group in yaml.safe_load(path.read_text())["groups"]:
            yield from (rule["expr"] for rule in group["rules"])
        return
    board = json.loads(path.read_text())
    for panel in board["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    for variable in board["templating"]["list"]:
        found = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"])
        if found:  # not PromQL: the series, and a label that these must have
            yield f"count by ({found[2]}) ({found[1]})"


FILES = [RULES, *sorted(FOLDER.glob("*.json"))]


@pytest.fixture(scope="module")
def exposed(server_at_work: Any) -> dict[str, set[str]]:
    """The labels of every metric that a server with tables has, by its name."""
    client: httpx.Client = server_at_work.client
    client.get("/api/v1/dynamic-tables")
    client.get("/api/v1/nothing")
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(client.get("/metrics").text):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
        # A counter with labels has no sample before something is counted.
        if family.type == "counter" and not family.samples:
            found[f"{family.name}_total"] = {"action", "state"}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_expression_asks_for_what_is_there(path: Path, exposed: dict[str, set[str]]) -> None:
    expressions = list(_expressions(path))
    assert len(expressions) > 4
    for expression in expressions:
        text = expression.replace("$schema", "public").replace("$table", "by_day")
        _check(promql_parser.parse(text), exposed, frozenset(), expression)


def _check(node: Any, exposed: dict[str, set[str]], grouped: frozenset[str], expression: str) -> None:
    """See that metrics and labels of an expression exist; ``grouped``: labels that something above groups by."""
    if isinstance(node, promql_parser.AggregateExpr):
        labels = node.modifier.labels if node.modifier is not None else []
        _check(node.expr, exposed, grouped | frozenset(labels), expression)
    elif isinstance(node, promql_parser.VectorSelector):
        labels_of = exposed.get(node.name)
        assert labels_of is not None, f"no metric {node.name}: {expression}"
        asked = {m.name for m in node.matchers.matchers} | grouped
        assert asked <= labels_of | ADDED, f"{asked - labels_of} of {node.name}: {expression}"
    else:
        for part in ("expr", "lhs", "rhs", "vector_selector"):
            if getattr(node, part, None) is not None:
                _check(getattr(node, part), exposed, grouped, expression)
        for argument in getattr(node, "args", ()):
            _check(argument, exposed, grouped, expression)


def test_a_wrong_expression_is_noticed() -> None:
    exposed = {"known": {"schema"}}
    for wrong in ("unknown", 'known{name="x"}', "sum by (name) (known)", "rate(unknown[5m]) > 1 or known"):
        with pytest.raises(AssertionError):
            _check(promql_parser.parse(wrong), exposed, frozenset(), wrong)


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda d: d.uid)
def test_the_files_are_as_written(dashboard: Any) -> None:
    path = FOLDER / f"{dashboard.uid.removeprefix('dyntables-')}.json"
    assert json.loads(path.read_text()) == document(dashboard), "python -m tools.dashboards"
