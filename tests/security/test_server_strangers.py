"""What strangers, and people who want more than they may, send to the server."""

from __future__ import annotations

import json
import os
import socket
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect as connect_socket

import dyntables
from dyntables.cli import app as command_line
from dyntables.engines.postgres.connection.session import connect
from dyntables.engines.postgres.embedded import EmbeddedServer
from dyntables.errors import DyntablesError, TooManyRequestsError
from dyntables.server import limiting
from dyntables.server.middleware import guard
from dyntables.server.security import tokens, users
from dyntables.server.security.lockout import Lockout
from dyntables.server.security.roles import Role
from dyntables.settings import Settings
from tests.server.conftest import Served, module_database, serving

__all__ = ["module_database"]

API = "/api/v1"
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def url(module_database: Callable[[], str]) -> str:
    url = module_database()
    with dyntables.connect(url) as client:
        client.execute("CREATE TABLE t (id bigint PRIMARY KEY)")
    with connect(url) as connection:
        users.add_user(connection, "ada", Role.ADMIN, PASSWORD)
        for name in ("bob", "carol", "dave", "erin", "frank", "grace"):
            users.add_user(connection, name, Role.VIEWER, PASSWORD)
    return url


@pytest.fixture(scope="module")
def served(url: str) -> Iterator[Served]:
    with serving(url) as served:
        yield served


def token_of(url: str, name: str) -> dict[str, str]:
    with connect(url) as connection:
        user = users.find_user(connection, name)
        secret, _ = tokens.make_token(connection, user.id, os.urandom(4).hex(), user.role, 1)
    return {"Authorization": f"Bearer {secret}"}


def test_no_cookie_and_no_token_makes_another_bucket(url: str) -> None:
    """Of an address ten times as much as of one person, whatever it says of itself."""
    with serving(url, rate_limit="3/day") as served, served.stranger() as client:
        codes = [
            client.get(f"{API}/auth/me", headers={"Cookie": f"dyntables_session=forged{i}"}).status_code
            for i in range(33)
        ]
        assert (codes[0], codes[-1]) == (401, 429)
    with serving(url, rate_limit="3/day") as served, served.stranger() as client:
        bob = [client.get(f"{API}/auth/me", headers=token_of(url, "bob")).status_code for _ in range(5)]
        assert bob[3:] == [429, 429]  # each time with another token
        assert client.get(f"{API}/auth/me", headers=token_of(url, "grace")).status_code == 200


def test_an_address_is_what_connects_unless_a_known_proxy_says_otherwise(url: str) -> None:
    for proxies, last in ((["127.0.0.1", "::1"], 401), ([], 429)):
        with serving(url, login_rate_limit="3/day", proxies=proxies) as served, served.stranger() as client:
            codes = [
                client.post(
                    f"{API}/auth/login",
                    json={"name": "nobody", "password": "x"},
                    headers={"X-Forwarded-For": f"192.0.2.{i}"},
                ).status_code
                for i in range(5)
            ]
            assert codes[-1] == last


def test_strangers_lock_nobody_out(url: str) -> None:
    with serving(url, login_rate_limit="1000/minute", proxies=["127.0.0.1", "::1"]) as served:
        with served.stranger(headers={"X-Forwarded-For": "192.0.2.66"}) as stranger:
            wrong = {"name": "bob", "password": "not this one"}
            codes = [stranger.post(f"{API}/auth/login", json=wrong).status_code for _ in range(8)]
            assert codes[-1] == 429
            waiting = stranger.post(f"{API}/auth/login", json={**wrong, "password": PASSWORD})
            assert (waiting.status_code, "account" in waiting.text) == (429, True)
        with served.stranger(headers={"X-Forwarded-For": "192.0.2.7"}) as bob:
            assert bob.post(f"{API}/auth/login", json={"name": "bob", "password": PASSWORD}).status_code == 200


def test_each_wrong_password_doubles_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("dyntables.clock.monotonic", lambda: now[0])
    lockout, waits = Lockout(), []
    for _ in range(20):
        lockout.failed("a bob")
        start = now[0]
        while True:
            try:
                lockout.check("a bob")
                break
            except TooManyRequestsError:
                now[0] += 0.5
        waits.append(now[0] - start)
    assert waits[:4] == [0] * 4
    assert waits[5:8] == [2, 4, 8]
    assert waits[-1] == 900
    lockout.check("b bob")
    for other in range(20_000):
        lockout.failed(f"{other} bob")
    assert len(lockout._failures) <= 10_000


