"""What the server found under the names in a stored query: operators, functions and collations, by OID."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import psycopg

from dyntables.compiler.plan.environment import Resolved

# Objects with lower numbers came with the server.
FIRST_OF_USERS = 16384

_USED = re.compile(r":(opno|funcid|aggfnoid|winfnoid|collOid) (\d+)|:(opnos) \(o ([\d ]+)\)")
# A value that is taken for one of another type although nobody wrote a cast (COERCE_IMPLICIT_CAST).
_COERCED = re.compile(
    r"\{RELABELTYPE :arg \{\w+ [^{}]*?:(?:var|param|const)type (\d+) [^{}]*\} :resulttype (\d+) [^{}]*:relabelformat 2 "
)


def resolved(connection: psycopg.Connection, tree: str) -> Resolved:
    """Return what a stored query uses, by its tree."""
    found: Counter[str] = Counter()
    for one, number, several, numbers in _USED.findall(tree):
        # Those of a row comparison are operators like others.
        kind = "opno" if several else one
        found.update(f"{kind} {n}" for n in (numbers.split() if several else [number]))
    pairs = {(int(a), int(b)) for a, b in _COERCED.findall(tree) if int(a) >= FIRST_OF_USERS}
    return Resolved(found, _written(connection, found), _without_domains(connection, pairs))


def _written(connection: psycopg.Connection, objects: Iterable[str]) -> dict[str, str]:
    numbers = [int(key.split()[1]) for key in objects if key.startswith("opno ")]
    ours = [n for n in numbers if n >= FIRST_OF_USERS]
    if not ours:
        return {}
    rows = connection.execute(
        "SELECT 'opno ' || o.oid, format('OPERATOR(%%I.%%s)', n.nspname, o.oprname) FROM pg_operator o "
        "JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE o.oid = ANY(%s)",
        (ours,),
    ).fetchall()
    return dict(rows)


def _without_domains(connection: psycopg.Connection, pairs: set[tuple[int, int]]) -> frozenset[tuple[int, int]]:
    """Leave out what is compared as another type by its nature: a domain is what it is over."""
    if not pairs:
        return frozenset()
    rows = connection.execute(
        "SELECT oid FROM pg_type WHERE typtype = 'd' AND oid = ANY(%s)", ([a for a, _ in pairs],)
    ).fetchall()
    domains = {oid for (oid,) in rows}
    return frozenset((a, b) for a, b in pairs if a not in domains)
