"""The look-ups by key that refreshes make, traced down to the tables they reach, and the index that serves each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from dyntables.compiler.depth import deep
from dyntables.compiler.explain.facts import FEW_VALUES, SMALL, Facts, Index, TableFacts
from dyntables.compiler.explain.operator import Want
from dyntables.compiler.explain.table import operator_of
from dyntables.compiler.names import quote_qualified
from dyntables.compiler.plan.algebra.nodes import Plan, Scalar, Scan, Source, SourceKind, inputs
from dyntables.compiler.plan.text.dialect import generate, parse
from dyntables.compiler.reasons import NotIncremental
from dyntables.compiler.rewrites.distribute_union import branches

Leaf = Plan
_WORD = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[a-z_][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a look-up ends: a scan, or a stateful node whose storage is read; ``keys`` are expressions over it."""

    leaf: Leaf
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lookup:
    """One look-up in a source: the index that serves it, or whether one is missing.

    ``missing`` is false where no index serves it and none is worth having: the table is small, or has few keys.
    """

    source: Source
    columns: tuple[str, ...]
    when: str
    index: str | None
    missing: bool
    rows: int | None

    @property
    def table(self) -> str:
        """``schema.name`` of the source."""
        return f"{self.source.schema}.{self.source.name}"

    @property
    def remedy(self) -> str | None:
        """The statement that makes the missing index."""
        if not self.missing:
            return None
        keys = ", ".join(_index_item(c) for c in self.columns)
        return f"CREATE INDEX ON {_plain(self.source.schema)}.{_plain(self.source.name)} ({keys})"


def lookups(wants: Iterable[Want], facts: Facts) -> tuple[Lookup, ...]:
    """Return the look-ups in sources that serve the wants, each once."""
    found: dict[tuple[int, tuple[str, ...]], Lookup] = {}
    for want in wants:
        for branch in branches(want.plan):
            chosen = _choose(_reaches(branch, want.keys), want.when, facts)
            if chosen is not None:
                found.setdefault((chosen.source.oid, chosen.columns), chosen)
    return tuple(found.values())


def _choose(reaches: list[Reach], when: str, facts: Facts) -> Lookup | None:
    """Return the best of several ways in: one is enough, as the rest of the row is found through the joins."""
    if any(not isinstance(r.leaf, Scan) for r in reaches):
        return None
    found = [_lookup(r, when, facts) for r in reaches]
    return min(found, key=lambda f: (f.missing, f.index is None, -len(f.columns))) if found else None


def _lookup(reach: Reach, when: str, facts: Facts) -> Lookup:
    assert isinstance(reach.leaf, Scan)
    source = reach.leaf.source
    table = facts.tables.get(source.oid, TableFacts(None))
    index = _index(table.indexes, reach.keys)
    missing = index is None and source.kind is SourceKind.TABLE and _worth(table, reach.keys)
    return Lookup(source, reach.keys, when, index, missing, table.rows)


def _worth(table: TableFacts, keys: tuple[str, ...]) -> bool:
    """Tell whether an index would help: the table is not small, and a key finds a small part of it."""
    if table.rows is None or table.rows < SMALL:
        return False
    values = [table.distinct.get(k) for k in keys]
    return any(v is None or v >= FEW_VALUES for v in values)


def _index(indexes: tuple[Index, ...], keys: tuple[str, ...]) -> str | None:
    """Return the index of which most leading keys are looked up by; its first must be."""
    wanted = {_normal(k) for k in keys}
    best, length = None, 0
    for index in indexes:
        leading = 0
        for key in index.keys:
            if _normal(key) not in wanted:
                break
            leading += 1
        if leading > length:
            best, length = index.name, leading
    return best


def _reaches(plan: Plan, keys: tuple[Scalar, ...]) -> list[Reach]:
    """Return each leaf that some of the keys can be looked up in."""
    found: list[tuple[Leaf, list[str]]] = []
    for key in keys:
        traced = trace(plan, key)
        if traced is None:
            continue
        leaf, text = traced
        known = next((texts for other, texts in found if other is leaf), None)
        if known is None:
            found.append((leaf, [text]))
        elif text not in known:
            known.append(text)
    return [Reach(leaf, tuple(texts)) for leaf, texts in found]


@deep(8)
def trace(plan: Plan, key: Scalar) -> tuple[Leaf, str] | None:
    """Return the one leaf that an expression reads, and the expression over its own column names."""
    texts: dict[str, str] = {}
    leaves: list[Leaf] = []
    for column in sorted(key.refs):
        below = _trace_column(plan, column)
        if below is None or (leaves and below[0] is not leaves[0]):
            return None
        leaves.append(below[0])
        texts[column] = below[1]
    if not leaves:
        return None
    if key.refs == {key.sql}:
        return leaves[0], texts[key.sql]
    quoted = {column: _quoted(text) for column, text in texts.items()}
    return leaves[0], _WORD.sub(lambda m: quoted.get(m[0], m[0]), key.sql)


def _trace_column(plan: Plan, column: str) -> tuple[Leaf, str] | None:
    if isinstance(plan, Scan):
        fields = dict(zip((c.id for c in plan.columns), plan.fields, strict=True))
        return (plan, fields[column]) if column in fields else None
    operator = operator_of(plan)
    if operator.stateful:
        return plan, column
    for defined in operator.defines(plan):
        if defined.column == column:
            # Without columns below there is nothing to look up: the constant padding of a branch.
            return _into(inputs(plan), defined.sql)
    return _into(inputs(plan), Scalar(column, frozenset({column})))


@deep(6)
def _into(children: tuple[Plan, ...], expression: Scalar) -> tuple[Leaf, str] | None:
    for child in children:
        if expression.refs and expression.refs <= {c.id for c in child.columns}:
            return trace(child, expression)
    return None


def _normal(key: str) -> str:
    """Spell a column or an expression as an index and a plan both can: parsed, without casts of constants."""
    try:
        text = generate(parse(f"SELECT {key}").expressions[0])
    except (NotIncremental, IndexError):  # a name that is no word, such as a blank
        text = key
    text = re.sub(r"CAST\(('(?:[^']|'')*') AS TEXT\)", r"\1", text)
    return re.sub(r"[\s()\"]", "", text).lower()


def _quoted(text: str) -> str:
    return _plain(text) if re.fullmatch(r"[^\s()'\"]+", text) else text


def _index_item(key: str) -> str:
    return f"({key})" if "(" in key or " " in key else _plain(key)


def _plain(name: str) -> str:
    """Quote a name only if it needs it."""
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) else quote_qualified(name)
