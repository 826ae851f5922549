"""Storage of dynamic tables: building it beside the old one, and swapping the user's view over to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

import psycopg

from dyntables.compiler.delta.consolidate import consolidate
from dyntables.compiler.delta.context import Statement
from dyntables.compiler.names import KEPT, VERSION, WEIGHT, quote_qualified
from dyntables.compiler.plan.algebra.nodes import Column
from dyntables.compiler.program import Build, Program
from dyntables.engines.postgres.capture.captured import keep, leave_unanalysed
from dyntables.engines.postgres.connection.session import set_local
from dyntables.engines.postgres.definition.types import FACT_COLUMNS, FACTS, sql_type
from dyntables.engines.postgres.rights.cage import Step
from dyntables.engines.postgres.rights.hands import ANALYZE_FROM, Hands, analyze_statement
from dyntables.engines.postgres.storage.views import Reshaping, protect, protect_view
from dyntables.errors import EngineError, InvariantError, RebuildNeededError

_SWAP_LOCK_MS = 150
_INSERTED = f"coalesce(sum({WEIGHT}) FILTER (WHERE {WEIGHT} > 0), 0)"
_DELETED = f"coalesce(- sum({WEIGHT}) FILTER (WHERE {WEIGHT} < 0), 0)"


def build_statements(plan: Build) -> list[tuple[str, str]]:
    """Return (phase, SQL) of what creates, fills, indexes and analyses one storage table."""
    statements = [("build", f"CREATE TABLE {plan.storage} WITH (fillfactor = 70) AS {plan.select}")]
    for number, columns in enumerate(plan.indexes):
        unique = "UNIQUE " if plan.unique and number == 0 else ""
        statements.append(("index", f"CREATE {unique}INDEX ON {plan.storage} ({columns})"))
    statements += [("index", f"CREATE INDEX ON {plan.storage} USING hash ({column})") for column in plan.hashed]
    statements.append(("index", protect(plan.storage)))
    return [*statements, ("analyze", f"ANALYZE {plan.storage}")]


def columns_of(connection: psycopg.Connection, relation: str) -> tuple[Column, ...]:
    """Return the columns of a relation, named as it names them."""
    rows = connection.execute(
        f"SELECT a.attname, format_type(a.atttypid, a.atttypmod), {FACT_COLUMNS}, f.deterministic "
        f"FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid, {FACTS} WHERE a.attrelid = %s::regclass "
        "AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        (relation,),
    ).fetchall()
    return tuple(Column(name, sql_type(*facts)) for name, *facts in rows)


def qualified_columns_of(connection: psycopg.Connection, relation: str) -> tuple[Column, ...]:
    """Return the columns of a relation, their types under the names that hold in any search path."""
    set_local(connection, {"search_path": "pg_catalog, pg_temp"})
    return columns_of(connection, relation)


def swap_view(connection: psycopg.Connection, hands: Hands, schema: str, name: str, select: str, *, tries: int) -> None:
    """Point the user's view at new storage; readers wait at most for one short lock attempt.

    Raises:
        EngineError: readers held the view through all attempts; nothing was changed.
    """
    view = quote_qualified(schema, name)
    row = connection.execute(
        "SELECT current_setting('lock_timeout'), set_config('lock_timeout', %s, true)", (f"{_SWAP_LOCK_MS}ms",)
    ).fetchone()
    assert row is not None
    for attempt in range(tries):
        try:
            with connection.transaction():
                _replace_view(connection, hands, view, select)
            break
        except psycopg.errors.LockNotAvailable as error:
            if attempt == tries - 1:
                connection.execute("SELECT set_config('lock_timeout', %s, true)", (row[0],))
                raise EngineError(
                    f'could not swap the contents of "{schema}.{name}": readers hold it',
                    hint="A long transaction reads the dynamic table; the swap is tried again at the next refresh.",
                    sqlstate=error.sqlstate,
                    retryable=True,
                ) from error
            time.sleep(0.05)
    connection.execute("SELECT set_config('lock_timeout', %s, true)", (row[0],))
    protect_view(connection, hands, view)


def _replace_view(connection: psycopg.Connection, hands: Hands, view: str, select: str) -> None:
    try:
        with connection.transaction():
            hands.run(f"CREATE OR REPLACE VIEW {view} AS {select}")
    except psycopg.errors.InvalidTableDefinition:
        # The columns changed: CREATE OR REPLACE cannot rename, retype or drop them.
        hands.run(f"DROP VIEW {view}")
        hands.run(f"CREATE VIEW {view} AS {select}")


def difference(old: str, new: str, columns: tuple[Column, ...]) -> str:
    """Return a SELECT of the z-set ``new − old`` over two FROM items with the given columns."""
    names = ", ".join(quote_qualified(c.id) for c in columns)
    both = f"(SELECT {names}, -1 AS {WEIGHT} FROM {old} UNION ALL SELECT {names}, 1 AS {WEIGHT} FROM {new}) c"
    return consolidate(both, columns)


def count_delta(hands: Hands, delta: str) -> tuple[int, int]:
    """Return how many rows a delta, a FROM item, inserts and deletes."""
    row = hands.row(f"SELECT {_INSERTED}, {_DELETED} FROM {delta} d")
    return int(row[0]), int(row[1])


def log_delta(hands: Hands, log: str, version: int, columns: Mapping[str, str], delta: str) -> tuple[int, int]:
    """Add a delta, a FROM item, to a dynamic table's change log; return how many rows it inserts and deletes.

    Args:
        hands: to write with.
        log: the change log.
        version: the change version that the delta leads to.
        columns: the columns of the log, and the expression over the delta for each.
        delta: the FROM item.
    """
    names = ", ".join(quote_qualified(n) for n in columns)
    hands.lend_log(log)
    row = hands.row(
        f"WITH logged AS (INSERT INTO {log} ({VERSION}, {WEIGHT}, {names}) "
        f"SELECT {int(version)}, {WEIGHT}, {', '.join(columns.values())} FROM {delta} d RETURNING {WEIGHT}) "
        f"SELECT {_INSERTED}, {_DELETED} FROM logged"
    )
    return int(row[0]), int(row[1])


def count_rows(hands: Hands, rows: str) -> int:
    """Return the number of rows of a FROM item."""
    return int(hands.row(f"SELECT count(*) FROM {rows} o")[0])


def drop_table(hands: Hands, storage: str) -> None:
    """Drop a storage table that nothing shows."""
    hands.run(f"DROP TABLE {storage}")


def analyze_delta(hands: Hands, table: str, rows: int) -> None:
    """Let the planner know a table of this transaction, if its size alone does not say enough."""
    if rows >= ANALYZE_FROM:
        hands.run(analyze_statement(table))


def run_program(
    hands: Hands, program: Program, on_step: Callable[[str, str, int, int], None]
) -> tuple[list[dict[str, object]], int, int]:
    """Run the statements of an incremental refresh; return their record, and the rows deleted and inserted last.

    ``on_step`` is told the phase, the SQL, and which statement of how many comes next.

    Raises:
        InvariantError: the delta does not fit what is stored.
        RebuildNeededError: the delta is not enough.
    """
    record: list[dict[str, object]] = []
    deleted = inserted = 0
    count = len(program.statements)
    staging = KEPT if program.kept else hands.staging
    answers = hands.perform(
        [_step(s, staging) for s in program.statements], lambda sql, n: on_step("apply", sql, n, count)
    )
    for number, (statement, answer) in enumerate(zip(program.statements, answers, strict=False)):
        if answer.text is None:
            continue
        if statement.purpose == "CHECK":
            if answer.text == "true":
                raise InvariantError(f"the delta does not fit the stored state: {statement.label} does not hold")
            continue
        if statement.purpose == "REBUILD":
            if answer.text == "true":
                raise RebuildNeededError(statement.label)
            continue
        rows = int(answer.text)
        if answer.expected is not None and rows != answer.expected:
            raise InvariantError(f"{statement.label}: {answer.expected} rows were expected, {rows} were found")
        if number >= program.final and not statement.temporary:
            deleted += rows if statement.purpose in ("DELETE", "UPDATE") else 0
            inserted += rows if statement.purpose in ("INSERT", "UPDATE") else 0
        done = {"stage": program.stage(number), "purpose": str(statement.purpose), "label": statement.label}
        record.append({**done, "rows": rows, "ms": round(answer.milliseconds, 2)})
    return record, deleted, inserted


def _step(statement: Statement, staging: str) -> Step:
    analyze = None
    if statement.analyze:
        columns = f" ({', '.join(statement.analyzed)})" if statement.analyzed else ""
        analyze = f"{staging}.{statement.temporary}{columns}"
    check = statement.purpose in ("CHECK", "REBUILD")
    return Step(statement.sql, False, statement.guard, statement.expected, check, analyze, statement.small)


def ensure_change_log(connection: psycopg.Connection, log: str, schema: str, name: str) -> None:
    """Create the table that records a dynamic table's own output deltas."""
    exists = _scalar(connection, "SELECT to_regclass(%s) IS NOT NULL", log)
    if not exists:
        columns = _log_columns(connection, quote_qualified(schema, name))
        items = "".join(f", {quote_qualified(column)} {type_}" for column, type_ in columns.items())
        connection.execute(f"CREATE TABLE {log} ({VERSION} bigint, {WEIGHT} integer{items})")
        keep(connection, log)
        leave_unanalysed(connection, log)
        # What is consumed is deleted, also where a publication holds all tables.
        connection.execute(f"ALTER TABLE {log} REPLICA IDENTITY FULL")


