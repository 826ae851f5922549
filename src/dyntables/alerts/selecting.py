"""Selectors of tables: ``*``, ``schema.*``, ``+schema.t`` with what it reads, ``schema.t+`` with what reads it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase

Parents = Mapping[int, Collection[int]]
"""The dynamic tables that each table reads directly."""


def selected(selector: str, names: Mapping[int, str], parents: Parents) -> frozenset[int]:
    """Return the tables that a selector names; several are separated by commas."""
    found: set[int] = set()
    for part in (p.strip() for p in selector.split(",")):
        pattern = part.removeprefix("+").removesuffix("+")
        named = {i for i, name in names.items() if fnmatchcase(name, pattern)}
        found |= named
        if part.startswith("+"):
            found |= reach(named, parents)
        if part.endswith("+"):
            found |= reach(named, children_of(parents))
    return frozenset(found & names.keys())


def children_of(parents: Parents) -> dict[int, set[int]]:
    """Return the tables that read each table directly."""
    found: dict[int, set[int]] = {}
    for table_id, above in parents.items():
        for parent in above:
            found.setdefault(parent, set()).add(table_id)
    return found


def reach(start: Collection[int], edges: Parents) -> set[int]:
    """Return everything that edges lead to, one after the other; what it starts from only if they lead back."""
    found: set[int] = set()
    waiting = list(start)
    while waiting:
        for other in edges.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found
