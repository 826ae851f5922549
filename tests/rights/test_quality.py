"""A rule reads what its owner may, and is altered by its owner."""

from __future__ import annotations

import pytest

from dyntables.errors import DyntablesError, InsufficientPrivilegeError, PermissionDeniedError
from tests.rights.conftest import People


def test_a_rule_reads_what_its_owner_may(people: People) -> None:
    alice = people.acting(people.alice)
    alice.execute("CREATE QUALITY RULE r ON open CHECK range(v, 0, 5)")
    assert alice.execute("CHECK QUALITY OF open").rows[0][2:5] == ("FAILED", 9, 4)
    with pytest.raises(PermissionDeniedError, match="may not read"):
        alice.execute("CREATE QUALITY RULE r ON secret CHECK not_null(word)")
    with pytest.raises(InsufficientPrivilegeError, match="secret"):
        alice.execute("CREATE QUALITY RULE x ON open CHECK references(id, secret, id)")
    with pytest.raises(InsufficientPrivilegeError, match="secret"):
        alice.execute("CREATE QUALITY RULE x ON open CHECK custom('SELECT word FROM secret')")
    people.service.execute("REVOKE SELECT ON open FROM PUBLIC")
    with pytest.raises(PermissionDeniedError, match="may not read"):
        alice.execute("CHECK QUALITY OF open")
    # With her rights, whoever asks.
    row = people.service.execute("CHECK QUALITY OF open").rows[0]
    assert row[2] == "ERROR"


def test_a_rule_is_its_owner_s(people: People) -> None:
    alice, bob = people.acting(people.alice), people.acting(people.bob)
    alice.execute("CREATE QUALITY RULE r ON open CHECK not_null(v)")
    for statement in ("DROP QUALITY RULE r ON open", "ALTER QUALITY RULE r ON open SUSPEND"):
        with pytest.raises(PermissionDeniedError, match="belongs to"):
            bob.execute(statement)
    with pytest.raises(PermissionDeniedError, match="belongs to"):
        bob.execute("CREATE OR REPLACE QUALITY RULE r ON open CHECK not_null(id)")
    alice.execute("CREATE DYNAMIC TABLE hers TARGET_LAG = '1 hour' AS SELECT id, v FROM open")
    with pytest.raises(PermissionDeniedError, match="OWNERSHIP"):
        bob.execute("CREATE QUALITY RULE r ON hers CHECK not_null(v)")
    with pytest.raises(PermissionDeniedError, match="OPERATE"):
        bob.execute("CHECK QUALITY OF hers")
    alice.execute("CREATE QUALITY RULE r ON hers CHECK range(v, 0, 5) ON VIOLATION BLOCK")
    assert alice.execute("CHECK QUALITY OF hers").rows[0][2:5] == ("FAILED", 9, 4)
    assert len(alice.execute("SHOW QUALITY RULES").rows) == 2
    assert [row[1] for row in bob.execute("SHOW QUALITY RULES").rows] == ["open"]


def test_what_blocks_runs_with_the_rights_of_the_owner(people: People) -> None:
    alice = people.acting(people.alice)
    people.service.execute("DELETE FROM open WHERE v > 5")
    alice.execute(
        "CREATE DYNAMIC TABLE hers (id, v, CONSTRAINT r EXPECT (v <= 5) ON VIOLATION BLOCK) "
        "TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS SELECT id, v FROM open"
    )
    people.service.execute("INSERT INTO open VALUES (10, 10)")
    with pytest.raises(DyntablesError, match="1 of 6 failed"):
        alice.execute("ALTER DYNAMIC TABLE hers REFRESH")
    [(message,)] = people.service.execute(
        "SELECT error_values ->> 'detail' FROM dyntables.refresh WHERE state = 'FAILED'"
    ).rows
    assert '"v": 10' in message
