"""PostgreSQL's types as the compiler needs to know them.

What a type can do is asked of the catalog, as arrays, domains, composite types and ranges can what their parts can.
"""

from __future__ import annotations

from dyntables.compiler.plan.algebra.nodes import SqlType

# A LATERAL item over ``pg_type t``: the names of the types that a type is made of in the end, whether all of them can
# be grouped, hashed and sorted; whether the type is an array, also under a domain; how its equality is written under
# an empty path; what a domain is over; and whether the database has a collation by which texts that differ are equal.
# A type with a default operator class of its own is compared by that, whatever it is made of.
FACTS = """
LATERAL (WITH RECURSIVE part(id, mine) AS (
        SELECT t.oid, true
        UNION SELECT next.id, part.mine AND next.same FROM part JOIN pg_type p ON p.oid = part.id, LATERAL (
            SELECT p.typbasetype AS id, true AS same WHERE p.typtype = 'd'
            UNION ALL SELECT p.typelem, false WHERE p.typcategory = 'A' AND p.typelem <> 0 AND p.typtype = 'b'
            UNION ALL SELECT a.atttypid, false FROM pg_attribute a
                WHERE p.typtype = 'c' AND a.attrelid = p.typrelid AND a.attnum > 0 AND NOT a.attisdropped
            UNION ALL SELECT r.rngsubtype, false FROM pg_range r WHERE part.id IN (r.rngtypid, r.rngmultitypid)) next
        WHERE NOT EXISTS (SELECT FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod AND m.amname IN ('btree', 'hash')
            WHERE o.opcdefault AND o.opcintype = p.oid)
    ), kind AS (
        SELECT p.*, part.mine, p.typcategory = 'A' AND p.typelem <> 0 AND p.typtype = 'b' AS is_array,
            EXISTS (SELECT FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod AND m.amname IN ('btree', 'hash')
                WHERE o.opcdefault AND o.opcintype = p.oid) AS own,
            CASE WHEN p.typtype = 'e' THEN ARRAY['anyenum'::regtype::oid] ELSE ARRAY(
                SELECT p.oid UNION ALL SELECT c.casttarget FROM pg_cast c
                WHERE c.castsource = p.oid AND c.castmethod = 'b' AND c.castcontext = 'i') END AS as_types
        FROM part JOIN pg_type p ON p.oid = part.id
    ), leaf AS (
        SELECT format_type(k.oid, NULL) AS name, k.typtype = 'e' AND NOT k.own AS is_enum, k.mine, e.oid AS equality,
            coalesce(e.sorted, false) AS sorted,
            EXISTS (SELECT FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod AND m.amname = 'hash'
                JOIN pg_amproc f ON f.amprocfamily = o.opcfamily AND f.amprocnum = 2
                    AND f.amproclefttype = o.opcintype
                JOIN pg_amop a ON a.amopfamily = o.opcfamily AND a.amopopr = e.oid
                WHERE o.opcdefault AND o.opcintype = ANY (k.as_types)) AS hashed
        FROM kind k LEFT JOIN LATERAL (
            SELECT a.amopopr AS oid, m.amname = 'btree' AS sorted
            FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod JOIN pg_amop a
                ON a.amopfamily = o.opcfamily AND a.amoplefttype = o.opcintype AND a.amoprighttype = o.opcintype
                AND (m.amname, a.amopstrategy) IN (('btree', 3), ('hash', 1))
            WHERE o.opcdefault AND o.opcintype = ANY (k.as_types)
            ORDER BY m.amname, o.opcintype <> k.oid LIMIT 1) e ON true
        WHERE k.own OR (NOT k.is_array AND k.typtype IN ('b', 'e', 'p'))
    ) SELECT coalesce((SELECT array_agg(name) FILTER (WHERE NOT is_enum) FROM leaf), '{}') AS leaves,
        coalesce((SELECT bool_and(equality IS NOT NULL) FROM leaf), false) AS groupable,
        coalesce((SELECT bool_and(hashed) FROM leaf), false) AS hashable,
        coalesce((SELECT bool_and(sorted) FROM leaf), false) AS sortable,
        EXISTS (SELECT FROM kind WHERE is_array AND mine) AS is_array,
        coalesce((SELECT format('OPERATOR(%%I.%%s)', n.nspname, o.oprname) FROM leaf l JOIN pg_operator o
            ON o.oid = l.equality JOIN pg_namespace n ON n.oid = o.oprnamespace
            WHERE l.mine AND (n.nspname, o.oprname) <> ('pg_catalog', '=')), '=') AS equals,
        (SELECT format_type(k.oid, (SELECT max(d.typtypmod) FROM kind d WHERE d.mine AND d.typtype = 'd')) FROM kind k
            WHERE k.mine AND k.typtype <> 'd' AND t.typtype = 'd') AS over,
        NOT EXISTS (SELECT FROM pg_collation WHERE NOT collisdeterministic) AS deterministic) f
"""
# In the order of the arguments of ``sql_type`` after the name.
FACT_COLUMNS = "t.typtype, f.leaves, f.groupable, f.hashable, f.is_array, f.equals, f.over, f.sortable"

_TEXTS = {"text", "character varying", "character", "name"}
_IMAGE_EQUAL = {
    "boolean", "smallint", "integer", "bigint", "oid", "text", "character varying", "name", "date", "uuid", "bytea",
    "time without time zone", "time with time zone", "timestamp without time zone", "timestamp with time zone",
    '"char"', "xid", "xid8", "inet", "cidr", "macaddr", "macaddr8", "pg_lsn", "tid", "bit", "bit varying", "money",
    "tsvector", "tsquery", "regclass", "regtype", "regproc", "regprocedure", "regoper", "regoperator", "regrole",
    "regnamespace", "regcollation", "regconfig", "regdictionary",
}  # fmt: skip
_SHORT_TEXTS = ("character varying", "character", "bit", "bit varying")
_BOUNDED = {
    "boolean", "smallint", "integer", "bigint", "oid", "name", "date", "uuid", "time without time zone",
    "time with time zone", "timestamp without time zone", "timestamp with time zone", '"char"', "xid8", "numeric",
    "interval", "inet", "cidr", "macaddr", "macaddr8", "pg_lsn", "money", "real", "double precision",
}  # fmt: skip
_LONGEST_KEY = 600


def sql_type(
    name: str,
    kind: str,
    leaves: list[str],
    groupable: bool,
    hashable: bool,
    is_array: bool,
    equals: str,
    over: str | None,
    sortable: bool,
    deterministic: bool,
) -> SqlType:
    """Classify a type by the server's name for it (``format_type``) and by ``FACTS``; ``kind`` is ``pg_type.typtype``.

    ``deterministic``: texts that are equal under the collation are the same.
    """
    base = name.split("(")[0].strip()
    if "time zone" in name:
        base = name.replace(name[name.find("(") : name.find(")") + 1], "") if "(" in name else name
        base = " ".join(base.split())
    of_one_scale = base == "numeric" and "," in name
    padded = base == "character" and "(" in name
    same = of_one_scale or padded or set(leaves) <= _IMAGE_EQUAL
    image_equal = groupable and same and (deterministic or not _TEXTS & set(leaves))
    unbounded = _unbounded(base, name, kind)
    return SqlType(name, image_equal, groupable, unbounded, hashable, is_array, equals, over, sortable)


def _unbounded(base: str, name: str, kind: str) -> bool:
    if base in _SHORT_TEXTS and "(" in name:
        return int(name[name.index("(") + 1 : name.index(")")]) > _LONGEST_KEY
    return kind != "e" and base not in _BOUNDED
