"""Rules as people write them, in YAML or JSON: read with the place of what is wrong, and written back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from dyntables.alerts.condition import QueryCondition
from dyntables.alerts.model import Direction, Rule, Severity, Threshold, Timing
from dyntables.alerts.registry import condition_of
from dyntables.errors import InvalidOptionError

_LONGEST_NAME = 200
_YEAR = 366 * 86400
_MEMBERS = {
    "name", "kind", "tables", "severity", "above", "below", "clear", "for", "keep_firing_for", "query", "channels",
    "labels", "runbook", "enabled",
}  # fmt: skip
_OWN = {"rule", "kind", "severity", "table", "schema"}


@dataclass(frozen=True, slots=True)
class Declared:
    """A rule, and whether it is on."""

    rule: Rule
    enabled: bool = True

    def document(self) -> dict[str, object]:
        """Return it as people write it, without what is as the condition has it."""
        rule, threshold = self.rule, self.rule.threshold
        found: dict[str, object] = {"name": rule.name, "kind": rule.kind, "severity": str(rule.severity)}
        if rule.selector != "*":
            found["tables"] = rule.selector
        if threshold is not None:
            found[str(threshold.direction)] = threshold.fire
            if threshold.clear is not None:
                found["clear"] = threshold.clear
        if rule.timing.pending:
            found["for"] = rule.timing.pending.total_seconds()
        if rule.timing.keep_firing:
            found["keep_firing_for"] = rule.timing.keep_firing.total_seconds()
        rest = {"query": rule.query, "channels": list(rule.channels), "labels": dict(rule.labels)}
        found |= {name: value for name, value in (rest | {"runbook": rule.runbook}).items() if value}
        return found if self.enabled else found | {"enabled": False}


def read_rule(given: Mapping[str, object], place: str) -> Declared:
    """Read a rule.

    Raises:
        InvalidOptionError: with the place of what is wrong.
    """
    unknown = sorted(set(given) - _MEMBERS)
    if unknown:
        raise _wrong(place, f'"{unknown[0]}" is unknown; a rule has {", ".join(sorted(_MEMBERS))}')
    name, kind = given.get("name"), given.get("kind")
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise _wrong(place, f"it has a name of at most {_LONGEST_NAME} characters")
    condition = condition_of(str(kind))
    query = given.get("query")
    if isinstance(condition, QueryCondition) != bool(query):
        raise _wrong(place, f"a rule of the kind {kind} {'needs' if not query else 'has no'} query")
    try:
        severity = Severity(str(given.get("severity", condition.severity)))
    except ValueError:
        raise _wrong(place, f"severity is one of {', '.join(Severity)}") from None
    rule = Rule(
        id=0,
        name=name,
        kind=condition.kind,
        selector=str(given.get("tables", "*")),
        severity=severity,
        threshold=_threshold(given, condition.threshold, place),
        timing=Timing(_seconds(given, "for", place), _seconds(given, "keep_firing_for", place)),
        query=str(query) if query else None,
        channels=_channels(given.get("channels"), place),
        labels=_labels(given.get("labels"), place),
        runbook=str(given["runbook"]) if given.get("runbook") else None,
    )
    return Declared(rule, given.get("enabled", True) is not False)


def _threshold(given: Mapping[str, object], usual: Threshold, place: str) -> Threshold | None:
    sides = [d for d in Direction if given.get(d) is not None]
    if len(sides) > 1:
        raise _wrong(place, "it fires above a figure or below one")
    if not sides:
        if given.get("clear") is not None:
            raise _wrong(place, "clear goes with above or below")
        return None
    fire = _number(given[sides[0]], f"{place}.{sides[0]}")
    clear = _number(given["clear"], f"{place}.clear") if given.get("clear") is not None else None
    if clear is not None and (clear > fire if sides[0] is Direction.ABOVE else clear < fire):
        raise _wrong(place, "clear is on the good side of the threshold")
    return Threshold(fire, clear, sides[0])


def _seconds(given: Mapping[str, object], name: str, place: str) -> timedelta:
    seconds = _number(given.get(name) or 0, f"{place}.{name}")
    if not 0 <= seconds <= _YEAR:
        raise _wrong(f"{place}.{name}", "it is a number of seconds, at most a year")
    return timedelta(seconds=seconds)


def _number(given: object, place: str) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or given != given or abs(given) == float("inf"):
        raise _wrong(place, "it is a number")
    return float(given)


def _channels(given: object, place: str) -> tuple[str, ...]:
    if given is None:
        return ()
    if not isinstance(given, list | tuple):
        raise _wrong(f"{place}.channels", "it is a list of names")
    return tuple(str(name) for name in given)


def _labels(given: object, place: str) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not all(str(name).isidentifier() for name in given):
        raise _wrong(f"{place}.labels", "it has names of letters, digits and underscores")
    taken = sorted(_OWN & {str(name) for name in given})
    if taken:
        raise _wrong(f"{place}.labels", f'the label "{taken[0]}" is given by dyntables')
    return {str(name): str(value) for name, value in given.items()}


def _wrong(place: str, why: str) -> InvalidOptionError:
    return InvalidOptionError(f"{place} is wrong: {why}")
