"""What the server found under the names in a stored query: operators, functions and collations, by OID."""

from __future__ import annotations

import re
from collections import Counter

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
    operators = [int(key.split()[1]) for key in found if key.startswith("opno ")]
    rows = connection.execute(_NOTABLE, (operators,)).fetchall() if operators else []
    written = {f"opno {oid}": text for oid, text, foreign, _ in rows if foreign}
    return Resolved(found, written, _without_domains(connection, pairs), any(odd for _, _, _, odd in rows))


_NOTABLE = """
SELECT * FROM (
    SELECT o.oid, format('OPERATOR(%%I.%%s)', n.nspname, o.oprname), n.nspname <> 'pg_catalog' AS is_foreign,
        o.oprname = '=' AND NOT EXISTS (SELECT FROM pg_amop a
            JOIN pg_opclass c ON c.opcfamily = a.amopfamily AND c.opcdefault JOIN pg_am m ON m.oid = c.opcmethod
            WHERE a.amopopr = o.oid AND (m.amname, a.amopstrategy) IN (('btree', 3), ('hash', 1))) AS odd
    FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE o.oid = ANY(%s)
) o WHERE is_foreign OR odd
"""


def _without_domains(connection: psycopg.Connection, pairs: set[tuple[int, int]]) -> frozenset[tuple[int, int]]:
    """Leave out what is compared as another type by its nature: a domain is what it is over."""
    if not pairs:
        return frozenset()
    rows = connection.execute(
        "SELECT oid FROM pg_type WHERE typtype = 'd' AND oid = ANY(%s)", ([a for a, _ in pairs],)
    ).fetchall()
    domains = {oid for (oid,) in rows}
    return frozenset((a, b) for a, b in pairs if a not in domains)
