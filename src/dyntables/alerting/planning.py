"""Rules and routes in a file: what it would change, and changing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dyntables.alerting.desk import save_rule
from dyntables.alerts.declaring import Declared, read_rule
from dyntables.alerts.noise.document import read_routing
from dyntables.catalog import Connection
from dyntables.catalog.alerts import quieting, rules
from dyntables.errors import InvalidOptionError


@dataclass(frozen=True, slots=True)
class Step:
    """One change that a file makes: ``verb`` is add, change or remove."""

    verb: str
    what: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file changes; ``routing``: the document of the tree, None to leave it."""

    steps: tuple[Step, ...]
    put: tuple[Declared, ...]
    removed: tuple[str, ...]
    routing: dict[str, object] | None


def plan(connection: Connection, document: Mapping[str, object]) -> Plan:
    """Compare a file with what is kept; rules that an earlier file made and this one has not are removed.

    Raises:
        InvalidOptionError: with the place of what is wrong.
    """
    unknown = sorted(set(document) - {"rules", "route", "mute_timings"})
    if unknown:
        raise InvalidOptionError(f'"{unknown[0]}" is unknown; the file has rules, route and mute_timings')
    given = document.get("rules", [])
    if not isinstance(given, list) or not all(isinstance(r, Mapping) for r in given):
        raise InvalidOptionError("rules is a list of rules")
    wanted = [read_rule(rule, f"rules[{i}]") for i, rule in enumerate(given)]
    names = {d.rule.name for d in wanted}
    if len(names) < len(wanted):
        raise InvalidOptionError("two rules have one name")
    kept = {k.rule.name: k for k in rules.all_rules(connection)}
    steps, put = [], []
    for declared in wanted:
        before = kept.get(declared.rule.name)
        same = before is not None and Declared(before.rule, before.enabled).document() == declared.document()
        if not same or (before is not None and before.origin != "file"):
            steps.append(Step("change" if before is not None else "add", f"rule {declared.rule.name}"))
            put.append(declared)
    removed = tuple(name for name, k in kept.items() if k.origin == "file" and name not in names)
    steps += [Step("remove", f"rule {name}") for name in removed]
    routing = _routing(document)
    if routing is not None and routing != quieting.route_document(connection):
        steps.append(Step("change", "routes"))
    return Plan(tuple(steps), tuple(put), removed, routing)


def apply(connection: Connection, planned: Plan, owner: str) -> None:
    """Do what a plan says, all of it or nothing."""
    with connection.transaction():
        for declared in planned.put:
            save_rule(connection, declared, owner, "file")
        for name in planned.removed:
            rules.delete_rule(connection, name)
        if planned.routing is not None:
            quieting.put_route(connection, planned.routing)


def _routing(document: Mapping[str, object]) -> dict[str, object] | None:
    found = {name: document[name] for name in ("route", "mute_timings") if name in document}
    if found:
        read_routing(found)
    return found or None
