"""The web app: built files from the package, and its page for every path that is not the API's."""

from __future__ import annotations

import html
from importlib import resources
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.exceptions import HTTPException

_FOREVER = "public, max-age=31536000, immutable"
_MISSING = """<!doctype html><html lang="en"><head><title>dyntables</title></head><body>
<h1>dyntables</h1><p>The web app is not part of this installation. The API is at
<a href="/openapi.json">/api/v1</a>.</p></body></html>"""

router = APIRouter(include_in_schema=False)


def folder() -> Path:
    """Return where the built app is."""
    return Path(str(resources.files("dyntables.server"))) / "static"


@router.get("/{path:path}")
def serve(request: Request, path: str) -> Response:
    """Return a file of the app, or its page, which finds its way by the path."""
    if path == "api" or path.startswith("api/"):
        raise HTTPException(404, "there is no such endpoint")
    root = folder().resolve()
    file = (root / path).resolve() if "\x00" not in path else root
    if file.is_relative_to(root) and file.is_file() and file.name != "index.html" and not file.name.startswith("."):
        cached = _FOREVER if path.startswith("assets/") else "no-cache"
        return FileResponse(file, headers={"Cache-Control": cached})
    if path.startswith("assets/"):
        raise HTTPException(404, "there is no such file")
    return page(root, request.state.nonce)


def page(root: Path, nonce: str) -> HTMLResponse:
    """Return the app's page; it finds in a meta tag the nonce with which it may add styles."""
    index = root / "index.html"
    text = index.read_text() if index.is_file() else _MISSING
    tag = f'<meta name="csp-nonce" content="{html.escape(nonce)}"></head>'
    return HTMLResponse(text.replace("</head>", tag, 1), headers={"Cache-Control": "no-store"})
