"""The functions of the triggers that capture: what they write to a change log.

The one of the statement triggers logs the transition tables. The server leaves a row that a MERGE moves to another
partition out of those, or has half of it there, so a row trigger of the partitions logs both halves of it, each as two
rows: one whose weight is the mark of the statement, and one that leaves -1 or 1 of it. A statement trigger that gets
such rows, too, finds them by their mark, and takes back what it has logged twice.

They have the rights of who owns the log, and whoever owns the source writes and alters that as it likes. So they take a
column only if it has the type that it had, as ``dyntables.same`` makes sure: else a cast that somebody made would run.
"""

from __future__ import annotations

import psycopg

from dyntables.compiler.names import WEIGHT, XID, literal, logged, quote_qualified

SCHEMA = "dyntables_log"


def log_table(oid: int) -> str:
    """Return the qualified name of a source's change log."""
    return f"{SCHEMA}.c{oid}"


def write_functions(connection: psycopg.Connection, oid: int, generation: int, columns: list[str]) -> None:
    """(Re)define the trigger functions of a source so that they write the given generation of its log."""
    writer = _Writer(connection, oid, generation, columns)
    row = connection.execute("SELECT relkind FROM pg_class WHERE oid = %s", (oid,)).fetchone()
    partitioned = row is not None and row[0] == "p"
    _define(connection, f"f{oid}", writer.of_statements(partitioned=partitioned), writer.target)
    if partitioned:
        _define(connection, f"m{oid}", writer.of_moves(), writer.target)


def virtual_columns(connection: psycopg.Connection, oid: int) -> dict[str, str]:
    """Return the expressions of virtual generated columns: transition tables do not hold their values."""
    return _generated(connection, oid, "v")


class _Writer:
    """The texts of the functions of one source, over one generation of its log."""

    def __init__(self, connection: psycopg.Connection, oid: int, generation: int, columns: list[str]) -> None:
        virtual = virtual_columns(connection, oid)
        self.oid = int(oid)
        self.target = f"{log_table(oid)}_{int(generation)}"
        self.names = "".join(f", {quote_qualified(logged(c))}" for c in columns)
        self.items = "".join(f", {virtual.get(c, quote_qualified(c))}" for c in columns)
        kept = {c: f"(NULL::{self.target}).{quote_qualified(logged(c))}" for c in columns if c not in virtual}
        types = (_computed_from(connection, oid) if virtual.keys() & set(columns) else {}) | kept
        # By COALESCE with a literal a domain becomes its base type.
        exact = (f"dyntables.same(COALESCE({c}, NULL), {t}) AS {c}" for c, t in _quoted(types))
        self.columns = ", ".join(exact)
        # A row trigger runs before the values of stored generated columns are computed.
        self.whole = not _generated(connection, oid, "s").keys() & set(columns)
        self.check = _check(connection, oid)

    def of_statements(self, *, partitioned: bool) -> str:
        """Return the body of the function that logs transition tables."""
        into, insert = self._into(), self._rows("1", "dt_new")
        checked = self._rows(f"1{self.check}", "dt_new"), self._rows(f"-1{self.check}", "dt_old")
        # Columns may be called what a variable is called: found, new, old, tg_op.
        return f"""
#variable_conflict use_column
{_DECLARED if partitioned else ""}
BEGIN
    IF TG_OP = 'INSERT' THEN
        {into} {checked[0]};
    ELSIF TG_OP = 'UPDATE' THEN
        {into} {checked[1]} UNION ALL {insert};
    ELSIF TG_OP = 'DELETE' THEN
        {into} {checked[1]};
    ELSE
        INSERT INTO dyntables.source_event (relation, kind) VALUES ({self.oid}, TG_OP);
    END IF;
    {self._moved() if partitioned else ""}
    RETURN NULL;
{self._otherwise("NULL")}
"""

    def of_moves(self) -> str:
        """Return the body of the function that logs a row that a MERGE moves to another partition."""
        mark = "dt_move.mark"
        halves = " UNION ALL ".join(
            self._rows(weight, f"(SELECT {row}.*) r")
            for row, weights in (("OLD", (f"- {mark}{self.check}", f"{mark} - 1")), ("NEW", (mark, f"1 - {mark}")))
            for weight in weights
        )
        return f"""
#variable_conflict use_column
{_DECLARED}
BEGIN
    GET DIAGNOSTICS context = PG_CONTEXT;
    kind := dyntables.statement_kind(dt_move.context);
    IF kind = 'UPDATE' THEN
        RETURN NEW;
    END IF;
    known := TG_NARGS = 0 AND NOT dyntables.partitioned_by_others(TG_RELID);
    IF known THEN
        EXECUTE 'SELECT (' || coalesce(pg_get_partition_constraintdef(TG_RELID), 'true')
            || ') IS NOT FALSE FROM (SELECT ($1).*) t' INTO stays USING NEW;
    END IF;
    IF stays THEN
        RETURN NEW;
    END IF;
    IF kind = 'MERGE' AND known AND {self.whole} THEN
        mark := dyntables.note_move({self.oid}, dt_move.context);
    ELSE
        PERFORM dyntables.lose_moves({self.oid});
    END IF;
    IF mark IS NOT NULL THEN
        {self._into()} {halves};
    END IF;
    RETURN NEW;
{self._otherwise("NEW")}
"""

    def _moved(self) -> str:
        """Return what takes back the rows of a statement's transition table that were logged when they moved."""
        marked = f"{self.names} FROM {self.target} WHERE {XID} = pg_current_xact_id() AND {WEIGHT} ="
        return f"""
    IF current_setting('dyntables.moves_{self.oid}', true) <> '' AND TG_OP <> 'TRUNCATE' THEN
        GET DIAGNOSTICS context = PG_CONTEXT;
        IF TG_OP = 'INSERT' THEN
            changed := (SELECT count(*) FROM dt_new);
        ELSIF TG_OP = 'DELETE' THEN
            changed := (SELECT count(*) FROM dt_old);
        END IF;
        SELECT r.mark, r.moves INTO mark, moves
        FROM dyntables.moved_rows({self.oid}, TG_OP, dt_move.context, dt_move.changed) r;
        IF mark IS NOT NULL THEN
            IF TG_OP = 'INSERT' THEN
                {self._into()} SELECT {XID}, -1{marked} dt_move.mark;
            ELSE
                {self._into()} SELECT {XID}, 1{marked} - dt_move.mark;
            END IF;
            GET DIAGNOSTICS changed = ROW_COUNT;
            IF changed <> moves THEN -- the log has another generation since then
                PERFORM dyntables.lose_moves({self.oid});
            END IF;
        END IF;
    END IF;"""

    def _into(self) -> str:
        return f"INSERT INTO {self.target} ({XID}, {WEIGHT}{self.names})"

    def _rows(self, weight: str, source: str) -> str:
        return f"SELECT pg_current_xact_id(), {weight}{self.items} FROM (SELECT {self.columns} FROM {source}) t"

    def _otherwise(self, result: str) -> str:
        return f"""EXCEPTION
    -- The table was altered: its columns do not fit the log any more. Or this generation was sealed, or dropped, while
    -- the statement ran. Writers must not suffer; readers reinitialize.
    WHEN syntax_error_or_access_rule_violation OR data_exception OR check_violation THEN
        INSERT INTO dyntables.source_event (relation, kind) VALUES ({self.oid}, 'ALTERED');
        RETURN {result};
END"""


