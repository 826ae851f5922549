"""The data of the tiny engine: sources, their logs, storage; and the locks that its sessions share."""

from __future__ import annotations

import re
import threading
from collections import Counter, defaultdict

import duckdb

from dyntables.compiler.names import WEIGHT

_WORDS = (
    (re.compile(r" ON COMMIT DROP"), ""),
    (re.compile(r"\bpg_temp\."), "temp."),
    (re.compile(r"\bctid\b"), "rowid"),
    (re.compile(r" WITH \(fillfactor = \d+\)"), ""),
    (re.compile(r"::record \*= (ROW\([^()]*\))::record"), r" IS NOT DISTINCT FROM \1"),
)


def translate(sql: str) -> str:
    """Return a statement of the compiler in DuckDB's words."""
    for pattern, word in _WORDS:
        sql = pattern.sub(word, sql)
    return sql


class TinyDatabase:
    """One database in memory; ``writes`` counts what was written to sources, which is what a frontier is here."""

    def __init__(self) -> None:
        self._root = duckdb.connect()
        self._root.execute("CREATE SCHEMA public; CREATE SCHEMA dyntables_data; CREATE SCHEMA dyntables_log")
        self._root.execute("CREATE TABLE dyntables_log.writes (n bigint)")
        for name in ("hash_record_extended", "hashtextextended"):
            self._root.execute(f"CREATE MACRO {name}(x, seed) AS (hash(x) // 2)::bigint")
        self._sources: dict[str, int] = {}
        self.changed = threading.Condition()
        self.held: dict[int, object] = {}
        self.shared: Counter[int] = Counter()
        self.owned: defaultdict[int, object | None] = defaultdict(lambda: None)

    def session(self) -> duckdb.DuckDBPyConnection:
        """Return a session of its own, which sees its own snapshot."""
        return self._root.cursor()

    def create_source(self, name: str, oid: int, columns: str) -> None:
        """Create an empty source that PostgreSQL knows by an OID; ``columns`` as in CREATE TABLE."""
        self._root.execute(f'CREATE TABLE public."{name}" ({columns})')
        self._root.execute(f'CREATE TABLE dyntables_log.c{oid} AS SELECT 0::bigint AS __dt_n, 0 AS {WEIGHT}, * '
                           f'FROM public."{name}"')  # fmt: skip
        self._sources[name] = oid

    def write(self, sql: str) -> None:
        """Write to sources, and log what differs afterwards."""
        session = self.session()
        session.execute("BEGIN; INSERT INTO dyntables_log.writes SELECT count(*) + 1 FROM dyntables_log.writes")
        for name in self._sources:
            session.execute(f'CREATE OR REPLACE TEMP TABLE "before_{name}" AS FROM public."{name}"')
        session.execute("SET search_path = 'public'")
        session.execute(sql)
        number = "(SELECT max(n) FROM dyntables_log.writes)"
        for name, oid in self._sources.items():
            before, after = f'FROM temp."before_{name}"', f'FROM public."{name}"'
            session.execute(
                f"INSERT INTO dyntables_log.c{oid} SELECT {number}, -1, * FROM ({before} EXCEPT ALL {after}) "
                f"UNION ALL SELECT {number}, 1, * FROM ({after} EXCEPT ALL {before})"
            )
        session.execute("COMMIT")
        session.close()
