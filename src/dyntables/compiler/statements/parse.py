"""Text → statement. What is not ours is passed through untouched."""

from __future__ import annotations

from dyntables.compiler.statements.alert import is_alert, parse_alert
from dyntables.compiler.statements.cloud import alter_clause, column_clause, unset_names
from dyntables.compiler.statements.cursor import Cursor
from dyntables.compiler.statements.evolve import (
    parse_clone,
    parse_show,
    parse_show_create,
    parse_undrop,
)
from dyntables.compiler.statements.explain import parse_explain
from dyntables.compiler.statements.grant import is_grant, parse_grant
from dyntables.compiler.statements.lexer import Kind, tokenize
from dyntables.compiler.statements.model import (
    Cancel,
    Clone,
    ColumnSpec,
    CreateDynamicTable,
    CreateOrAlter,
    DescribeDynamicTable,
    DropDynamicTable,
    Options,
    OwnerTo,
    Passthrough,
    Refresh,
    RenameTo,
    Resume,
    Scheduling,
    SetOptions,
    ShowColumnLineage,
    Statement,
    Suspend,
    SwapWith,
    UnsetOptions,
    Verify,
)
from dyntables.compiler.statements.options import UNSETTABLE, cluster_by, parse_options
from dyntables.compiler.statements.qualified import QualifiedName
from dyntables.compiler.statements.quality import is_quality, parse_decision, parse_expectation, parse_quality
from dyntables.compiler.statements.quality_model import Expectation
from dyntables.compiler.statements.refused import is_refused, refuse, refuse_in_create
from dyntables.errors import InvalidOptionError


def parse_statement(text: str, *, snowflake: bool = False) -> Statement:
    """Return the statement that a text is; ``snowflake`` says whose lexical rules hold.

    Raises:
        StatementSyntaxError, InvalidOptionError: with the place in the text.
    """
    words = [t.value.upper() if t.kind is Kind.WORD else "" for t in tokenize(text, snowflake=snowflake)[:30]]
    if not _may_be_ours(words):
        return Passthrough(text)
    cursor = Cursor(text, snowflake=snowflake)
    if is_refused(words):
        refuse(cursor, words)
    if is_grant(words):
        return parse_grant(cursor)
    if is_quality(words):
        return parse_quality(cursor)
    if is_alert(words):
        return parse_alert(cursor)
    if cursor.peek_words("CREATE") and _is_ours(words):
        return _create(cursor)
    if cursor.accept("ALTER", "DYNAMIC", "TABLE"):
        return _alter(cursor)
    if cursor.accept("DROP", "DYNAMIC", "TABLE"):
        return _drop(cursor)
    if cursor.accept("UNDROP", "DYNAMIC", "TABLE"):
        return parse_undrop(cursor)
    if cursor.accept("SHOW", "DYNAMIC", "TABLES"):
        return parse_show(cursor)
    if cursor.accept("DESCRIBE", "DYNAMIC", "TABLE") or cursor.accept("DESC", "DYNAMIC", "TABLE"):
        described = DescribeDynamicTable(cursor.name())
        cursor.end()
        return described
    if cursor.accept("SHOW", "CREATE", "DYNAMIC", "TABLE"):
        return parse_show_create(cursor)
    if cursor.accept("SHOW", "COLUMN", "LINEAGE"):
        return _lineage(cursor)
    if cursor.peek_words("EXPLAIN"):
        return parse_explain(cursor, lambda rest: parse_statement(rest, snowflake=snowflake))
    return Passthrough(text)


def _may_be_ours(words: list[str]) -> bool:
    if words[:2] == ["EXPLAIN", "CHANGES"] or words[:3] == ["SHOW", "COLUMN", "LINEAGE"]:
        return True
    return (
        is_quality(words)
        or is_alert(words)
        or is_grant(words)
        or is_refused(words)
        or "DYNAMIC" in (words if words[:1] == ["EXPLAIN"] else words[:8])
    )


def _is_ours(words: list[str]) -> bool:
    return [w for w in words[1:] if w not in ("OR", "REPLACE", "ALTER", "TRANSIENT")][:2] == ["DYNAMIC", "TABLE"]


def _create(cursor: Cursor) -> CreateDynamicTable | CreateOrAlter | Clone:
    cursor.expect("CREATE")
    or_replace = cursor.accept("OR", "REPLACE")
    or_alter = not or_replace and cursor.accept("OR", "ALTER")
    transient = cursor.accept("TRANSIENT")
    cursor.expect("DYNAMIC", "TABLE")
    if_not_exists = cursor.accept("IF", "NOT", "EXISTS")
    if (or_replace or or_alter) and if_not_exists:
        raise cursor.error(f"OR {'ALTER' if or_alter else 'REPLACE'} and IF NOT EXISTS exclude each other")
    name = cursor.name()
    if cursor.peek_words("CLONE") and not or_alter:
        return parse_clone(cursor, name, or_replace=or_replace, if_not_exists=if_not_exists, transient=transient)
    refuse_in_create(cursor)
    columns, expectations = _columns(cursor) if cursor.peek_symbol("(") else ((), ())
    options = parse_options(cursor, stop=("AS",), create=True)
    if not cursor.accept("AS"):
        raise cursor.error(
            "expected AS and the query", hint="CREATE DYNAMIC TABLE name TARGET_LAG = '1 minute' AS SELECT …"
        )
    start = cursor.token.start
    query = cursor.text[start:].rstrip().rstrip(";").rstrip()
    if not query:
        raise cursor.error("expected a query after AS")
    timing = options.timing
    if timing.target_lag is None and timing.schedule is None and timing.scheduler is not Scheduling.DISABLE:
        raise InvalidOptionError(
            "TARGET_LAG is missing",
            hint="Add TARGET_LAG = '1 minute' (or another time), TARGET_LAG = DOWNSTREAM, "
            "SCHEDULE = '0 6 * * *', or SCHEDULER = DISABLE.",
        )
    created = CreateDynamicTable(
        name, or_replace, if_not_exists, transient, columns, options, query, start, cursor.text, expectations
    )
    if or_alter and expectations:
        raise cursor.error("CREATE OR ALTER takes no CONSTRAINT … EXPECT", hint="Use CREATE OR REPLACE QUALITY RULE.")
    return CreateOrAlter(created) if or_alter else created


