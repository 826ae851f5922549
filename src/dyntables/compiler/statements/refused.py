"""Statements on dynamic tables that Snowflake has and dyntables refuses, each with its reason."""

from __future__ import annotations

from dyntables.compiler.statements.cursor import Cursor

# The words that a statement begins with, after which of them the place of the error is, and what is said.
_REFUSED: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("DEFINE", "DYNAMIC", "TABLE"), "DEFINE is not supported", "CREATE OR REPLACE DYNAMIC TABLE takes the same text."),
    (
        ("SHOW", "UNIQUE", "KEYS"),
        "SHOW UNIQUE KEYS is not supported",
        "EXPLAIN DYNAMIC TABLE says what identifies the rows of each stage.",
    ),
)
_BOUNDARY = "DYNAMIC_TABLE_REFRESH_BOUNDARY"
_BEFORE = ("CREATE", "OR", "REPLACE", "TRANSIENT")


def is_refused(words: list[str]) -> bool:
    """Tell whether the first words of a statement are those of a refused one."""
    return any(words[: len(r)] == list(r) for r, _, _ in _REFUSED) or _form(words) in ("ICEBERG", "TEMPORARY")


def refuse(cursor: Cursor, words: list[str]) -> None:
    """Raise the error of a refused statement."""
    for begin, message, hint in _REFUSED:
        if words[: len(begin)] == list(begin):
            raise cursor.error(message, hint=hint)
    if _form(words) == "ICEBERG":
        raise cursor.error("Iceberg tables are not supported", hint="Storage is the server's own: leave out ICEBERG.")
    raise cursor.error("a dynamic table cannot be temporary", hint="Other sessions refresh it: leave the word out.")


def refuse_in_create(cursor: Cursor) -> None:
    """Raise the error of what may not come after the name in CREATE DYNAMIC TABLE, and of the refresh boundary."""
    if cursor.peek_words("FROM", "BACKUP") or cursor.peek_words("FROM", "SNAPSHOT"):
        raise cursor.error("FROM BACKUP SET is not supported", hint="A dump of the database has its dynamic tables.")
    for token in cursor.tokens[cursor.at :]:
        if token.is_word(_BOUNDARY):
            raise cursor.error(
                f"{_BOUNDARY} is not supported: all that a table reads is read at one instant",
                hint="SCHEDULER = DISABLE on the table that is read keeps it from being refreshed with this one.",
                at=token,
            )


def _form(words: list[str]) -> str:
    """Return which form of CREATE DYNAMIC TABLE, that there is not, a statement is."""
    rest = [w for w in words if w not in _BEFORE] if words[:1] == ["CREATE"] else []
    if rest[:3] == ["DYNAMIC", "ICEBERG", "TABLE"]:
        return "ICEBERG"
    temporary = rest[:1] in (["TEMPORARY"], ["TEMP"], ["VOLATILE"]) and rest[1:3] == ["DYNAMIC", "TABLE"]
    return "TEMPORARY" if temporary else ""
