"""An installation of before the cage: what its owners could turn goes with the upgrade."""

from __future__ import annotations

import pytest

from dyntables.catalog.migrate import migrate
from dyntables.engines.postgres.connection.session import connect
from tests.security.conftest import Stage


@pytest.mark.pg(15, 18)
def test_functions_of_owners_and_their_grants_go(stage: Stage) -> None:
    with connect(stage.service.url) as connection:
        migrate(connection, 15)
        stage.superuser.execute(f"GRANT CREATE ON SCHEMA dyntables_data TO {stage.role}")
        stage.plain.execute(
            "CREATE FUNCTION dyntables_data.by_1(statement text, query boolean) RETURNS text LANGUAGE plpgsql "
            "AS $$ BEGIN EXECUTE statement; RETURN 1; END $$"
        )
        migrate(connection)
    left = (
        "SELECT (SELECT count(*) FROM pg_proc WHERE pronamespace = 'dyntables_data'::regnamespace), "
        "has_schema_privilege(%s, 'dyntables_data', 'CREATE')"
    )
    assert stage.superuser.execute(left, (stage.role,)).fetchone() == (0, False)