def _columns(cursor: Cursor) -> tuple[tuple[ColumnSpec, ...], tuple[Expectation, ...]]:
    columns: list[ColumnSpec] = []
    expectations: list[Expectation] = []
    cursor.symbol("(")
    while True:
        expectation = parse_expectation(cursor)
        if expectation is None:
            columns.append(_column(cursor))
        else:
            expectations.append(expectation)
        if not cursor.accept_symbol(","):
            break
    cursor.symbol(")")
    return tuple(columns), tuple(expectations)


def _column(cursor: Cursor) -> ColumnSpec:
    name = cursor.identifier("a column name")
    begin = cursor.token.start
    last = begin
    comment = None
    ignored: list[tuple[str, str]] = []
    while not (cursor.peek_symbol(",") or cursor.peek_symbol(")")):
        if cursor.accept("COMMENT"):
            comment = cursor.string("a comment")
            continue
        clause = column_clause(cursor)
        if clause is not None:
            ignored.append(clause)
            continue
        last = cursor.skip_parentheses() if cursor.peek_symbol("(") else cursor.take().end
    return ColumnSpec(name, cursor.text[begin:last].strip() or None, comment, tuple(ignored))


def _alter(cursor: Cursor) -> Statement:
    if_exists = cursor.accept("IF", "EXISTS")
    names = [cursor.name()]
    while cursor.accept_symbol(","):
        names.append(cursor.name())
    if cursor.accept("REFRESH"):
        copy_session, anyway = cursor.accept("COPY", "SESSION"), cursor.accept("PUBLISH", "ANYWAY")
        cursor.end()
        return Refresh(tuple(names), if_exists, copy_session, anyway)
    if len(names) > 1:
        raise cursor.error("expected REFRESH after a list of tables")
    statement = _alter_one(cursor, names[0], if_exists)
    cursor.end()
    return statement


def _role(cursor: Cursor) -> str | None:
    if any(cursor.accept(word) for word in ("CURRENT_USER", "CURRENT_ROLE", "SESSION_USER")):
        return None
    return cursor.identifier("the name of a role")


def _alter_one(cursor: Cursor, name: QualifiedName, if_exists: bool) -> Statement:
    clause = alter_clause(cursor, name, if_exists)
    if clause is not None:
        return clause
    decision = parse_decision(cursor, name, if_exists)
    if decision is not None:
        return decision
    if cursor.accept("CLUSTER", "BY"):
        return SetOptions(name, Options(cluster_by=cluster_by(cursor)), if_exists)
    if cursor.accept("SUSPEND"):
        return Suspend(name, if_exists)
    if cursor.accept("RESUME"):
        return Resume(name, if_exists)
    if cursor.accept("VERIFY"):
        return Verify(name, if_exists)
    if cursor.accept("CANCEL"):
        return Cancel(name, if_exists)
    if cursor.accept("RENAME", "TO"):
        return RenameTo(name, cursor.name(), if_exists)
    if cursor.accept("OWNER", "TO"):
        return OwnerTo(name, _role(cursor), if_exists)
    if cursor.accept("SWAP", "WITH"):
        return SwapWith(name, cursor.name(), if_exists)
    if cursor.accept("SET"):
        return SetOptions(name, parse_options(cursor, stop=(), create=False), if_exists)
    if cursor.accept("UNSET"):
        return UnsetOptions(name, unset_names(cursor, UNSETTABLE), if_exists)
    raise cursor.error(
        "expected SUSPEND, RESUME, REFRESH, VERIFY, CANCEL, RENAME TO, OWNER TO, SWAP WITH, ALTER COLUMN, SET or UNSET"
    )


def _lineage(cursor: Cursor) -> ShowColumnLineage:
    cursor.expect("OF")
    cursor.accept("DYNAMIC", "TABLE")
    shown = ShowColumnLineage(cursor.name())
    cursor.end()
    return shown


def _drop(cursor: Cursor) -> DropDynamicTable:
    if_exists = cursor.accept("IF", "EXISTS")
    name = cursor.name()
    cascade = cursor.accept("CASCADE")
    if not cascade:
        cursor.accept("RESTRICT")
    cursor.end()
    return DropDynamicTable(name, if_exists, cascade)
