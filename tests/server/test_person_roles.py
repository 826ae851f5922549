"""People who act for a role of the database: they gain no more than the role may."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import httpx
import psycopg
import pytest

import dyntables
from dyntables.engines.postgres.connection.session import connect
from dyntables.errors import CatalogError
from dyntables.server.read.definitions.sources import load_sources
from dyntables.server.security import tokens, users
from dyntables.server.security.roles import Role
from tests.server.conftest import serving

API = "/api/v1"
ALICE = f"alice_{os.getpid()}"
RULE = {"schema_name": "public", "table_name": "secret", "name": "x", "kind": "not_null", "arguments": ["word"]}
OPEN = "CREATE DYNAMIC TABLE mine TARGET_LAG = '1 hour' AS SELECT id, word FROM public.open_words"
CLOSED = "CREATE DYNAMIC TABLE theirs TARGET_LAG = '1 hour' AS SELECT id, word FROM public.closed_words"


@pytest.fixture(scope="module")
def url(module_database: Callable[[], str]) -> Iterator[str]:
    url = module_database()
    with dyntables.connect(url) as client:
        client.execute(f"CREATE ROLE {ALICE}; GRANT CREATE, USAGE ON SCHEMA public TO {ALICE}")
        for name in ("open_words", "closed_words"):
            client.execute(f"CREATE TABLE {name} (id bigint PRIMARY KEY, word text)")
            client.execute(f"INSERT INTO {name} SELECT i, '{name} ' || i FROM generate_series(1, 100) i")
        client.execute(f"GRANT SELECT ON open_words TO {ALICE}")
        client.execute("CREATE DYNAMIC TABLE secret TARGET_LAG = '1 hour' AS SELECT word FROM closed_words")
        client.execute("CREATE QUALITY RULE r ON secret CHECK expression(word = 'x'); CHECK QUALITY OF secret")
        client.execute("CREATE QUALITY RULE r ON open_words CHECK expression(id > 2); CHECK QUALITY OF open_words")
    with connect(url) as connection:
        users.add_user(connection, "ada", Role.ADMIN, "correct horse battery")
        users.add_user(connection, "alice", Role.EDITOR, None, ALICE)
    yield url
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS dyntables_data CASCADE")
        connection.execute(f"DROP OWNED BY {ALICE} CASCADE")
        connection.execute(f"DROP ROLE {ALICE}")


@pytest.fixture(scope="module")
def alice(url: str) -> Iterator[httpx.Client]:
    with connect(url) as connection:
        secret, _ = tokens.make_token(connection, users.find_user(connection, "alice").id, "test", Role.EDITOR, 1)
    with serving(url) as served, served.stranger() as client:
        client.headers["Authorization"] = f"Bearer {secret}"
        yield client


def test_a_draft_is_planned_and_tried_with_the_rights_of_the_role(alice: httpx.Client) -> None:
    assert alice.get(f"{API}/auth/me").json()["database_role"] == ALICE
    answer = alice.post(f"{API}/explain", json={"sql": OPEN, "sample_rows": 3}).json()
    assert answer["validation"]["valid"], answer
    assert answer["estimate"]["full"]["rows"] > 0
    assert answer["sample"]["rows"] == [["1", "open_words 1"], ["2", "open_words 2"], ["3", "open_words 3"]]
    assert answer["sample"]["truncated"] is True


def test_without_rights_there_are_neither_rows_nor_estimates(alice: httpx.Client) -> None:
    for path in ("validate", "explain"):
        answer = alice.post(f"{API}/{path}", json={"sql": CLOSED})
        validation = answer.json() if path == "validate" else answer.json()["validation"]
        assert validation["valid"] is False
        assert "permission denied for table closed_words" in validation["problems"][0]["title"]
    assert answer.json()["estimate"] is None
    assert answer.json()["sample"] is None
    assert "closed_words 1" not in answer.text
    assert alice.post(f"{API}/dynamic-tables", json={"sql": CLOSED}).status_code == 403
    preview = alice.get(f"{API}/dynamic-tables/public/secret/preview")
    assert preview.status_code == 403
    assert "closed_words" not in preview.text


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "queries", {"sql": "SELECT * FROM closed_words"}),
        ("POST", "queries/explain", {"sql": "SELECT * FROM closed_words"}),
        ("GET", "dynamic-tables/public/secret/plan", None),
        ("GET", "dynamic-tables/public/secret/changes", None),
        ("POST", "dynamic-tables/public/secret/refresh?wait=20", None),
        ("POST", "dynamic-tables/public/secret/verify?wait=20", None),
        ("PATCH", "dynamic-tables/public/secret", {"target_lag": "1 minute"}),
        ("DELETE", "dynamic-tables/public/secret", None),
        ("POST", "validate", {"sql": OPEN.replace("CREATE", "CREATE OR REPLACE").replace("mine", "secret")}),
        ("POST", "quality/rules", RULE),
        ("POST", "quality/rules/preview", RULE),
        ("POST", "quality/rules/preview", {**RULE, "table_name": "closed_words"}),
        ("POST", "quality/tables/public/secret/check?wait=20", None),
        ("GET", "quality/tables/public/secret/suggestions", None),
        ("GET", "quality/tables/public/closed_words/suggestions", None),
        ("PATCH", "quality/tables/public/secret/rules/r", {"enabled": False}),
        ("DELETE", "quality/tables/public/secret/rules/r", None),
        ("DELETE", "quality/tables/public/open_words/rules/r", None),
    ],
)
def test_nothing_else_of_others_is_within_reach(alice: httpx.Client, method: str, path: str, body: object) -> None:
    answer = alice.request(method, f"{API}/{path}", json=body)
    if path == "validate":
        assert "does not have OWNERSHIP" in answer.json()["problems"][0]["title"]
    else:
        assert answer.status_code == 403, answer.text


def test_a_role_sees_the_quality_of_what_it_may_see(alice: httpx.Client, url: str) -> None:
    quality = f"{API}/quality"
    assert {r["table_name"] for r in alice.get(f"{quality}/rules").json()["items"]} == {"open_words"}
    assert {r["name"] for r in alice.get(f"{quality}/tables").json()} == {"open_words"}
    assert {r["table_name"] for r in alice.get(f"{quality}/results").json()["items"]} == {"open_words"}
    before = {"before": "2000-01-01T00:00:00Z"}
    assert alice.get(f"{quality}/tables/public/secret/compare", params=before).json() == []
    for path in ("rules/r", "rules/r/violations", ""):
        assert alice.get(f"{quality}/tables/public/secret/{path}".rstrip("/")).status_code == 404
    found = alice.get(f"{quality}/tables/public/open_words/rules/r/violations").json()
    assert found["rows"] == [["1", "open_words 1"], ["2", "open_words 2"]]
    with dyntables.connect(url) as client:
        # Who may see that a rule fails may not see the rows for that reason.
        client.execute(f"GRANT MONITOR ON DYNAMIC TABLE secret TO {ALICE}")
        try:
            assert alice.get(f"{quality}/tables/public/secret/rules/r").json()["result"]["failed"] == 100
            rows = alice.get(f"{quality}/tables/public/secret/rules/r/violations")
            assert (rows.status_code, "closed_words 1" in rows.text) == (403, False)
        finally:
            client.execute(f"REVOKE MONITOR ON DYNAMIC TABLE secret FROM {ALICE}")


def test_what_the_person_creates_belongs_to_the_role(alice: httpx.Client, url: str) -> None:
    answer = alice.post(f"{API}/dynamic-tables", json={"sql": OPEN})
    assert answer.status_code == 201, answer.text
    rows = alice.get(f"{API}/dynamic-tables/public/mine/preview", params={"order_by": "id", "limit": 2}).json()["rows"]
    assert rows == [["1", "open_words 1"], ["2", "open_words 2"]]
    assert alice.post(f"{API}/dynamic-tables/public/mine/verify?wait=30").status_code == 200
    with psycopg.connect(url) as connection:
        owner = connection.execute("SELECT owner_name FROM dyntables.dynamic_table WHERE table_name = 'mine'")
        assert owner.fetchone() == (ALICE,)


def test_only_what_belongs_to_the_role_is_brought_back(alice: httpx.Client, url: str) -> None:
    tables = f"{API}/dynamic-tables"
    assert alice.post(tables, json={"sql": OPEN.replace("mine", "gone_mine")}).status_code == 201
    assert alice.delete(f"{tables}/public/gone_mine").status_code == 200
    with dyntables.connect(url) as client:
        client.execute(CLOSED.replace("theirs", "gone_theirs"))
        client.execute("DROP DYNAMIC TABLE gone_theirs")
    listed = {d["name"]: d["dropped_by"] for d in alice.get(f"{tables}/dropped").json()}
    assert listed["gone_mine"] == "alice"
    assert "gone_theirs" in listed
    refused = alice.post(f"{tables}/public/gone_theirs/undrop")
    assert refused.status_code == 403, refused.text
    assert "OWNERSHIP" in refused.json()["title"]
    assert alice.get(f"{tables}/public/gone_theirs").status_code == 404
    answer = alice.post(f"{tables}/public/gone_mine/undrop")
    assert answer.status_code == 200, answer.text
    assert alice.post(f"{tables}/public/gone_mine/verify?wait=30").json()["verifications"][0]["equal"] is True
    trail = alice.get(f"{tables}/public/gone_mine/activity").json()["items"]
    assert [(e["who"], e["action"]) for e in trail] == [("alice", a) for a in ("UNDROP", "DROP", "CREATE")]
    with psycopg.connect(url) as connection:
        owner = connection.execute("SELECT owner_name FROM dyntables.dynamic_table WHERE table_name = 'gone_mine'")
        assert owner.fetchone() == (ALICE,)


def test_the_definition_of_another_owner_is_planned_by_its_hands(url: str) -> None:
    """What an immutable function of an owner does while somebody else asks for an estimate, it does as the owner."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA theirs")
        connection.execute(f"GRANT ALL ON SCHEMA theirs TO {ALICE}")
        connection.execute(f"SET ROLE {ALICE}")
        connection.execute(
            "CREATE FUNCTION theirs.spy() RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN "
            f"IF current_user <> '{ALICE}' THEN RAISE EXCEPTION 'spied by %', current_user; END IF; "
            "RETURN 'x'; END $$"
        )
    text = "CREATE DYNAMIC TABLE theirs.spied TARGET_LAG = '1 hour' AS SELECT id, theirs.spy() AS s FROM open_words"
    with dyntables.connect(url, role=ALICE) as client:
        client.execute(text)
    with dyntables.connect(url) as client:
        client.execute("UPDATE dyntables.refresh SET duration_ms = 400")
        (count,) = client.execute("SELECT count(*) FROM dyntables.dynamic_table").rows[0]
    with connect(url) as connection:
        secret, _ = tokens.make_token(connection, users.find_user(connection, "ada").id, "test", Role.ADMIN, 1)
    with serving(url) as served, served.stranger() as client:
        draft = {"sql": CLOSED, "sample_rows": 0}
        answer = client.post(f"{API}/explain", json=draft, headers={"Authorization": f"Bearer {secret}"}).json()
    # All of them could be planned, those of alice, too.
    assert f"measured on {count} full refreshes" in answer["estimate"]["full"]["explanation"]


def test_a_trigger_that_only_has_the_name_of_capture_is_no_capture(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
        connection.execute("DROP TRIGGER dyntables_capture_ins ON closed_words")
        connection.execute(
            "CREATE TRIGGER dyntables_capture_ins AFTER INSERT ON closed_words EXECUTE FUNCTION nothing()"
        )
        connection.execute("ALTER TABLE closed_words ENABLE ALWAYS TRIGGER dyntables_capture_ins")
    with connect(url) as connection:
        (source,) = (s for s in load_sources(connection) if s.name == "closed_words")
    assert source.healthy is False


def test_a_role_must_exist(url: str) -> None:
    with connect(url) as connection:
        with pytest.raises(CatalogError, match='role "nobody_at_all" does not exist'):
            users.add_user(connection, "bob", Role.VIEWER, None, "nobody_at_all")
        assert users.change_user(connection, "alice", database_role=ALICE).database_role == ALICE