def test_one_network_of_ipv6_is_one_address() -> None:
    def at(host: str) -> str:
        return limiting.address_of(_Connection(host))  # type: ignore[arg-type]

    assert at("2001:db8::1") == at("2001:db8::ffff:1") != at("2001:db8:0:1::1")
    assert at("192.0.2.1") != at("192.0.2.2")


class _Connection:
    def __init__(self, host: str) -> None:
        self.client = type("Client", (), {"host": host})


def test_labels_of_figures_are_few(served: Served, url: str) -> None:
    with served.stranger() as client:
        for i in range(3):
            client.request(f"MADE{i}", f"{API}/made/up/{i}")
            client.get(f"{API}/dynamic-tables/made/up{i}")
        text = client.get("/metrics", headers=token_of(url, "bob")).text
    labels = [line for line in text.splitlines() if line.startswith("dyntables_http_request_seconds_count")]
    assert any('method="OTHER"' in line for line in labels)
    assert not any(word in line for line in labels for word in ("MADE", "made", "up1"))


def test_a_body_that_comes_drop_by_drop_is_given_up(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_BODY_SECONDS", 0.5)
    with socket.create_connection(("127.0.0.1", served.port)) as plain:
        plain.sendall(
            b"POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1000\r\n\r\n{"
        )
        plain.settimeout(5)
        assert b" 408 " in plain.recv(200)


@pytest.mark.parametrize("how", ["log out", "disable", "remove the token", "change the role", "password", "remove"])
def test_a_live_connection_ends_with_the_sign_in(served: Served, url: str, how: str) -> None:
    name = {"disable": "carol", "change the role": "dave", "password": "erin", "remove": "frank"}.get(how, "bob")
    with served.stranger() as client:
        me = client.post(f"{API}/auth/login", json={"name": name, "password": PASSWORD}).json()
        client.headers["X-CSRF-Token"] = me["csrf_token"]
        headers = {"Cookie": f"dyntables_session={client.cookies['dyntables_session']}"}
        if how == "remove the token":
            headers = token_of(url, name)
        address = f"ws://localhost:{served.port}/api/v1/live"
        with connect_socket(address, proxy=None, additional_headers=headers) as live:
            assert json.loads(live.recv(timeout=5))["type"] == "hello"
            started = time.monotonic()
            with connect(url) as connection:
                user = users.find_user(connection, name)
                match how:
                    case "log out":
                        assert client.post(f"{API}/auth/logout").status_code == 204
                    case "disable":
                        users.change_user(connection, name, disabled=True)
                    case "change the role":
                        users.change_user(connection, name, role=Role.OPERATOR)
                    case "password":
                        users.change_user(connection, name, password="another long one")
                    case "remove":
                        users.remove_user(connection, name)
                    case _:
                        for token in tokens.list_tokens(connection, user.id):
                            tokens.remove_token(connection, user.id, token.id)
            with pytest.raises(ConnectionClosed):
                list(iter(lambda: live.recv(timeout=8), None))
            assert time.monotonic() - started < 4


def test_tokens_end_with_the_password_unless_they_are_kept(served: Served, url: str) -> None:
    with connect(url) as connection, served.stranger() as client:
        users.add_user(connection, "gus", Role.VIEWER, PASSWORD)
        for keep in (True, False):
            header = token_of(url, "gus")
            users.change_user(connection, "gus", password=f"long enough {keep}", keep_tokens=keep)
            assert client.get(f"{API}/auth/me", headers=header).status_code == (200 if keep else 401)


QUERIES = f"{API}/queries"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT pg_advisory_lock(1)", 'SELECT "pg_try_advisory_xact_lock_shared"(1)',
        "SELECT pg_catalog . pg_ADVISORY_lock(1)",
        "SELECT U&\"pg!0061dvisory_lock\" UESCAPE '!' (1)", "SELECT set_config('work_mem', '99GB', false)",
        "SELECT query_to_xml('SELECT pg_advis'||'ory_lock(1)', true, true, '')", "SELECT pg_cancel_backend(1)",
        "SELECT pg_logical_emit_message(false, 'a', repeat('x', 99))", "SELECT lo_creat(-1)",
        "SELECT pg_export_snapshot()",
        "SELECT * FROM ts_stat('SELECT pg_advisory_lock(1)::text::tsvector')", "SELECT dblink('x', 'y')",
        "EXPLAIN ANALYZE SELECT pg_advisory_lock(1)", "SELECT pg_notify('dyntables', 'people')",
    ],
)  # fmt: skip
def test_the_console_calls_nothing_that_reaches_beyond_reading(served: Served, url: str, sql: str) -> None:
    with served.stranger(headers=token_of(url, "ada")) as client:
        assert client.post(QUERIES, json={"sql": sql}).status_code == 403
        other = client.post(
            QUERIES, json={"sql": "SELECT lo_price, settings FROM (SELECT 1 AS lo_price, 2 AS settings) s"}
        )
        assert other.status_code == 200


