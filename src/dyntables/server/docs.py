"""The documentation, as `make site` has built it from docs/ into the package."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

_DIGESTS = "scripts.json"
_MISSING = """<!doctype html><html lang="en"><head><title>Documentation</title></head><body><h1>Documentation</h1>
<p>It is not part of this installation: <code>make site</code> builds it, and the wheel has it.
The API is described at <a href="/openapi.json">/openapi.json</a>.</p></body></html>"""
# Inline styles are the theme's and the tables'; no text of people is in these pages.
_POLICY = (
    "default-src 'none'; script-src 'self'{digests}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)

router = APIRouter(include_in_schema=False)


def folder() -> Path:
    """Return where the built documentation is."""
    return Path(str(resources.files("dyntables.server"))) / "site"


@router.get("/docs")
def begin() -> Response:
    """Lead to the first page, so that its links are below it."""
    return RedirectResponse("/docs/")


@router.get("/docs/{path:path}")
def serve(path: str) -> Response:
    """Return a page or a file of the documentation."""
    root = folder().resolve()
    if not (root / "index.html").is_file():
        return HTMLResponse(_MISSING, status_code=404)
    if "\x00" in path:
        raise HTTPException(404, "there is no such page")
    file = (root / path).resolve()
    if file.is_dir():
        file /= "index.html"
    if not file.is_relative_to(root) or not file.is_file():
        # An address without its ending, as people write it.
        file = file.with_name(f"{file.name}.html")
    if not file.is_relative_to(root) or not file.is_file():
        return FileResponse(root / "404.html", status_code=404, headers=_headers(root))
    return FileResponse(file, headers=_headers(root))


@cache
def _headers(root: Path) -> dict[str, str]:
    digests = "".join(f" 'sha256-{digest}'" for digest in json.loads((root / _DIGESTS).read_text()))
    return {"Cache-Control": "no-cache", "Content-Security-Policy": _POLICY.format(digests=digests)}
