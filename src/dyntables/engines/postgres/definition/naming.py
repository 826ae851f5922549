"""What the text of a definition names, by identity: read once, and compared with the present names before each run."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import psycopg

from dyntables.compiler.names import SYSTEM, literal
from dyntables.compiler.renames import Rename, Sort
from dyntables.engines.postgres.definition.parsing import SAFE_UNDER, Parser, stored_query

COLUMN, VIEW_COLUMN, LABELS, _OTHER = "column", "view column", "labels", "other"
# Constants of these types are printed as the names of what they refer to.
_REFERENCE = re.compile(r"\{CONST :consttype (\d+) [^{}]*?:constisnull false[^{}]*?:constvalue 4 \[ ([-\d ]+)\]\}")
# Names in a tree: the aliases that are written, and those that only say what a column was called.
_ALIAS = re.compile(r"\{ALIAS :aliasname (?:\\.|[^ \\])* :colnames (?:<>|\((?:\\.|[^()\\])*\))\}")
_PLACE = re.compile(r":(?:location|stmt_location|stmt_len|list_start|list_end|rexpr_list_start|rexpr_list_end) -?\d+")

# Everything below plain views as well: the server follows names in their text, and we in what was made of it. Below a
# dynamic table there is only its storage.
_OBJECTS = """
WITH RECURSIVE rel (oid) AS (
    SELECT %(view)s::oid UNION
    SELECT d.refobjid FROM rel JOIN pg_rewrite r ON r.ev_class = rel.oid AND rel.oid <> ALL(%(dynamic)s::oid[])
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
), used AS (
    SELECT DISTINCT d.refobjid AS oid, d.refobjsubid AS sub FROM rel
    JOIN pg_rewrite r ON r.ev_class = rel.oid AND rel.oid <> ALL(%(dynamic)s::oid[])
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
    WHERE d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
), ref AS (
    SELECT DISTINCT d.refclassid AS class, d.refobjid AS oid, d.refobjsubid AS sub FROM rel
    JOIN pg_rewrite r ON r.ev_class = rel.oid AND rel.oid <> ALL(%(dynamic)s::oid[])
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
    WHERE d.refclassid <> 'pg_class'::regclass OR rel.oid = %(view)s AND d.refobjsubid > 0
), type (oid) AS (
    SELECT oid FROM ref WHERE class = 'pg_type'::regclass
    UNION SELECT a.atttypid FROM used JOIN pg_attribute a ON a.attrelid = used.oid AND a.attnum = used.sub
    UNION SELECT part.oid FROM type JOIN pg_type t ON t.oid = type.oid CROSS JOIN LATERAL (
        SELECT t.typelem AS oid UNION ALL SELECT t.typbasetype
        UNION ALL SELECT r.rngsubtype FROM pg_range r WHERE t.oid IN (r.rngtypid, r.rngmultitypid)
        UNION ALL SELECT a.atttypid FROM pg_attribute a
            WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0
    ) part
), object (class, oid, sub) AS (
    SELECT class, oid, sub FROM ref WHERE class <> 'pg_type'::regclass
    UNION SELECT 'pg_type'::regclass, t.oid, 0 FROM type JOIN pg_type t ON t.oid = type.oid
        WHERE t.typelem = 0 AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind <> 'c')
    UNION SELECT 'pg_enum'::regclass, t.oid, 0 FROM type JOIN pg_type t ON t.oid = type.oid AND t.typtype = 'e'
)
"""
_THESE = "WITH object (class, oid, sub) AS (SELECT * FROM unnest(%s::oid[], %s::oid[], %s::integer[]))"
_LABELLED = (
    "(SELECT array_agg(concat(e.oid, ':', e.enumlabel) ORDER BY e.oid) FROM pg_enum e WHERE e.enumtypid = o.oid)"
)
# By the server's caches, so that it is the present whatever the snapshot; but for labels.
_IDENTITY = f"""CASE WHEN o.class <> 'pg_enum'::regclass
    THEN (pg_identify_object(o.class, o.oid, o.sub)).identity ELSE md5({_LABELLED}::text) END"""
# Objects that came with the server keep their names.
_DESCRIBED = f"""
SELECT o.class::oid::bigint, o.oid::bigint, o.sub, {_IDENTITY}, f.sort, f.name, f.written
FROM object o CROSS JOIN LATERAL (
    SELECT 'function' AS sort, ARRAY[n.nspname, p.proname]::text[] AS name,
        format('%%I.%%I', n.nspname, p.proname) AS written FROM pg_proc p JOIN pg_namespace n
        ON n.oid = p.pronamespace WHERE o.class = 'pg_proc'::regclass AND p.oid = o.oid
    UNION ALL SELECT 'operator', ARRAY[n.nspname, p.oprname], format('%%I.%%s', n.nspname, p.oprname)
        FROM pg_operator p JOIN pg_namespace n
        ON n.oid = p.oprnamespace WHERE o.class = 'pg_operator'::regclass AND p.oid = o.oid
    UNION ALL SELECT 'type', ARRAY[n.nspname, p.typname], format('%%I.%%I', n.nspname, p.typname)
        FROM pg_type p JOIN pg_namespace n
        ON n.oid = p.typnamespace WHERE o.class = 'pg_type'::regclass AND p.oid = o.oid
    UNION ALL SELECT 'collation', ARRAY[n.nspname, p.collname], format('%%I.%%I', n.nspname, p.collname)
        FROM pg_collation p JOIN pg_namespace n
        ON n.oid = p.collnamespace WHERE o.class = 'pg_collation'::regclass AND p.oid = o.oid
    UNION ALL SELECT CASE WHEN c.relkind = 'c' THEN 'attribute' WHEN c.relkind = 'v' AND NOT EXISTS (
        SELECT FROM dyntables.dynamic_table t WHERE t.view_oid = c.oid) THEN 'view column' ELSE 'column' END,
        ARRAY[a.attname], quote_ident(a.attname) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE o.class = 'pg_class'::regclass AND a.attrelid = o.oid AND a.attnum = o.sub
    UNION ALL SELECT 'labels', ARRAY[n.nspname, t.typname]::text[] || {_LABELLED}, '' FROM pg_type t JOIN pg_namespace n
        ON n.oid = t.typnamespace WHERE o.class = 'pg_enum'::regclass AND t.oid = o.oid
    UNION ALL SELECT 'other', '{{}}', '' WHERE o.class IN ('pg_ts_config'::regclass, 'pg_ts_dict'::regclass)
) f WHERE o.oid >= 16384 ORDER BY 1, 2, 3
"""
_STRAYED = f"""
SELECT DISTINCT o.n FROM unnest(%s::bigint[], %s::oid[], %s::oid[], %s::integer[], %s::text[])
    o (n, class, oid, sub, identity) WHERE o.identity IS DISTINCT FROM {_IDENTITY}
