"""Objects of any name are captured, followed incrementally, and never run as SQL."""

from __future__ import annotations

import hypothesis
import psycopg
import pytest
from hypothesis import HealthCheck, Phase

import dyntables
from dyntables.compiler.names import quote_qualified
from tests.oracle.generation.names import RESERVED, Names, names
from tests.support.refreshes import verified

EXAMPLES = 8


def test_objects_of_any_name(database_url: str) -> None:
    # One that closes the quotation of the function that captures, and would run what comes after it.
    attack = quote_qualified("$dyntables$; CREATE TABLE public.owned (); --")
    plain = Names(
        '"a"',
        '"T"',
        attack,
        '"p"',
        attack,
        '"found"',
        '"__dt_weight"',
        '"i"',
        '"w"',
        ('"x"', '"y"', '"z"'),
        '"s"',
        True,
    )
    with dyntables.connect(database_url) as client, psycopg.connect(database_url, autocommit=True) as writer:

        @hypothesis.settings(
            max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, print_blob=False,
            phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @hypothesis.example(plain)
        @hypothesis.given(names())
        def check(drawn: Names) -> None:
            _check(client, writer, drawn)

        check()
        assert writer.execute("SELECT to_regclass('public.owned')").fetchone() == (None,)


def _check(client: dyntables.Client, writer: psycopg.Connection, drawn: Names) -> None:
    for statement in drawn.statements():
        writer.execute(statement.encode())
    client.execute(f"SET search_path = {drawn.schema}")
    for name, query in zip(drawn.dynamic, drawn.definitions(), strict=True):
        client.execute(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS {query}")
    for change in drawn.changes():
        writer.execute(change.encode())
        for name in drawn.dynamic:
            row = verified(client, name)
            assert row["equal"], (drawn, change, row)
            assert row["action"] in ("INCREMENTAL", "NO_DATA"), (drawn, change, row)
    for name in reversed(drawn.dynamic):
        client.execute(f"DROP DYNAMIC TABLE {name}")
    writer.execute(f"SET client_min_messages = warning; DROP SCHEMA {drawn.schema} CASCADE".encode())


def test_a_column_cannot_have_the_name_of_one_of_the_log(database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        for name in sorted(RESERVED):
            with pytest.raises(dyntables.DyntablesError, match="its change log has one of this name"):
                client.execute(f"CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' AS SELECT 1 AS \"{name}\"")
