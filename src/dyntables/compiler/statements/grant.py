"""GRANT and REVOKE … ON DYNAMIC TABLE."""

from __future__ import annotations

from dyntables.compiler.statements.cursor import Cursor
from dyntables.compiler.statements.model import Grant, Revoke

_PRIVILEGES = ("OPERATE", "MONITOR", "SELECT")


def is_grant(words: list[str]) -> bool:
    """Tell whether the first words of a statement are those of ours, not of PostgreSQL's GRANT."""
    return words[:1] in (["GRANT"], ["REVOKE"]) and any(
        words[n : n + 3] == ["ON", "DYNAMIC", "TABLE"] for n in range(len(words))
    )


def parse_grant(cursor: Cursor) -> Grant | Revoke:
    """Return the statement."""
    grant = cursor.accept("GRANT")
    if not grant:
        cursor.expect("REVOKE")
    privileges = _privileges(cursor)
    cursor.expect("ON", "DYNAMIC", "TABLE")
    name = cursor.name()
    cursor.expect("TO" if grant else "FROM")
    cursor.accept("ROLE")
    role = cursor.identifier("a role")
    cursor.end()
    return Grant(privileges, name, role) if grant else Revoke(privileges, name, role)


def _privileges(cursor: Cursor) -> tuple[str, ...]:
    if cursor.accept("ALL"):
        cursor.accept("PRIVILEGES")
        return _PRIVILEGES
    found = []
    while True:
        token = cursor.token
        word = cursor.identifier("a privilege").upper()
        if word not in _PRIVILEGES:
            raise cursor.error(f"a dynamic table has the privileges {', '.join(_PRIVILEGES)}", at=token)
        found.append(word)
        if not cursor.accept_symbol(","):
            return tuple(found)