def test_results_are_limited_in_bytes(served: Served, url: str) -> None:
    with served.stranger(headers=token_of(url, "ada")) as client:
        long = client.post(QUERIES, json={"sql": "SELECT repeat('x', 2000001)"})
        assert (long.status_code, "2,000,001 bytes" in long.text) == (400, True)
        many = client.post(QUERIES, json={"sql": "SELECT repeat('x', 1900000) FROM generate_series(1, 60)"})
        assert "longer than 100,000,000" in many.text.splitlines()[-1]
        assert client.post(QUERIES, json={"sql": "SELECT repeat('x', 1900000)"}).status_code == 200


def test_a_csv_file_holds_no_formulas(served: Served, url: str) -> None:
    sql = "SELECT '=1+1' AS \"=a\", '+x' AS b, '-x' AS c, '@x' AS d, E'\\t=x' AS e, -1 AS n, 'x=1' AS f"
    with served.stranger(headers={**token_of(url, "ada"), "Accept": "text/csv"}) as client:
        text = client.post(QUERIES, json={"sql": sql}).text
    assert text == "'=a,b,c,d,e,n,f\n'=1+1,'+x,'-x,'@x,'\t=x,-1,x=1\n"


@pytest.mark.parametrize("sql", ["SELECT " + "(" * 20_000 + "1" + ")" * 20_000, "SELECT " + "1 + " * 40_000 + "1"])
def test_a_deep_definition_is_refused_soon(served: Served, url: str, sql: str) -> None:
    with served.stranger(headers=token_of(url, "ada")) as client:
        started = time.monotonic()
        answer = client.post(f"{API}/validate", json={"sql": f"CREATE DYNAMIC TABLE x TARGET_LAG = '1 hour' AS {sql}"})
        assert answer.status_code == 422 or not answer.json()["valid"], answer.text[:500]
        assert time.monotonic() - started < 10


def test_a_name_with_a_line_break_makes_no_header(served: Served, url: str) -> None:
    name = 'a\r\nSet-Cookie: stolen=1\r\n é"'
    with served.stranger(headers=token_of(url, "ada")) as client:
        body = {"name": name, "schema_name": "public", "query": "SELECT id FROM t", "target_lag": "1 hour"}
        answer = client.post(f"{API}/dynamic-tables", json=body)
        assert answer.status_code == 201, answer.text
        assert "stolen" not in answer.headers.get("set-cookie", "")
        shown = client.get(answer.headers["location"])
        assert shown.json()["name"] == name
        assert client.get(f"{answer.headers['location']}/preview").json()["rows"] == []


def test_nothing_is_not_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.setenv(f"DYNTABLES_{name.upper()}", "")
    given = Settings()
    assert (given.rate_limit, given.login_rate_limit) == ("", "")
    plain = Settings.model_construct()
    for name in set(Settings.model_fields) - {"rate_limit", "login_rate_limit"}:
        assert getattr(given, name) == getattr(plain, name), name
    monkeypatch.setenv("DYNTABLES_PROXIES", "10.0.0.1, 10.1.0.0/16")
    assert Settings().proxies == ["10.0.0.1", "10.1.0.0/16"]


