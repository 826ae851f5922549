"""What a rule may read: what its owner may, and nothing else."""

from __future__ import annotations

from dyntables.catalog.quality.rule import Meaning, Target
from dyntables.commands.session import Session
from dyntables.compiler.quality.measure import measure_of
from dyntables.engines.postgres.rights.hands import working_for
from dyntables.engines.postgres.rights.reading import may_read


def check_reading(session: Session, target: Target, meaning: Meaning) -> None:
    """Let the server say whether the owner of a rule may run its query.

    Raises:
        InsufficientPrivilegeError: the owner lacks a right.
    """
    query = measure_of(meaning.question, target.schema, target.name)
    with working_for(session.connection, target.owner) as hands:
        may_read(session.connection, hands, query)
