"""What a stored query calls, by its tree: functions, operators, casts through text, and what those call in turn.

A tree is the server's own notation (``pg_rewrite.ev_action``): nodes in braces, fields after colons. Only the numbers
in it are read, and the bytes of constants.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import chain

import psycopg

from dyntables.compiler.plan.environment import Function
from dyntables.engines.postgres.called.resolution import FIRST_OF_USERS
from dyntables.engines.postgres.called.steady import is_steady

_TYPES = {
    "vartype", "consttype", "paramtype", "aggtype", "wintype", "funcresulttype", "opresulttype", "resulttype",
    "casetype", "coalescetype", "minmaxtype", "array_typeid", "row_typeid", "refrestype",
}  # fmt: skip
_FUNCTIONS = {"funcid", "aggfnoid", "winfnoid", "elemfuncid"}
_COLLATIONS = {"varcollid", "constcollid", "collOid", "inputcollid", "funccollid", "opcollid", "resultcollid"}
_FIELDS = _TYPES | _FUNCTIONS | _COLLATIONS | {"opno", "op", "constvalue"}
_TOKEN = re.compile(rf"\\.|\{{([A-Z0-9_]+)|(\}})|:({'|'.join(_FIELDS)}) (-?\d+)(?: \[ ([-\d ]+) \])?")
_INPUTS = {"VAR", "PARAM", "SUBLINK", "AGGREF", "WINDOWFUNC"}
_TEXTS = {25, 705, 1042, 1043}
# regclass and its like: what they print is in the catalog.
_NAMES = {24, 2202, 2203, 2204, 2205, 2206, 3734, 3769, 4089, 4096, 4191}
# Of the configurations of text search, it counts what they do.
_CONFIGURATIONS = {3734, 3769}
# date, time, timestamp, timestamptz, their arrays and ranges: what reads them from text knows 'now' and 'today'.
_MOMENTS = {
    1082, 1083, 1114, 1184, 1182, 1183, 1115, 1185, 3908, 3910, 3912, 3909, 3911, 3913, 4533, 4534, 4535,
}  # fmt: skip
# A time without a zone in text has the offset that the session's zone has today.
_ZONED_TIMES = {1266, 1270}
_SPECIAL = re.compile(r"(?i)now|today|tomorrow|yesterday")
# What the body of a function that reads tables has in it. It may be wrong about one that reads other functions only.
_READS = r"\m(from|join|table|execute)\M"
_CLOCK = {"statement_timestamp", "clock_timestamp", "timeofday"}
_SESSION = {
    "current_setting", "current_database", "current_schema", "current_schemas", "current_user", "session_user",
    "pg_backend_pid", "inet_client_addr", "inet_client_port", "inet_server_addr", "inet_server_port",
    "pg_current_xact_id", "txid_current", "getpgusername", "system_user", "pg_client_encoding",
}  # fmt: skip
_NOW = {1299, 2647}
_ONE_ARGUMENT_AGE = {1386, 2059}
# SQL's own spellings, by the numbers that a stored query has for them; those below read the clock.
_SESSION_VALUES = {
    9: "current_role", 10: "current_user", 11: "user", 12: "session_user", 13: "current_catalog", 14: "current_schema",
}  # fmt: skip


@dataclass(slots=True)
class Calls:
    """OIDs by kind. ``read`` and ``printed`` are types that are made from text and made into it.

    ``moments`` are casts of text to a time that may mean the present one. ``joined`` is how many items FROM has.
    """

    functions: set[int] = field(default_factory=set)
    operators: set[int] = field(default_factory=set)
    read: set[int] = field(default_factory=set)
    printed: set[int] = field(default_factory=set)
    domains: set[int] = field(default_factory=set)
    values: set[int] = field(default_factory=set)
    types: set[int] = field(default_factory=set)
    collations: set[int] = field(default_factory=set)
    moments: set[str] = field(default_factory=set)
    joined: int = 0

    def add(self, other: Calls) -> None:
        """Add what another tree calls."""
        self.joined += other.joined
        for name in self.__slots__:
            if name != "joined":
                getattr(self, name).update(getattr(other, name))


@dataclass(slots=True)
class _Node:
    tag: str
    type: int = 0
    called: int = 0
    children: list[_Node] = field(default_factory=list)
    inputs: bool = False
    text: str = ""


def calls_in(*trees: str) -> Calls:
    """Return what trees call themselves."""
    found = Calls()
    for tree in trees:
        _scan(tree, found)
    return found


def _scan(tree: str, found: Calls) -> None:
    open_nodes = [_Node("")]
    for tag, end, name, number, content in _TOKEN.findall(tree):
        if tag:
            open_nodes.append(_Node(tag))
            found.joined += tag == "RANGETBLREF"
        elif end:
            node = open_nodes.pop()
            _close(node, found)
            parent = open_nodes[-1]
            parent.children.append(node)
            parent.inputs |= node.inputs or node.tag in _INPUTS
            parent.text += node.text
            node.children.clear()
        elif name:
            _field(open_nodes[-1], name, int(number), content, found)


def _field(node: _Node, name: str, number: int, content: str, found: Calls) -> None:
    if name in _FUNCTIONS:
        found.functions.add(number)
        node.called = number
    elif name == "opno":
        found.operators.add(number)
    elif name in _TYPES:
        found.types.add(number)
        node.type = node.type or number
    elif name in _COLLATIONS:
        found.collations.add(number)
    elif name == "op" and node.tag == "SQLVALUEFUNCTION":
        found.values.add(number)
    elif name == "constvalue" and content and node.type in _TEXTS:
        node.text = bytes(int(n) % 256 for n in content.split()[4:]).decode(errors="replace")


def _close(node: _Node, found: Calls) -> None:
    if node.tag == "COERCETODOMAIN":
        found.domains.add(node.type)
    through_text = node.tag == "COERCEVIAIO"
    if through_text or node.called:
        found.printed |= {c.type for c in node.children if through_text or c.type in _NAMES - _CONFIGURATIONS}
    if through_text:
        found.read.add(node.type)
        constant = not node.inputs and not any(c.isdigit() for c in node.text)
        if node.type in _MOMENTS and (constant or _SPECIAL.search(node.text)):
            found.moments.add("'now'")
        if node.type in _ZONED_TIMES:
            found.moments.add("time with time zone")


@dataclass(frozen=True, slots=True)
class Called:
    """The functions that a query calls, by name those that read the clock, and those that read the session."""

    functions: frozenset[Function]
    clock: frozenset[str]
    session: frozenset[str]
    calls: Calls


def called(connection: psycopg.Connection, tree: str, *, trusted: bool) -> Called:
    """Return what a stored query calls; ``trusted``: its owner answers for functions that are declared STABLE."""
    calls = calls_in(tree)
    hidden = [*_checks(connection, calls.domains), *_defaults(connection, calls.functions)]
    if hidden:
        inside = calls_in(*hidden)
        calls = calls_in(tree, *hidden)
        if inside.functions & _NOW or inside.values - _SESSION_VALUES.keys():
            calls.moments.add("now")
    rows = connection.execute(
        _CALLED,
        {
            "reads": _READS, "functions": list(calls.functions), "operators": list(calls.operators),
            "read": list(calls.read), "printed": list(calls.printed),
        },
    ).fetchall()  # fmt: skip
    builtin = {row[1] for row in rows if row[0] == "pg_catalog"}
    functions = frozenset(_function(*row, trusted=trusted) for row in rows)
    clock = builtin & _CLOCK | ({"age"} if calls.functions & _ONE_ARGUMENT_AGE else set())
    clock |= calls.moments
    session = builtin & _SESSION | {_SESSION_VALUES[v] for v in calls.values if v in _SESSION_VALUES}
    return Called(functions, frozenset(clock), frozenset(session), calls)


def _function(
    schema: str,
    name: str,
    kind: str,
    volatility: str,
    returns_set: bool,
    language: str,
    may_read: bool,
    arguments: list[int],
    *,
    trusted: bool,
) -> Function:
    steady = is_steady(schema, name, volatility, tuple(arguments), trusted=trusted)
    return Function(schema, name, kind, volatility, returns_set, language, may_read, steady)


# The functions themselves; those behind operators, users' aggregates, and casts through text.
_CALLED = """
WITH called AS (
    SELECT unnest(%(functions)s::oid[]) AS oid
    UNION SELECT oprcode FROM pg_operator WHERE oid = ANY(%(operators)s)
    UNION SELECT f FROM pg_aggregate a, unnest(ARRAY[aggtransfn, aggfinalfn, aggcombinefn, aggserialfn, aggdeserialfn,
        aggmtransfn, aggminvtransfn, aggmfinalfn]::oid[]) f WHERE aggfnoid = ANY(%(functions)s::oid[])
        AND aggfnoid::oid >= 16384
    UNION SELECT typinput FROM pg_type WHERE oid = ANY(%(read)s)
    UNION SELECT typoutput FROM pg_type WHERE oid = ANY(%(printed)s)
)
SELECT n.nspname, p.proname, p.prokind, p.provolatile, p.proretset, l.lanname,
    n.nspname <> 'pg_catalog' AND p.provolatile = 's' AND (p.prosrc ~* %(reads)s OR EXISTS (SELECT 1
    FROM pg_depend d WHERE (d.classid, d.objid) = ('pg_proc'::regclass, p.oid)
    AND d.refclassid = 'pg_class'::regclass)), p.proargtypes::oid[]::bigint[]