def renew_change_log(connection: psycopg.Connection, log: str, schema: str, name: str) -> None:
    """Begin a dynamic table's change log anew, if there is one: the table may have other columns."""
    if _scalar(connection, "SELECT to_regclass(%s) IS NOT NULL", log):
        connection.execute(f"DROP TABLE {log}")
        ensure_change_log(connection, log, schema, name)


def drop_change_log(connection: psycopg.Connection, log: str) -> None:
    """Drop the change log of a dynamic table, if it has one."""
    connection.execute(f"DROP TABLE IF EXISTS {log}")


def _log_columns(connection: psycopg.Connection, view: str) -> dict[str, str]:
    """Return the columns of a view in order, each with the type in which a log holds it."""
    rows = connection.execute(
        "SELECT a.attname, dyntables.log_type(a.attrelid, a.attnum) FROM pg_attribute a "
        "WHERE a.attrelid = %s::regclass AND a.attnum > 0 ORDER BY a.attnum",
        (view,),
    )
    return dict(rows.fetchall())


def reshape_log(connection: psycopg.Connection, log: str, view: str, *, dropped: Iterable[str], new: Reshaping) -> None:
    """Give a dynamic table's change log, if there is one, the columns that its view has got; old rows keep theirs."""
    if _scalar(connection, "SELECT to_regclass(%s) IS NULL", log):
        return
    for name in dropped:
        connection.execute(f"ALTER TABLE {log} DROP COLUMN IF EXISTS {quote_qualified(name)}")
    types = _log_columns(connection, view)
    for name, _ in new.added:
        connection.execute(f"ALTER TABLE {log} ADD COLUMN {quote_qualified(name)} {types[name]}")
    leave_unanalysed(connection, log)
    for old, fresh in new.renamed:
        connection.execute(f"ALTER TABLE {log} RENAME COLUMN {quote_qualified(old)} TO {quote_qualified(fresh)}")


def drop_generations(connection: psycopg.Connection, table_id: int, keep: int | None) -> list[str]:
    """Drop the storage tables of a dynamic table except those of the generation to keep and what is frozen.

    What readers hold is skipped.
    """
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'dyntables_data'::regnamespace AND relkind = 'r' "
        "AND relname ~ %s AND NOT EXISTS (SELECT FROM dyntables.dynamic_table t WHERE t.id = %s "
        "AND t.frozen ->> 'storage' = 'dyntables_data.' || relname)",
        (f"^t{table_id}_g[0-9]+(_s[0-9]+|_frozen)?$", table_id),
    ).fetchall()
    dropped = []
    for (name,) in rows:
        if keep is not None and (name == f"t{table_id}_g{keep}" or name.startswith(f"t{table_id}_g{keep}_s")):
            continue
        try:
            with connection.transaction():
                connection.execute("SELECT set_config('lock_timeout', '50ms', true)")
                connection.execute(f"DROP TABLE dyntables_data.{name}")
            dropped.append(name)
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DependentObjectsStillExist):
            continue
    return dropped


def _scalar(connection: psycopg.Connection, sql: str, *parameters: object) -> object:
    row = connection.execute(sql, parameters or None).fetchone()
    return row[0] if row else None
