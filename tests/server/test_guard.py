"""What is refused before a handler sees it, and the headers of every answer."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest

from dyntables.server import webapp
from dyntables.server.process import listening
from tests.server.conftest import Served, serving, settings_for_tests

API = "/api/v1"


def test_a_long_body_is_refused_also_without_its_length(served: httpx.Client) -> None:
    long = b'{"sql": "' + b"x" * 2_000_000 + b'"}'

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(long), 65536):
            yield long[start : start + 65536]

    json = {"Content-Type": "application/json"}
    for content in (long, pieces()):
        answer = served.post(f"{API}/validate", content=content, headers=json)
        assert (answer.status_code, answer.json()["code"]) == (413, "DT505")


@pytest.mark.parametrize(
    "path",
    ["/../pyproject.toml", "/..%2f..%2fpyproject.toml", "/%2e%2e/%2e%2e/app.py", "/assets/..%2f..%2fapp.py",
     "//etc/passwd", "/%2fetc%2fpasswd", "/assets/%00", "/.gitkeep"],
)  # fmt: skip
def test_no_file_outside_of_the_app_is_served(server_at_work: Served, path: str) -> None:
    with httpx.Client(trust_env=False) as client:
        url = httpx.URL(server_at_work.address).copy_with(raw_path=path.encode())
        answer = client.get(url)
    assert answer.status_code in (200, 404)
    for secret in ("create_app", "build-system", "root:x"):
        assert secret not in answer.text


def test_the_page_has_a_nonce_that_its_policy_knows(served: httpx.Client) -> None:
    first, second = served.get("/"), served.get("/tables/public/by_day")
    nonces = []
    for answer in (first, second):
        assert answer.headers["content-type"].startswith("text/html")
        (nonce,) = re.findall(r'<meta name="csp-nonce" content="([^"]+)">', answer.text)
        policy = answer.headers["content-security-policy"]
        assert f"style-src 'self' 'nonce-{nonce}'" in policy
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        nonces.append(nonce)
    assert nonces[0] != nonces[1]


def test_built_files_are_served_and_kept(served: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "app-1234.js").write_text("built")
    (tmp_path / "index.html").write_text("<html><head></head><body>the app</body></html>")
    monkeypatch.setattr(webapp, "folder", lambda: tmp_path)
    file = served.get("/assets/app-1234.js")
    assert (file.text, file.headers["cache-control"]) == ("built", "public, max-age=31536000, immutable")
    assert "javascript" in file.headers["content-type"]
    assert "the app" in served.get("/graph").text
    assert served.get("/assets/other.js").status_code == 404
    assert "the app" in served.get("/index.html").text


def test_every_answer_has_its_headers(served: httpx.Client) -> None:
    for path in ("/", f"{API}/overview", f"{API}/nothing", "/metrics"):
        headers = served.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "content-security-policy" in headers
        assert "access-control-allow-origin" not in headers
        assert "server" not in headers


def test_other_origins_may_not_read(served: httpx.Client) -> None:
    asked = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    answer = served.options(f"{API}/dynamic-tables", headers=asked)
    assert "access-control-allow-origin" not in answer.headers


def test_the_correlation_id_reaches_the_database(served: httpx.Client, filled_url: str) -> None:
    given = served.get(f"{API}/overview", headers={"X-Request-Id": "trace-42"})
    assert given.headers["x-request-id"] == "trace-42"
    with psycopg.connect(filled_url) as connection:
        rows = connection.execute("SELECT application_name FROM pg_stat_activity").fetchall()
    assert ("dyntables api trace-42",) in rows
    forged = served.get(f"{API}/overview", headers={"X-Request-Id": "a b\tc"})
    assert forged.headers["x-request-id"] != "a b\tc"
    problem = served.get(f"{API}/dynamic-tables/public/nothing", headers={"X-Request-Id": "trace-43"}).json()
    assert problem["instance"] == "trace-43"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"{API}/nothing", 404),
        ("DELETE", f"{API}/overview", 405),
        ("GET", f"{API}/dynamic-tables/public/%00", 422),
        ("GET", f"{API}/dynamic-tables?limit=0", 422),
        ("GET", f"{API}/refreshes/x", 422),
    ],
)
def test_errors_are_problems(served: httpx.Client, method: str, path: str, status: int) -> None:
    answer = served.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "code"} <= set(answer.json())


def test_malformed_bodies_are_problems(served: httpx.Client) -> None:
    json = {"Content-Type": "application/json"}
    for content in (b"{", b"\xff\xfe", b'{"sql": "\\ud800"}', b'{"sql": "a\\u0000b"}', b"[]", b"null"):
        answer = served.post(f"{API}/validate", content=content, headers=json)
        assert answer.status_code in (200, 400, 422), (content, answer.text)
        assert answer.status_code != 200 or answer.json()["valid"] is False


def test_an_answer_does_not_wait_for_the_receipt_of_its_head() -> None:
    with listening(settings_for_tests()) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_more_requests_than_connections_wait_their_turn(filled_url: str) -> None:
    """Those who wait for a connection must not keep the threads from those who have one."""
    with (
        serving(filled_url, pool_size=5) as served,
        httpx.Client(
            base_url=served.address, timeout=120, trust_env=False, limits=httpx.Limits(max_connections=120)
        ) as client,
        ThreadPoolExecutor(120) as threads,
    ):
        answers = list(threads.map(lambda _: client.get(f"{API}/dynamic-tables").status_code, range(240)))
    # A wait for a connection that never comes ends after ten seconds with 503.
    assert answers == [200] * 240