"""


@dataclass(frozen=True, slots=True)
class Named:
    """An object by catalog, OID and column, with the server's identity for it, its name in parts, and as it is written.

    The parts of an enum's labels are schema and name of the type, and the labels, each after its OID.
    """

    catalog: int
    oid: int
    sub: int
    identity: str | None
    sort: str
    name: tuple[str, ...]
    written: str


@dataclass(frozen=True, slots=True)
class Names:
    """What a text names.

    ``of``: the digest of the text. ``tree``: that of what the server made of it, without any name. ``system``: the
    server and database, of which the OIDs are.
    """

    of: str
    tree: str
    system: str
    objects: tuple[Named, ...]
    references: dict[str, str] = field(default_factory=dict)

    @property
    def watched(self) -> list[Named]:
        """The objects of which nothing else tells that they were renamed."""
        return [o for o in self.objects if o.sort != COLUMN]

    @property
    def stamp(self) -> str:
        """What to keep at hand: the digest of the text, and of the objects to be watched if there are any."""
        watched = self.watched
        return (
            f"{self.of} {digest(str([(o.catalog, o.oid, o.sub, o.identity) for o in watched]))}" if watched else self.of
        )

    def document(self) -> dict[str, Any]:
        """Return it as the catalog stores it."""
        return asdict(self)


def load_names(stored: dict[str, Any]) -> Names:
    """Return what the catalog stored."""
    objects = tuple(Named(**{**o, "name": tuple(o["name"])}) for o in stored["objects"])
    return Names(**{**stored, "objects": objects})


def digest(text: str) -> str:
    """Return the digest by which a text is known."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def read_names(connection: psycopg.Connection, owner: str, text: str, dynamic: Iterable[int]) -> Names:
    """Let the server read a text of an owner's, and tell what it names; ``dynamic``: the users' views of ours.

    Raises:
        InvalidQueryError: the server does not understand it, or the service may not parse it.
    """
    parser = Parser(connection, owner)
    with parser.rolled_back():
        made = parser.create_view("dt_names", text, SAFE_UNDER)
        tree, _ = stored_query(connection, made)
        parser.check(tree)
        row = connection.execute(f"SELECT %s::regclass::oid::bigint, {SYSTEM}", (made,)).fetchone()
        assert row is not None
        view, system = row
        rows = connection.execute(_OBJECTS + _DESCRIBED, {"view": view, "dynamic": list(dynamic)}).fetchall()
        return Names(digest(text), _nameless(tree, view), system, _objects(rows), _references(connection, tree))


