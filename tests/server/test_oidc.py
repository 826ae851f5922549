"""Signing in by OpenID Connect, with an issuer of our own that can lie."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request
from joserfc import jwt
from joserfc.jwk import RSAKey

import dyntables
from dyntables.engines.postgres.connection.session import connect
from dyntables.server.process import listening
from dyntables.server.security import users
from dyntables.server.security.roles import Role
from tests.server.conftest import Served, serving, settings_for_tests

LOGIN, CALLBACK = "/api/v1/auth/oidc/login", "/api/v1/auth/oidc/callback"


@dataclass
class Issuer:
    """Issues whatever the test asks for; `lies` are claims of the next token."""

    url: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    signed_by: RSAKey | None = None
    lies: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        def describe() -> dict[str, str]:
            return {
                "issuer": self.url, "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token", "jwks_uri": f"{self.url}/keys",
            }  # fmt: skip

        @app.get("/keys")
        def keys() -> dict[str, Any]:
            return {"keys": [self.key.as_dict(private=False)]}

        @app.post("/token")
        async def token(request: Request) -> dict[str, Any]:
            given = parse_qs((await request.body()).decode())
            digest = hashlib.sha256(given["code_verifier"][0].encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
            assert challenge == self.asked["code_challenge"], "PKCE"
            claims = {
                "iss": self.url, "aud": "dyntables", "sub": "u1", "exp": int(time.time()) + 60,
                "nonce": self.asked["nonce"], "preferred_username": "Grace Hopper", **self.lies,
            }  # fmt: skip
            header = {"alg": "RS256", "kid": "1"}
            signed = jwt.encode(header, claims, self.signed_by or self.key)
            return {"access_token": "x", "token_type": "Bearer", "id_token": signed}

        return app


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    found = Issuer()
    with listening(settings_for_tests()) as listener:
        found.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(found.app(), log_config=None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield found
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def with_issuer(module_database: Callable[[], str], issuer: Issuer) -> Iterator[Served]:
    url = module_database()
    dyntables.connect(url).close()
    with connect(url) as connection:
        users.add_user(connection, "ada", Role.ADMIN, "correct horse battery")
    given = {"oidc_issuer": issuer.url, "oidc_client_id": "dyntables", "oidc_client_secret": "s"}
    with serving(url, **given) as served:
        yield served


@pytest.fixture
def browser(with_issuer: Served, issuer: Issuer) -> Iterator[httpx.Client]:
    issuer.lies, issuer.signed_by = {}, None
    with with_issuer.stranger() as client:
        yield client


def _leave(browser: httpx.Client, issuer: Issuer) -> str:
    answer = browser.get(LOGIN)
    assert answer.status_code == 302
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    issuer.asked = {name: values[0] for name, values in asked.items()}
    assert issuer.asked["code_challenge_method"] == "S256"
    return issuer.asked["state"]


def test_who_is_new_is_added_and_signed_in(browser: httpx.Client, issuer: Issuer) -> None:
    for _ in range(2):  # the second time it is the same person
        state = _leave(browser, issuer)
        back = browser.get(CALLBACK, params={"state": state, "code": "c"})
        assert (back.status_code, back.headers["location"]) == (302, "/")
        me = browser.get("/api/v1/auth/me").json()
        assert (me["name"], me["role"], me["how"]) == ("grace-hopper", "viewer", "session")


@pytest.mark.parametrize(
    "lies",
    [{"iss": "https://evil.example"}, {"aud": "another"}, {"nonce": "replayed"}, {"exp": 1}, {"sub": None}],
    ids=["issuer", "audience", "nonce", "expired", "nobody"],
)
def test_a_token_that_does_not_fit_is_refused(browser: httpx.Client, issuer: Issuer, lies: dict[str, Any]) -> None:
    issuer.lies = lies
    back = browser.get(CALLBACK, params={"state": _leave(browser, issuer), "code": "c"})
    assert back.status_code == 401
    assert browser.get("/api/v1/auth/me").status_code == 401


def test_a_forged_signature_is_refused(browser: httpx.Client, issuer: Issuer) -> None:
    issuer.signed_by = RSAKey.generate_key(2048, {"kid": "1"})
    back = browser.get(CALLBACK, params={"state": _leave(browser, issuer), "code": "c"})
    assert back.status_code == 401


def test_a_sign_in_begun_elsewhere_is_refused(browser: httpx.Client, issuer: Issuer, with_issuer: Served) -> None:
    state = _leave(browser, issuer)
    with with_issuer.stranger() as other:
        assert other.get(CALLBACK, params={"state": state, "code": "c"}).status_code == 401
    assert browser.get(CALLBACK, params={"state": "guessed", "code": "c"}).status_code == 401


def test_a_local_user_is_not_taken_over_by_name(browser: httpx.Client, issuer: Issuer) -> None:
    issuer.lies = {"preferred_username": "ada", "sub": "u2"}
    back = browser.get(CALLBACK, params={"state": _leave(browser, issuer), "code": "c"})
    assert back.status_code == 409
    assert browser.get("/api/v1/auth/me").status_code == 401


def test_it_is_off_unless_set_up(served: httpx.Client) -> None:
    assert served.get(LOGIN).status_code == 404
    assert served.get("/api/v1/auth/sign-in").json()["oidc"] is False
