"""Rules of quality as a YAML file: what it declares, what applying it would change, and applying it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from dyntables.client import Client
from dyntables.compiler.names import literal, quote_qualified
from dyntables.compiler.quality.writing import name as identifier
from dyntables.compiler.statements.cursor import Cursor
from dyntables.errors import DyntablesError, InvalidOptionError
from dyntables.files.kind import Difference, Effect

_KIND = "quality rules"
_NEEDED = ("table", "name", "check")
_OTHERS = ("where", "severity", "tolerance", "on_violation", "dimension", "comment", "enabled")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class DeclaredRule:
    """A rule as a file has it: the table's schema and name, its own, and the statement that makes it."""

    table: tuple[str, str]
    name: str
    statement: str
    enabled: bool

    @property
    def shown(self) -> str:
        """How it is named to people."""
        return f"{self.name} on {'.'.join(self.table)}"


def read_rules(text: str) -> list[DeclaredRule]:
    """Return the rules that a file declares.

    Raises:
        InvalidOptionError: it is no YAML, or a rule in it lacks something, or is there twice.
    """
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidOptionError(f"the file is no YAML: {error}") from None
    items = document.get("rules") if isinstance(document, dict) else None
    if not isinstance(items, list):
        raise InvalidOptionError("the file has no rules", hint="It begins with rules:, a list.")
    found = [_declared(number, item) for number, item in enumerate(items, 1)]
    keys = [(rule.table, rule.name) for rule in found]
    twice = [rule.shown for rule in found if keys.count((rule.table, rule.name)) > 1]
    if twice:
        raise InvalidOptionError(f"the file declares twice: {twice[0]}")
    return found


def compare(client: Client, rules: Sequence[DeclaredRule]) -> list[Difference]:
    """Return what applying rules would do to each, and which others the tables that they name have; nothing is changed.

    Raises:
        DyntablesError: the server refuses one; it says which.
    """
    present = _present(client)
    found = []
    for rule in rules:
        row = present.get((rule.table, rule.name))
        if row is None:
            _read(client, rule)
            found.append(Difference(_KIND, rule.shown, Effect.CREATE))
        else:
            changes = tuple(_changes(client, rule, row))
            found.append(Difference(_KIND, rule.shown, Effect.ALTER if changes else Effect.NONE, changes))
    return found + [Difference(_KIND, _shown(key), Effect.EXTRA) for key in _extra(present, rules)]


def apply(client: Client, rules: Sequence[DeclaredRule], *, prune: bool = False) -> Iterator[Difference]:
    """Bring the rules of a database to what a file says; give each that is changed when it is done.

    ``prune``: also drop other rules of the tables that the file names. Each statement is a transaction of its own.

    Raises:
        DyntablesError: a statement fails; what was done before it stays.
    """
    differences = {d.name: d for d in compare(client, rules)}
    present = _present(client)
    for rule in rules:
        difference = differences[rule.shown]
        if difference.effect is Effect.NONE:
            continue
        client.execute(rule.statement)
        if not rule.enabled:
            client.execute(f"ALTER QUALITY RULE {identifier(rule.name)} ON {quote_qualified(*rule.table)} SUSPEND")
        yield difference
    if prune:
        for key in _extra(present, rules):
            client.execute(f"DROP QUALITY RULE {identifier(key[1])} ON {quote_qualified(*key[0])}")
            yield differences[_shown(key)]


def write_rules(rules: Sequence[Mapping[str, Any]]) -> str:
    """Return a file that declares rules."""
    return str(
        yaml.safe_dump({"rules": [dict(rule) for rule in rules]}, sort_keys=False, allow_unicode=True, width=110)
    )


def _declared(number: int, item: object) -> DeclaredRule:
    if not isinstance(item, dict) or any(not isinstance(item.get(key), str) for key in _NEEDED):
        raise InvalidOptionError(f"rule {number} needs table, name and check", hint="check: range(price, 0, 100)")
    unknown = sorted(set(item) - {*_NEEDED, *_OTHERS})
    if unknown:
        raise InvalidOptionError(f"rule {number} has {unknown[0]}", hint=f"It may have {', '.join(_NEEDED + _OTHERS)}.")
    parts = Cursor(item["table"]).name().parts
    if len(parts) != 2:
        raise InvalidOptionError(f'"{item["table"]}" of rule {number} needs a schema', hint="Write schema.table.")
    head = f"CREATE OR REPLACE QUALITY RULE {identifier(item['name'])} ON {quote_qualified(*parts)}"
    clauses = [f"CHECK {item['check']}"]
    if item.get("where"):
        clauses.append(f"WHERE ({item['where']})")
    for key, word in (("severity", "SEVERITY"), ("on_violation", "ON VIOLATION"), ("dimension", "DIMENSION")):
        if item.get(key):
            clauses.append(f"{word} {item[key]}")
    if item.get("tolerance") is not None:
        clauses.append(f"TOLERANCE {item['tolerance']}")
    if item.get("comment"):
        clauses.append(f"COMMENT = {literal(str(item['comment']))}")
    return DeclaredRule(
        (parts[0], parts[1]), item["name"], " ".join([head, *clauses]), item.get("enabled") is not False
    )


def _present(client: Client) -> dict[tuple[tuple[str, str], str], dict[str, Any]]:
    shown = client.execute("SHOW QUALITY RULES")
    rows = [dict(zip(shown.columns, row, strict=True)) for row in shown.rows]
    return {((row["schema_name"], row["table_name"]), row["rule_name"]): row for row in rows if row["table_name"]}


def _read(client: Client, rule: DeclaredRule) -> dict[str, Any]:
    """Let the server read a rule, with the terms that it would have."""
    try:
        result = client.execute(f"EXPLAIN (ANALYZE FALSE) {rule.statement}")
    except DyntablesError as error:
        error.message = f"{rule.shown}: {error.message}"
        raise
    return dict(zip(result.columns, result.rows[0], strict=True))


def _changes(client: Client, rule: DeclaredRule, row: Mapping[str, Any]) -> Iterator[str]:
    wanted = _read(client, rule)
    if _SPACE.sub("", wanted["definition"]) != _SPACE.sub("", row["definition"]):
        yield f"check: {row['definition']} -> {wanted['definition']}"
    for key in ("filter", "severity", "tolerance", "tolerance_unit", "on_violation", "dimension", "comment"):
        if wanted[key] != row[key]:
            yield f"{key}: {_said(row[key])} -> {_said(wanted[key])}"
    if rule.enabled != row["enabled"]:
        yield f"enabled: {row['enabled']} -> {rule.enabled}"


def _extra(
    present: Mapping[tuple[tuple[str, str], str], object], rules: Sequence[DeclaredRule]
) -> list[tuple[tuple[str, str], str]]:
    """Return the rules that tables of a file have and the file has not."""
    tables, declared = {rule.table for rule in rules}, {(rule.table, rule.name) for rule in rules}
    return sorted(key for key in present if key[0] in tables and key not in declared)


def _shown(key: tuple[tuple[str, str], str]) -> str:
    return f"{key[1]} on {'.'.join(key[0])}"


def _said(value: object) -> str:
    return "none" if value is None else str(value)
