"""Which statements the console takes: one at a time, that reads, and calls nothing that reaches beyond reading."""

from __future__ import annotations

import re

from dyntables.compiler.statements import split_statements
from dyntables.compiler.statements.lexer import Kind, tokenize
from dyntables.errors import ForbiddenError, RequestError

READING = {"SELECT", "WITH", "VALUES", "TABLE", "SHOW", "EXPLAIN"}

# Functions that everybody may call, in a transaction that only reads, too: locks that dyntables works with, signals,
# settings (of memory, say), large objects, other servers, the log that is written ahead, and what runs a text as SQL.
_BEYOND = (
    r"pg_(try_)?advisory_\w+|set_config|pg_(cancel|terminate)_backend|pg_notify|"
    r"pg_read_(binary_)?file\w*|pg_ls_\w+|pg_stat_file|pg_stat_reset\w*|pg_log_\w+|pg_logical_\w+|"
    r"pg_replication_(origin|slot)_\w+|pg_export_snapshot|pg_create_\w+|pg_switch_wal|pg_backup_\w+|pg_promote|"
    r"pg_reload_conf|pg_rotate_logfile|pg_import_system_collations|"
    r"lo_(close|creat|create|export|from_bytea|get|import|lseek|lseek64|open|put|tell|tell64|truncate|truncate64|unlink)|"
    r"loread|lowrite|dblink\w*|\w+_to_xml\w*|ts_stat|ts_rewrite|crosstab\w*|connectby|xpath_table"
)
_FORBIDDEN = re.compile(rf"(?<![\w$])({_BEYOND})(?![\w$])", re.IGNORECASE)
_ESCAPED_NAME = re.compile(r'[uU]&"')


def one_statement(text: str) -> str:
    """Return the one statement of a text.

    Raises:
        RequestError: there is none, or several. ForbiddenError: it does not read.
    """
    pieces = split_statements(text)
    if len(pieces) != 1:
        found = "no statement" if not pieces else f"{len(pieces)} statements"
        raise RequestError(f"expected one statement, found {found}", hint="Run them one after the other.")
    sql = pieces[0].text
    words = [t.value.upper() for t in tokenize(sql)[:6] if t.kind is Kind.WORD or t.value == "("]
    first = next((w for w in words if w != "("), "")
    if first not in READING:
        raise ForbiddenError(
            f"the console only reads, and {first or 'this'} is not one of {', '.join(sorted(READING))}",
            hint="Dynamic tables are created and altered under /dynamic-tables.",
        )
    _check_names(sql)
    return sql


def _check_names(sql: str) -> None:
    """Look in the whole text, strings and comments too: no rule of quoting can hide a name."""
    found = _FORBIDDEN.search(sql)
    if found is not None:
        raise ForbiddenError(
            f'the console does not run what names "{found[0]}"',
            detail="It could lock, signal, write or set something, or run a text as SQL.",
            hint="Run it over a connection of your own.",
        )
    if _ESCAPED_NAME.search(sql):
        raise ForbiddenError('the console takes no names with escapes, U&"…"', hint='Write the name as it is: "…".')
