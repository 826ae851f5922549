"""The documentation at /docs: built without warnings, whole, and under a policy that lets its own scripts run alone."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import httpx
import pytest

from dyntables.server import docs
from tools.site import inline_scripts

SITE = docs.folder()
pytestmark = pytest.mark.skipif(not (SITE / "index.html").is_file(), reason="make site")
PAGES = sorted(p.relative_to(SITE).as_posix() for p in SITE.rglob("*.html"))
_REFERENCE = re.compile(r'\s(?:href|src)="([^"#][^"]*)"')


def test_pages_are_served_with_a_policy_for_their_own_scripts(served: httpx.Client) -> None:
    answer = served.get("/docs/user-guide.html")
    assert answer.status_code == 200
    assert "<h1" in answer.text
    policy = answer.headers["content-security-policy"]
    assert "'unsafe-inline'" not in policy.partition("style-src")[0]
    assert len(re.findall("'sha256-", policy)) >= 1
    assert served.get("/docs", follow_redirects=False).headers["location"] == "/docs/"
    assert served.get("/docs/").text == served.get("/docs/index.html").text
    assert served.get("/docs/user-guide").text == answer.text


def test_what_is_not_there_is_404_and_nothing_else_is_given(served: httpx.Client) -> None:
    for path in ("nothing", "..%2F..%2Fapp.py", "%2e%2e/app.py", "a%00b"):
        answer = served.get(f"/docs/{path}")
        assert answer.status_code == 404, path
        assert "FastAPI" not in answer.text


@pytest.mark.parametrize("page", PAGES)
def test_no_link_is_dead(page: str) -> None:
    text = (SITE / page).read_text()
    for reference in _REFERENCE.findall(text):
        parts = urlsplit(urljoin(f"http://site/docs/{page}", reference))
        if parts.netloc != "site" or parts.scheme != "http":
            continue
        path = unquote(parts.path).removeprefix("/docs/")
        target = SITE / path if path else SITE / "index.html"
        target = target / "index.html" if target.is_dir() else target
        if page == "404.html" and path.startswith("/"):
            target = SITE / path.lstrip("/")
        assert target.is_file(), f"{reference} of {page}"
        if parts.fragment and target.suffix == ".html":
            assert f'id="{unquote(parts.fragment)}"' in target.read_text(), f"{reference} of {page}"


def test_every_inline_script_is_in_the_policy(served: httpx.Client) -> None:
    policy = served.get("/docs/").headers["content-security-policy"]
    for page in PAGES:
        for text in inline_scripts((SITE / page).read_text()):
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy, page


def test_every_document_is_a_page() -> None:
    root = Path(__file__).parents[2] / "docs"
    wanted = {p.relative_to(root).with_suffix(".html").as_posix() for p in root.rglob("*.md")}
    wanted = {re.sub(r"README\.html$", "index.html", name) for name in wanted}
    assert wanted <= set(PAGES)
