"""Random cases: a schema, definitions over it and over each other, and a history."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st

from tests.oracle.generation.grammar import Grammar, Production
from tests.oracle.generation.model import LITERALS, Case, Definition, Field, Kind, Pick, Step, Table

DEPTH = 2
SCHEMES = ("keyed", "bag", "partitioned")


@st.composite
def cases(draw: st.DrawFn, word: str | None = None, special: Mapping[str, Production] | None = None) -> Case:
    """Draw a case; one of a special kind has its word and its productions."""
    pick = Pick(draw)
    schema: list[str] = []
    tables: list[Table] = []
    for number in range(pick.number(1, 3)):
        table, statements = _table(pick, f"t{number}")
        tables.append(table)
        schema += statements
    for table in tables:
        if pick.chance(70):
            schema.append(_insert(pick, table))
    definitions: list[Definition] = []
    readable = tuple(tables)
    for number in range(pick.number(1, 2)):
        grammar = Grammar(pick, readable, special)
        query = grammar.query(DEPTH)
        definitions.append(Definition(f"d{number}", query.sql, frozenset(grammar.uses | ({word} if word else set()))))
        readable = (*readable, Table(f"d{number}", query.fields))
    steps: list[Step] = []
    for _ in range(pick.number(1, 3)):
        steps += _round(pick, tables)
    return Case(tuple(schema), tuple(definitions), tuple(steps))


def _table(pick: Pick, name: str) -> tuple[Table, list[str]]:
    scheme = pick.one(SCHEMES)
    kinds = [pick.one(list(Kind)) for _ in range(pick.number(1, 3))]
    fields = [Field(f"{name}_id", Kind.INTEGER)]
    columns = [f"{name}_id integer"]
    for number, kind in enumerate(kinds):
        fields.append(Field(f"{name}_c{number}", kind))
        type_ = "varchar(12)" if kind is Kind.TEXT and pick.chance(50) else kind
        constraint = f" NOT NULL DEFAULT {LITERALS[kind][0]}" if pick.chance(15) else ""
        columns.append(f"{name}_c{number} {type_}{constraint}")
    keyed = scheme == "keyed" or (scheme == "partitioned" and pick.chance(50))
    if keyed:
        columns.append(f"PRIMARY KEY ({name}_id)")
    text = f"CREATE TABLE {name} ({', '.join(columns)})"
    statements = [text]
    if scheme == "partitioned":
        statements = [
            f"{text} PARTITION BY RANGE ({name}_id)",
            f"CREATE TABLE {name}_low PARTITION OF {name} FOR VALUES FROM (MINVALUE) TO (4)",
            f"CREATE TABLE {name}_rest PARTITION OF {name} DEFAULT",
        ]
    required = {c.split(" ")[0] for c in columns if "NOT NULL" in c}
    return Table(name, tuple(fields), keyed, frozenset(required)), statements


def _value(pick: Pick, table: Table, field: Field) -> str:
    if field.sql not in table.required and pick.chance(20):
        return f"NULL::{field.kind}"
    return f"{pick.one(LITERALS[field.kind])}::{field.kind}"


def _insert(pick: Pick, table: Table) -> str:
    """Insert rows, or change those whose key is there."""
    names = [f.sql for f in table.fields]
    first, count = pick.number(1, 8), pick.number(1, 4)
    identity = "i" if table.keyed or pick.chance(60) else pick.one(("1", "2", "i / 2"))
    if not table.keyed and pick.chance(10):
        identity = "NULL::integer"
    rest = [
        f"CASE i % 2 WHEN 0 THEN {_value(pick, table, f)} ELSE {_value(pick, table, f)} END" for f in table.fields[1:]
    ]
    text = f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {', '.join([identity, *rest])} "
    text += f"FROM generate_series({first}, {first + count - 1}) i"
    if table.keyed:
        changed = ", ".join(f"{n} = excluded.{n}" for n in names[1:])
        text += f" ON CONFLICT ({names[0]}) DO UPDATE SET {changed}"
    return text


def _where(pick: Pick, table: Table) -> str:
    key = table.fields[0].sql
    field = pick.one(table.fields[1:])
    return pick.one(
        (
            f"{key} = {pick.number(1, 8)}",
            f"{key} % 2 = {pick.number(0, 1)}",
            f"{field.sql} = {pick.one(LITERALS[field.kind])}::{field.kind}",
            f"{field.sql} IS NULL",
            "true",
        )
    )


def _change(pick: Pick, table: Table) -> str:
    """Return a statement that writes to a table."""
    key, field = table.fields[0].sql, pick.one(table.fields[1:])
    name, where = table.name, _where(pick, table)
    match pick.number(0, 6):
        case 0 | 1:
            return _insert(pick, table)
        case 2:
            return f"DELETE FROM {name} WHERE {where}"
        case 3:
            return f"UPDATE {name} SET {field.sql} = {_value(pick, table, field)} WHERE {where}"
        case 4:
            return f"UPDATE {name} SET {field.sql} = {field.sql} WHERE {where}"
        case 5:
            # A key must not meet another on the way: only if none is that high yet.
            unmoved = f"NOT EXISTS (SELECT 1 FROM {name} WHERE {key} >= 100)"
            return f"UPDATE {name} SET {key} = {key} + 100 WHERE {key} < 100 AND {unmoved}"
        case _:
            # A whole group goes and comes back changed, in one statement for capture.
            return f"UPDATE {name} SET {field.sql} = {LITERALS[field.kind][1]}"


def _round(pick: Pick, tables: list[Table]) -> list[Step]:
    """Return writes and a refresh; a late transaction's table is left alone until it commits."""
    steps: list[Step] = []
    if pick.chance(8):
        steps.append(Step("write", f"TRUNCATE {pick.one(tables).name}"))
    late = pick.one(tables) if pick.chance(25) else None
    if late is not None:
        steps.append(Step("late", _change(pick, late)))
    free = [t for t in tables if t is not late]
    for _ in range(pick.number(1, 3) if free else 0):
        parts = [_change(pick, pick.one(free)) for _ in range(2 if pick.chance(35) else 1)]
        steps.append(Step("write", ";\n".join(parts)))
    steps.append(Step("refresh"))
    if late is not None:
        steps += [Step("commit"), Step("refresh")]
    return steps