def strayed(connection: psycopg.Connection, watched: Sequence[tuple[int, Named]]) -> set[int]:
    """Return the numbers of those, each given with an object, whose object has another name now, or is gone."""
    if not watched:
        return set()
    columns = [
        [n for n, _ in watched], [o.catalog for _, o in watched], [o.oid for _, o in watched],
        [o.sub for _, o in watched], [o.identity for _, o in watched],
    ]  # fmt: skip
    return {n for (n,) in connection.execute(_STRAYED, columns)}


def present_objects(connection: psycopg.Connection, objects: Sequence[Named]) -> tuple[Named, ...]:
    """Return objects as they are named now, without those that are gone."""
    keys = [[o.catalog for o in objects], [o.oid for o in objects], [o.sub for o in objects]]
    return _objects(connection.execute(_THESE + _DESCRIBED, keys).fetchall())


def renames(connection: psycopg.Connection, names: Names, present: Iterable[Named]) -> list[Rename]:
    """Return how to write what a text names as it is called now, but for relations and their columns."""
    now = {(o.catalog, o.oid, o.sub): o for o in present}
    pairs = [(old, now[key]) for old in names.objects if (key := (old.catalog, old.oid, old.sub)) in now]
    references = [(text, _printed(connection, key)) for key, text in names.references.items()]
    return [*_between(pairs), *(Rename(Sort.REFERENCE, (old,), literal(new)) for old, new in references)]


def former(names: Names, present: Iterable[Named]) -> list[Rename]:
    """Return how to write what is called as it is now as it was called before."""
    before = {(o.catalog, o.oid, o.sub): o for o in names.objects}
    return _between([(new, before[key]) for new in present if (key := (new.catalog, new.oid, new.sub)) in before])


def _between(pairs: Iterable[tuple[Named, Named]]) -> list[Rename]:
    found: list[Rename] = []
    for old, new in pairs:
        if old.sort == LABELS:
            type_ = old.name[:2]
            found += [Rename(Sort.LABEL, (*type_, was), literal(label)) for was, label in labels(old, new)]
        elif old.sort not in (COLUMN, VIEW_COLUMN, _OTHER):
            found.append(Rename(Sort(old.sort), old.name, new.written))
    return found


def labels(old: Named, new: Named) -> list[tuple[str, str]]:
    """Return the old and the new label of each value of an enum that both have."""
    now = dict(item.split(":", 1) for item in new.name[2:])
    return [(label, now[oid]) for oid, label in (item.split(":", 1) for item in old.name[2:]) if oid in now]


def _objects(rows: Iterable[tuple[Any, ...]]) -> tuple[Named, ...]:
    return tuple(Named(c, o, s, i, sort, tuple(name), written) for c, o, s, i, sort, name, written in rows)


def _nameless(tree: str, view: int) -> str:
    """Return the digest of a tree without names, places in the text, and its own OID."""
    return digest(_PLACE.sub("", _ALIAS.sub("", tree)).replace(f":relid {view} ", ":relid 0 "))


def _references(connection: psycopg.Connection, tree: str) -> dict[str, str]:
    """Return the constants of a tree that are printed as names, as ``type:oid``, with what is printed."""
    found = {(int(m[1]), _oid(m[2])) for m in _REFERENCE.finditer(tree)}
    rows = connection.execute(
        "SELECT typname, v FROM unnest(%s::oid[], %s::bigint[]) u (t, v) JOIN pg_type ON oid = t "
        "WHERE typname LIKE 'reg%%' AND typnamespace = 'pg_catalog'::regnamespace AND v >= 16384",
        ([t for t, _ in found], [v for _, v in found]),
    ).fetchall()
    return {f"{name}:{oid}": _printed(connection, f"{name}:{oid}") for name, oid in rows}


def _oid(numbers: str) -> int:
    """Return the OID that a tree has as signed bytes, in the order of the server's machine, hardly ever another."""
    return int.from_bytes(bytes(int(b) % 256 for b in numbers.split()[:4]), "little")


def _printed(connection: psycopg.Connection, key: str) -> str:
    name, oid = key.split(":")
    row = connection.execute(f"SELECT {int(oid)}::oid::{name}::text").fetchone()
    assert row is not None
    return str(row[0])
