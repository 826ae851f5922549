"""SET and UNSET of what the meaning of a definition depends on: it is read anew, as by CREATE OR ALTER."""

from __future__ import annotations

from dataclasses import replace

from dyntables.commands.naming import find
from dyntables.commands.session import Session
from dyntables.commands.statements.making.or_alter import create_or_alter
from dyntables.commands.statements.showing.show_create import create_statement
from dyntables.compiler.statements import (
    CreateDynamicTable,
    CreateOrAlter,
    Dialect,
    Options,
    QualifiedName,
    parse_statement,
)


def redefine(session: Session, name: QualifiedName, options: Options) -> list[str]:
    """Bring a table to the state that its definition has under some options; return notices."""
    text = create_statement(session, find(session, name))
    parsed = parse_statement(text, snowflake=session.dialect is Dialect.SNOWFLAKE)
    assert isinstance(parsed, CreateDynamicTable)
    trust = parsed.options.trust_stable if options.trust_stable is None else options.trust_stable
    changed = replace(parsed.options, trust_stable=trust, settings=(*parsed.options.settings, *options.settings))
    return create_or_alter(session, CreateOrAlter(replace(parsed, options=changed))).notices
