"""Signing in, demo mode, CSRF, fixation, tokens, and what must not work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import psycopg
import pytest
from typer.testing import CliRunner

import dyntables
from dyntables.cli import app as command_line
from dyntables.engines.postgres.connection.session import connect
from dyntables.errors import InvalidOptionError
from dyntables.server.security import users
from dyntables.server.security.roles import Role
from dyntables.server.services import running_services
from tests.server.conftest import Served, serving, settings_for_tests

API = "/api/v1"
PASSWORD = "correct horse battery"


@dataclass
class Signed:
    served: Served
    url: str

    @contextmanager
    def login(self, name: str = "ada", password: str = PASSWORD) -> Iterator[httpx.Client]:
        with self.served.stranger() as client:
            answer = client.post(f"{API}/auth/login", json={"name": name, "password": password})
            assert answer.status_code == 200, answer.text
            client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
            yield client


@pytest.fixture(scope="module")
def signed(module_database: Callable[[], str]) -> Iterator[Signed]:
    url = module_database()
    dyntables.connect(url).close()
    with connect(url) as connection:
        users.add_user(connection, "ada", Role.ADMIN, PASSWORD)
        users.add_user(connection, "bob", Role.VIEWER, PASSWORD)
    with serving(url) as served:
        yield Signed(served, url)


def test_without_users_only_this_machine_is_served(served: httpx.Client, server_at_work: Served) -> None:
    assert served.get(f"{API}/auth/me").json() == {
        "name": "demo", "role": "admin", "how": "demo", "database_role": None, "csrf_token": "demo",
        "console_refused": None,
        "console_rows": 10_000,
        "console_seconds": 60,
    }  # fmt: skip
    with server_at_work.stranger() as stranger:
        assert stranger.get(f"{API}/overview").status_code == 200
        assert stranger.get(f"{API}/overview", headers={"Host": "127.0.0.1"}).status_code == 200
        assert stranger.get(f"{API}/overview", headers={"Host": "rebound.example"}).status_code == 403
        assert stranger.get(f"{API}/overview", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 401
        refused = stranger.post(f"{API}/validate", json={"sql": "x"})
        assert (refused.status_code, refused.json()["title"]) == (403, "the CSRF header is missing")
        ours = {"X-CSRF-Token": "x", "Origin": server_at_work.address}
        assert stranger.post(f"{API}/validate", json={"sql": "x"}, headers=ours).status_code == 200
        for origin in ("http://evil.example", "http://localhost:1", "null"):
            foreign = {**ours, "Origin": origin}
            assert stranger.post(f"{API}/validate", json={"sql": "x"}, headers=foreign).status_code == 403
        cross = {**ours, "Sec-Fetch-Site": "cross-site"}
        assert stranger.post(f"{API}/validate", json={"sql": "x"}, headers=cross).status_code == 403


def test_the_demo_admin_is_nobody_in_particular(served: httpx.Client) -> None:
    assert served.post(f"{API}/tokens", json={"name": "x", "role": "admin"}).status_code == 409
    first = served.post(f"{API}/users", json={"name": "x", "role": "viewer", "password": PASSWORD})
    assert first.status_code == 422  # the first must be an admin
    assert served.post(f"{API}/users", json={"name": "x", "role": "admin"}).status_code == 409  # with a password


def test_another_address_needs_users(filled_url: str) -> None:
    with (
        pytest.raises(InvalidOptionError, match="no user exists"),
        running_services(settings_for_tests(host="0.0.0.0"), filled_url),
    ):
        pass


def test_sign_in_and_out(signed: Signed) -> None:
    with signed.login() as client:
        assert client.get(f"{API}/auth/me").json()["name"] == "ada"
        cookie = dict(client.cookies)
        assert client.post(f"{API}/auth/logout").status_code == 204
        # The old cookie is worth nothing.
        with signed.served.stranger(cookies=cookie) as thief:
            assert thief.get(f"{API}/auth/me").status_code == 401


def test_the_cookie_is_out_of_reach_of_scripts(signed: Signed) -> None:
    with signed.served.stranger() as client:
        answer = client.post(f"{API}/auth/login", json={"name": "ada", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert PASSWORD not in answer.text


def test_a_fixed_session_is_not_adopted(signed: Signed) -> None:
    with signed.served.stranger(cookies={"dyntables_session": "chosen-by-an-attacker"}) as client:
        client.post(f"{API}/auth/login", json={"name": "ada", "password": PASSWORD})
        assert client.cookies.get("dyntables_session", domain="localhost.local") != "chosen-by-an-attacker"
    with signed.served.stranger(cookies={"dyntables_session": "chosen-by-an-attacker"}) as attacker:
        assert attacker.get(f"{API}/auth/me").status_code == 401


def test_two_sign_ins_have_different_secrets(signed: Signed) -> None:
    with signed.login() as one, signed.login() as two:
        assert dict(one.cookies) != dict(two.cookies)
        assert one.headers["X-CSRF-Token"] != two.headers["X-CSRF-Token"]


@pytest.mark.parametrize("token", [None, "", "demo", "0" * 64])
def test_a_write_by_cookie_needs_its_csrf_token(signed: Signed, token: str | None) -> None:
    with signed.login() as client:
        del client.headers["X-CSRF-Token"]
        headers = {"X-CSRF-Token": token} if token is not None else {}
        refused = client.post(f"{API}/validate", json={"sql": "x"}, headers=headers)
        assert (refused.status_code, refused.json()["title"]) == (403, "the CSRF token is missing or wrong")
        assert client.get(f"{API}/overview").status_code == 200


def test_the_csrf_token_of_another_does_not_fit(signed: Signed) -> None:
    with signed.login() as ada, signed.login("bob") as bob:
        headers = {"X-CSRF-Token": bob.headers["X-CSRF-Token"]}
        assert ada.post(f"{API}/validate", json={"sql": "x"}, headers=headers).status_code == 403
        assert ada.post(f"{API}/validate", json={"sql": "x"}).status_code == 200


def test_login_from_another_site_is_refused(signed: Signed) -> None:
    with signed.served.stranger(headers={"Origin": "http://evil.example"}) as client:
        body = {"name": "ada", "password": PASSWORD}
        assert client.post(f"{API}/auth/login", json=body).status_code == 403


@pytest.mark.parametrize(
    ("name", "password"),
    [("ada", "wrong password"), ("nobody", PASSWORD), ("ada' OR '1'='1", PASSWORD), ("ada", ""), ("ADA ", PASSWORD)],
)
def test_wrong_credentials_say_nothing_more(signed: Signed, name: str, password: str) -> None:
    with signed.served.stranger() as client:
        answer = client.post(f"{API}/auth/login", json={"name": name, "password": password})
    assert (answer.status_code, answer.json()["title"]) == (401, "name or password is wrong")
    assert "set-cookie" not in answer.headers


def test_passwords_are_stored_as_argon2id(signed: Signed) -> None:
    with psycopg.connect(signed.url) as connection:
        (stored,) = connection.execute("SELECT password_hash FROM dyntables.app_user WHERE name = 'ada'").fetchone()
        digests = connection.execute("SELECT length(digest) FROM dyntables.app_session").fetchall()
    assert stored.startswith("$argon2id$")
    assert all(length == 32 for (length,) in digests)


def test_tokens_are_shown_once_and_end(signed: Signed) -> None:
    with signed.login("bob") as bob:
        made = bob.post(f"{API}/tokens", json={"name": "ci", "role": "admin", "days": 1}).json()
        assert made["token"]["role"] == "viewer"  # no more than bob is
        assert made["secret"] not in bob.get(f"{API}/tokens").text
        bearer = {"Authorization": f"Bearer {made['secret']}"}
        with signed.served.stranger(headers=bearer) as program:
            assert program.get(f"{API}/auth/me").json()["how"] == "token"
            assert program.post(f"{API}/queries", json={"sql": "SELECT 1"}).status_code == 200  # no CSRF token needed
            assert program.post(f"{API}/tokens", json={"name": "more", "role": "viewer"}).status_code == 409
            with psycopg.connect(signed.url, autocommit=True) as connection:
                connection.execute("UPDATE dyntables.access_token SET expires_at = now() - interval '1 s'")
            assert program.get(f"{API}/auth/me").status_code == 401
        assert bob.delete(f"{API}/tokens/{made['token']['id']}").status_code == 204
    for header in ("Bearer nonsense", "Bearer", "Basic YWRhOmFkYQ==", "Bearer \xff"):
        with signed.served.stranger(headers=[(b"authorization", header.encode("latin-1"))]) as stranger:
            assert stranger.get(f"{API}/auth/me").status_code == 401


def test_a_token_of_another_cannot_be_removed(signed: Signed) -> None:
    with signed.login("bob") as bob, signed.login("ada") as ada:
        made = bob.post(f"{API}/tokens", json={"name": "own", "role": "viewer"}).json()
        assert ada.delete(f"{API}/tokens/{made['token']['id']}").status_code == 404
        assert bob.delete(f"{API}/tokens/{made['token']['id']}").status_code == 204


def test_a_changed_password_ends_other_sign_ins(signed: Signed) -> None:
    with signed.login() as ada:
        body = {"name": "carol", "role": "editor", "password": PASSWORD}
        assert ada.post(f"{API}/users", json=body).status_code == 201
        with signed.login("carol") as here, signed.login("carol") as there:
            wrong = {"old_password": "not this one", "new_password": "another long one"}
            assert here.post(f"{API}/auth/password", json=wrong).status_code == 401
            right = {"old_password": PASSWORD, "new_password": "another long one"}
            assert here.post(f"{API}/auth/password", json=right).status_code == 204
            assert there.get(f"{API}/auth/me").status_code == 401
            assert here.get(f"{API}/auth/me").status_code == 200
            assert ada.patch(f"{API}/users/carol", json={"disabled": True}).status_code == 200
            assert here.get(f"{API}/auth/me").status_code == 401
        with signed.served.stranger() as stranger:
            body = {"name": "carol", "password": "another long one"}
            assert stranger.post(f"{API}/auth/login", json=body).status_code == 401
        assert ada.delete(f"{API}/users/carol").status_code == 204


def test_somebody_stays_admin(signed: Signed) -> None:
    with signed.login() as ada:
        assert ada.patch(f"{API}/users/ada", json={"role": "viewer"}).status_code == 409
        assert ada.patch(f"{API}/users/ada", json={"disabled": True}).status_code == 409
        assert ada.delete(f"{API}/users/ada").status_code == 409
        assert ada.post(f"{API}/users", json={"name": "x", "role": "viewer", "password": "short"}).status_code == 422


def test_sign_ins_expire(signed: Signed) -> None:
    with signed.login() as ada:
        with psycopg.connect(signed.url, autocommit=True) as connection:
            connection.execute("UPDATE dyntables.app_session SET expires_at = now() - interval '1 s'")
        assert ada.get(f"{API}/auth/me").status_code == 401


def test_guessing_is_slowed_down(signed: Signed) -> None:
    with serving(signed.url, login_rate_limit="5/minute") as served, served.stranger() as client:
        codes = [
            client.post(f"{API}/auth/login", json={"name": "ada", "password": f"guess {i}"}).status_code
            for i in range(8)
        ]
    assert codes[:5] == [401] * 5
    assert codes[-1] == 429


def test_requests_are_limited(filled_url: str) -> None:
    with serving(filled_url, rate_limit="10/minute") as served:
        codes = [served.client.get(f"{API}/system/health").status_code for _ in range(14)]
    assert codes[:10] == [200] * 10
    assert 429 in codes


def test_users_by_the_command_line(module_database: Callable[[], str]) -> None:
    url, run = module_database(), CliRunner().invoke
    first = run(command_line, ["user", "add", "eve", "--password-stdin", "-d", url], input=PASSWORD)
    assert first.exit_code == 1  # a viewer cannot be the first
    added = run(command_line, ["user", "add", "eve", "--role", "admin", "--password-stdin", "-d", url], input=PASSWORD)
    assert added.exit_code == 0, added.output
    assert "eve" in run(command_line, ["user", "list", "-d", url]).output
    secret = run(command_line, ["user", "token", "eve", "--role", "viewer", "-d", url]).output.strip()
    with serving(url) as served, served.stranger(headers={"Authorization": f"Bearer {secret}"}) as program:
        assert program.get(f"{API}/auth/me").json()["role"] == "viewer"
        with served.stranger() as nobody:
            assert nobody.get(f"{API}/overview").status_code == 401  # no demo mode any more
    assert run(command_line, ["user", "remove", "eve", "-d", url]).exit_code == 0
