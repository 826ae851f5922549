"""Names that people may give: of our own columns and variables, and with every sign that ends a quotation."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from dyntables.compiler.names import quote_qualified

LONGEST = 63

# What a trigger function, a change log, a delta or storage calls its own, and what an SQL parser takes for a word.
TAKEN = (
    "found", "new", "old", "tg_op", "tg_relid", "item", "dt_new", "dt_old", "__dt_weight", "__dt_weight_", "__dt_xid",
    "__dt_version", "__dt_count", "__dt_key", "__dt_hash", "__dt_ctid", "__dt_visible", "xmin_", "c", "d", "o", "n",
    "statement", "select", "frozen_q", "relation", "kind",
)  # fmt: skip
PIECES = (
    '"', "'", "\\", "$", "$$", "$dyntables$", "$1", "%", "%s", "%(a)s", "{", "}", "{a}", "\n", "\r\n", "\t", " ", ";",
    "--", "/*", "*/", ".", ",", "(", ")", ":a", "?", "E'", "ä", "雪", "\U0001f409", "A", "b",
)  # fmt: skip
RESERVED = {"__dt_weight", "__dt_weight_", "__dt_xid", "__dt_version"}


def cut(name: str) -> str:
    """Shorten a name to what the server keeps of it."""
    return name.encode()[:LONGEST].decode(errors="ignore")


odd_names = st.one_of(
    st.sampled_from(TAKEN),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join),
    st.lists(st.sampled_from(PIECES), min_size=60, max_size=63).map("".join),
).map(cut)


@dataclass(frozen=True, slots=True)
class Names:
    """A name for each kind of object, quoted; ``shown`` is what the dynamic tables call the column."""

    schema: str
    type: str
    table: str
    part: str
    key: str
    column: str
    value: str
    index: str
    view: str
    dynamic: tuple[str, str, str]
    shown: str
    partitioned: bool

    def statements(self) -> list[str]:
        """Return what makes the sources."""
        of = f"({self.key} integer, {self.column} {self.type}, {self.value} numeric(9,2))"
        table, part = (f"{self.schema}.{n}" for n in (self.table, self.part))
        make = [f"CREATE TABLE {table} {of}"]
        if self.partitioned:
            make = [f"{make[0]} PARTITION BY RANGE ({self.key})", f"CREATE TABLE {part} PARTITION OF {table} DEFAULT"]
        return [
            f"CREATE SCHEMA {self.schema}",
            f"SET search_path = {self.schema}",
            f"CREATE DOMAIN {self.type} AS integer NOT NULL CHECK (VALUE > -100)",
            *make,
            f"CREATE INDEX {self.index} ON {table} ({self.column})",
            f"CREATE VIEW {self.view} AS SELECT * FROM {table}",
            f"INSERT INTO {table} SELECT i, i % 3, i FROM generate_series(1, 9) i",
        ]

    def definitions(self) -> list[str]:
        """Return a query over the table, one over the view, and one over the first dynamic table."""
        column, shown = self.column, self.shown
        return [
            f"SELECT {self.key} AS k, {column} AS {shown}, {self.value} AS v FROM {self.table}",
            f"SELECT {column} AS {shown}, count(*) AS k, sum({self.value}) AS v FROM {self.view} GROUP BY {column}",
            f"SELECT k, {shown} FROM {self.dynamic[0]} WHERE {shown} > 0",
        ]

    def changes(self) -> list[str]:
        """Return a history; in the middle of it nothing is altered."""
        table, key, column, value = self.table, self.key, self.column, self.value
        return [
            f"INSERT INTO {table} VALUES (10, 4, 1)",
            f"UPDATE {table} SET {column} = {column} + 1, {value} = 0 WHERE {key} % 2 = 0",
            f"DELETE FROM {self.view} WHERE {key} = 3",
        ]


@st.composite
def names(draw: st.DrawFn) -> Names:
    """Draw names; those that must differ do."""
    relations = draw(st.lists(odd_names, min_size=7, max_size=7, unique=True))
    columns = draw(st.lists(odd_names, min_size=3, max_size=3, unique=True))
    schema, type_ = draw(odd_names.filter(lambda n: not n.startswith("pg_"))), draw(odd_names)
    shown = draw(odd_names.filter(lambda n: n not in RESERVED | {"k", "v"}))
    # A table's name is its row type's, too; and the server makes up a shorter one for an array of it.
    if type_ in relations:
        type_ = cut("t" + type_)
    table, part, index, view, *dynamic = (quote_qualified(n) for n in relations)
    key, column, value = (quote_qualified(n) for n in columns)
    return Names(
        quote_qualified(schema), quote_qualified(type_), table, part, key, column, value, index, view,
        (dynamic[0], dynamic[1], dynamic[2]), quote_qualified(shown), draw(st.booleans()),
    )  # fmt: skip
