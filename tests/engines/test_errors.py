"""The driver's errors leave the engine as ours, each of its kind."""

from __future__ import annotations

import psycopg
import pytest

from dyntables import errors
from dyntables.engines.postgres.connection.errors import savepoint, translated
from dyntables.errors import DyntablesError

pytestmark = pytest.mark.pg

RAISED = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{}', MESSAGE = 'no'; END $$"


@pytest.mark.parametrize(
    ("sql", "kind", "retryable"),
    [
        (RAISED.format("40001"), errors.ConflictError, True),
        (RAISED.format("40P01"), errors.DeadlockError, True),
        (RAISED.format("55P03"), errors.LockNotAvailableError, True),
        ("SET LOCAL statement_timeout = 1; SELECT pg_sleep(60)", errors.CancelledError, True),
        ("SET LOCAL ROLE pg_monitor; SELECT FROM pg_authid", errors.InsufficientPrivilegeError, False),
        ("SELECT FROM no_such_table", errors.MissingRelationError, False),
        (
            "CREATE TEMP TABLE t (); CREATE TEMP VIEW v AS SELECT FROM t; DROP TABLE t",
            errors.DependentsExistError,
            False,
        ),
        ("SELECT 1 / 0", errors.ExpressionError, False),
        ("CREATE TEMP TABLE t (a int CHECK (a > 0)); INSERT INTO t VALUES (0)", errors.ExpressionError, False),
        ("SELECT nothing()", errors.EngineError, False),
    ],
)
def test_each_kind_is_told_apart(database_url: str, sql: str, kind: type[DyntablesError], retryable: bool) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        with pytest.raises(errors.EngineError) as raised, connection.transaction(), savepoint(connection):
            connection.execute(sql)
        assert type(raised.value) is kind
        assert (raised.value.code, raised.value.retryable) == ("DT300", retryable)
        assert raised.value.sqlstate == getattr(raised.value.__cause__, "sqlstate", None)
        connection.execute("SELECT 1")


def test_a_lost_connection_is_told_apart(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.close()
        with pytest.raises(errors.ConnectionFailedError) as raised, translated():
            connection.execute("SELECT 1")
    assert (raised.value.code, raised.value.retryable) == ("DT301", True)


def test_a_savepoint_keeps_what_was_before(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection, connection.transaction():
        connection.execute("CREATE TEMP TABLE kept AS SELECT 1")
        with pytest.raises(errors.ExpressionError), savepoint(connection):
            connection.execute("DROP TABLE kept; SELECT 1 / 0")
        connection.execute("SELECT FROM kept")