@pytest.mark.parametrize(
    "given",
    ["postgresql://u:sesame/w@host/db", "postgresql://u:se@sesame@host.invalid/db", "host=x password=sesame nonsense",
     "postgresql://u:sesame@host:sesame/db", "postgresql://u:%zzsesame@host/db"],
)  # fmt: skip
def test_no_error_repeats_a_password(given: str) -> None:
    with pytest.raises(DyntablesError) as caught:
        connect(given)
    assert "sesame" not in str(caught.value)
    done = CliRunner().invoke(command_line, ["sql", "SELECT 1", "-d", given])
    assert (done.exit_code, "sesame" in done.output) == (1, False), done.output


def test_a_password_on_the_command_line_is_warned_of(url: str) -> None:
    done = CliRunner().invoke(command_line, ["sql", "SELECT 1", "-d", f"{url}&password=sesame"])
    assert (done.exit_code, "DYNTABLES_DATABASE" in done.output, "sesame" in done.output) == (0, True, False), (
        done.output
    )
    quiet = CliRunner(env={"DYNTABLES_DATABASE": f"{url}&password=sesame"}).invoke(command_line, ["sql", "SELECT 1"])
    assert (quiet.exit_code, "command line" in quiet.output) == (0, False)


def test_errors_quote_values_only_to_those_who_may_read_them(served: Served, url: str) -> None:
    role = f"restricted_{os.getpid()}"
    with dyntables.connect(url) as client:
        client.execute(f"CREATE ROLE {role}; CREATE TABLE words (id bigint PRIMARY KEY, word text)")
        client.execute("CREATE DYNAMIC TABLE numbers TARGET_LAG = '1 day' AS SELECT id, word::integer AS n FROM words")
        client.execute(f"GRANT OPERATE ON DYNAMIC TABLE numbers TO {role}")
        client.execute("INSERT INTO words VALUES (1, 'sesame')")
    with connect(url) as connection:
        users.add_user(connection, "hal", Role.OPERATOR, PASSWORD, role)
    try:
        with (
            served.stranger(headers=token_of(url, "hal")) as hal,
            served.stranger(headers=token_of(url, "ada")) as ada,
        ):
            base = f"{API}/dynamic-tables/public/numbers"
            failed = hal.post(f"{base}/refresh", params={"wait": 20})
            assert (failed.status_code >= 400, "sesame" in failed.text) == (True, False), failed.text
            refresh = hal.get(f"{API}/refreshes", params={"name": "numbers"}).json()["items"][0]
            assert "invalid input syntax" in refresh["error_message"]
            detail = f"{API}/refreshes/{refresh['id']}"
            places = ("dynamic-tables", "refreshes", "operations", "overview", "live/messages")
            for path in (base, detail, *(f"{API}/{place}" for place in places)):
                shown = hal.get(path).text
                assert "sesame" not in shown, (
                    path,
                    shown[max(0, shown.find("sesame") - 700) : shown.find("sesame") + 100],
                )
            assert "sesame" in ada.get(detail).json()["error"]["message"]
            with dyntables.connect(url) as client:
                client.execute(f"GRANT SELECT ON DYNAMIC TABLE numbers TO {role}")
            assert "sesame" in hal.get(detail).json()["error"]["message"]
    finally:
        with connect(url) as connection:
            connection.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_figures_say_what_they_are(served: Served, url: str) -> None:
    with served.stranger(headers=token_of(url, "bob")) as client:
        text = client.get("/metrics").text
    helps = dict(line.split(" ", 3)[2:] for line in text.splitlines() if line.startswith("# HELP "))
    assert all(len(words) > 10 and "docs/" not in words for words in helps.values()), helps
    for name in (
        "scheduler_leads",
        "leader_epoch",
        "history_rows",
        "history_bytes",
        "oldest_xid_age",
        "source_log_bytes",
    ):
        assert f"dyntables_{name}" in helps


def test_nobody_else_can_hold_the_locks_of_the_server(server18: EmbeddedServer) -> None:
    for name in ("home.lock", "users.lock", "watchdog.lock"):
        assert stat.S_IMODE((server18.data_dir / name).stat().st_mode) == 0o600