# Where nobody notes it, a child or partition may come, have its rows written through the table, and go: the writes have
# to look, and divide by zero if there is one. Partitions with our triggers are known.
_ITS_OWN = "NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = ANY ('{%s}') AND inhrelid <> ALL ('{%s}'))"
_MEMBERS = """
SELECT coalesce(string_agg(m.member::text, ',') FILTER (WHERE c.relkind = 'p'), ''), string_agg(m.member::text, ',')
FROM dyntables.source_member m JOIN pg_class c ON c.oid = m.member
WHERE m.relation = %s AND NOT dyntables.alterations_noted() HAVING count(*) > 0
"""
# The label tells a variable from a column of its name.
_DECLARED = """<<dt_move>>
DECLARE
    context text;
    kind text;
    known boolean;
    stays boolean := false;
    mark integer;
    moves bigint;
    changed bigint;"""


def _define(connection: psycopg.Connection, name: str, body: str, target: str) -> None:
    connection.execute(
        f"CREATE OR REPLACE FUNCTION {SCHEMA}.{name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
        f"SET search_path = pg_catalog, pg_temp AS {literal(body)}"
    )
    connection.execute(f"REVOKE ALL ON FUNCTION {SCHEMA}.{name}() FROM PUBLIC")
    # It has the rights of who owns the log, and so can write that.
    connection.execute("SELECT dyntables.keep_function(%s::regprocedure, %s::regclass)", (f"{SCHEMA}.{name}()", target))


def _check(connection: psycopg.Connection, oid: int) -> str:
    """Return what to put behind a weight so that the writes of a source notice children that nobody else does."""
    row = connection.execute(_MEMBERS, (oid,)).fetchone()
    if row is None:
        return ""
    return f" / (SELECT ({_ITS_OWN % (row[0] or oid, row[1] if row[0] else '')})::integer)"


def _computed_from(connection: psycopg.Connection, oid: int) -> dict[str, str]:
    """Return the columns that virtual columns are computed from, each with a NULL of its type."""
    rows = connection.execute(
        "SELECT DISTINCT a.attname, 'NULL::' || format_type(a.atttypid, NULL) FROM pg_attribute v "
        "JOIN pg_attrdef d ON d.adrelid = v.attrelid AND d.adnum = v.attnum "
        "JOIN pg_depend n ON n.classid = 'pg_attrdef'::regclass AND n.objid = d.oid AND n.refobjid = v.attrelid "
        "JOIN pg_attribute a ON a.attrelid = n.refobjid AND a.attnum = n.refobjsubid "
        "WHERE v.attrelid = %s AND v.attgenerated = 'v' AND a.attgenerated = '' AND a.atttypid < 16384",
        (oid,),
    ).fetchall()
    return dict(rows)


def _quoted(columns: dict[str, str]) -> list[tuple[str, str]]:
    return [(quote_qualified(name), null) for name, null in columns.items()]


def _generated(connection: psycopg.Connection, oid: int, kind: str) -> dict[str, str]:
    with connection.transaction():
        connection.execute("SELECT set_config('search_path', 'pg_catalog, pg_temp', true)")
        rows = connection.execute(
            "SELECT a.attname, '(' || pg_get_expr(d.adbin, d.adrelid) || ')' FROM pg_attribute a "
            "JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
            "WHERE a.attrelid = %s AND a.attgenerated = %s",
            (oid, kind),
        ).fetchall()
    return dict(rows)
