"""Errors of the driver leave the engine as ours, told apart by kind."""

from __future__ import annotations

import psycopg
import pytest

from dyntables import errors
from dyntables.engines.postgres.connection.errors import translated
from dyntables.engines.postgres.connection.session import connect


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("SELECT * FROM nowhere", errors.MissingRelationError),
        ("SELECT 1 / 0", errors.EngineError),
        ("DO $$BEGIN RAISE serialization_failure; END$$", errors.ConflictError),
        ("DO $$BEGIN RAISE deadlock_detected; END$$", errors.DeadlockError),
        ("DO $$BEGIN RAISE lock_not_available; END$$", errors.LockNotAvailableError),
        ("DO $$BEGIN RAISE query_canceled; END$$", errors.CancelledError),
        ("DO $$BEGIN RAISE insufficient_privilege; END$$", errors.InsufficientPrivilegeError),
        ("DO $$BEGIN RAISE dependent_objects_still_exist; END$$", errors.DependentsExistError),
    ],
)
def test_an_error_has_its_kind(database_url: str, statement: str, kind: type[errors.EngineError]) -> None:
    with connect(database_url) as connection:
        with pytest.raises(errors.EngineError) as caught, translated():
            connection.execute(statement)
        assert type(caught.value) is kind
        assert isinstance(caught.value.__cause__, psycopg.Error)