FROM called JOIN pg_proc p ON p.oid = called.oid
JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
"""


def _checks(connection: psycopg.Connection, domains: set[int]) -> list[str]:
    """Return the trees of what domains check, those that they are made of included."""
    if not domains:
        return []
    rows = connection.execute(
        "WITH RECURSIVE d AS (SELECT unnest(%s::oid[]) AS oid UNION SELECT t.typbasetype FROM d "
        "JOIN pg_type t ON t.oid = d.oid WHERE t.typtype = 'd') "
        "SELECT k.conbin::text FROM d JOIN pg_constraint k ON k.contypid = d.oid WHERE k.conbin IS NOT NULL",
        (list(domains),),
    )
    return list(chain.from_iterable(rows))


def _defaults(connection: psycopg.Connection, functions: set[int]) -> list[str]:
    """Return the trees of defaults of users' functions: the caller evaluates them, and its own tree has none of it."""
    users = [f for f in functions if f >= FIRST_OF_USERS]
    if not users:
        return []
    rows = connection.execute(
        "SELECT proargdefaults::text FROM pg_proc WHERE oid = ANY(%s) AND proargdefaults IS NOT NULL", (users,)
    )
    found = list(chain.from_iterable(rows))
    return found + _defaults(connection, calls_in(*found).functions - functions) if found else []
