"""ALTER DYNAMIC TABLE … SET and UNSET of options, those on which the meaning of the definition depends included.

For these the definition is read anew, as by CREATE OR ALTER.
"""

from __future__ import annotations

from dataclasses import replace

from dyntables.commands import alter
from dyntables.commands.session import Result, Session
from dyntables.commands.statements.making.or_alter import create_or_alter
from dyntables.commands.statements.showing.show_create import create_statement
from dyntables.compiler.statements import (
    CreateDynamicTable,
    CreateOrAlter,
    Dialect,
    Options,
    QualifiedName,
    SetOptions,
    Statement,
    UnsetOptions,
    parse_statement,
)

_TRUST = "TRUST_STABLE_FUNCTIONS"


def redefines(statement: Statement) -> bool:
    """Tell whether a statement changes how a definition is read."""
    match statement:
        case SetOptions():
            return statement.options.trust_stable is not None or bool(statement.options.settings)
        case UnsetOptions():
            return _TRUST in statement.names
        case _:
            return False


def set_options(session: Session, statement: SetOptions) -> Result:
    """Change options."""
    if not redefines(statement):
        return alter.set_options(session, statement)
    rest = replace(statement.options, trust_stable=None, settings=())
    done = alter.set_options(session, replace(statement, options=rest))
    done.notices += _redefine(session, statement.name, statement.options)
    return done


def unset_options(session: Session, statement: UnsetOptions) -> Result:
    """Return options to their defaults."""
    notices = _redefine(session, statement.name, Options(trust_stable=False)) if redefines(statement) else []
    rest = tuple(name for name in statement.names if name != _TRUST)
    done = alter.unset_options(session, replace(statement, names=rest))
    done.notices += notices
    return done


def _redefine(session: Session, name: QualifiedName, options: Options) -> list[str]:
    """Bring a table to the state that its definition has under some options; return notices."""
    text = create_statement(session, alter.find(session, name))
    parsed = parse_statement(text, snowflake=session.dialect is Dialect.SNOWFLAKE)
    assert isinstance(parsed, CreateDynamicTable)
    trust = parsed.options.trust_stable if options.trust_stable is None else options.trust_stable
    changed = replace(parsed.options, trust_stable=trust, settings=(*parsed.options.settings, *options.settings))
    return create_or_alter(session, CreateOrAlter(replace(parsed, options=changed))).notices
