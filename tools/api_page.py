"""Write docs/api.md, the API for reading, from the routes: ``make openapi``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from dyntables.server.app import create_app
from dyntables.settings import Settings

PAGE = Path(__file__).parent.parent / "docs" / "api.md"

_INTRODUCTION = """# The API

Everything that the web app does, a program can do. This page is made from the routes; parameters, bodies and answers
with examples are in [openapi.json](openapi.json), which a running server gives at `/openapi.json`. Signing in, errors,
idempotency keys and limits are in [server.md](server.md).

```console
TOKEN=$(dyntables user token ci --role operator --days 30)
curl -H "Authorization: Bearer $TOKEN" http://localhost:8080/api/v1/dynamic-tables
curl -H "Authorization: Bearer $TOKEN" -X POST "http://localhost:8080/api/v1/dynamic-tables/public/daily/refresh?wait=30"
curl -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" -H "Accept: text/csv" \\
     -d '{"sql": "SELECT * FROM daily"}' http://localhost:8080/api/v1/queries
```

In demo mode no token is needed, and writes carry `-H "X-CSRF-Token: x"`. The role is the least that may; each may what
those before it may: viewer, operator, editor, admin.

The live connection is the WebSocket `/api/v1/live`; its messages are those of `/api/v1/live/messages`.
"""


def api_page() -> str:
    """Return the page as text."""
    app = create_app(Settings())
    document = app.openapi()
    roles = dict(_roles(app))
    sections: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            line = _line(method, path, operation, roles.get(operation["operationId"], ""))
            sections.setdefault(operation["tags"][0], []).append(line)
    head = "| operation | role | what it does |\n|---|---|---|\n"
    tables = [f"\n## {tag[0].upper()}{tag[1:]}\n\n{head}" + "".join(lines) for tag, lines in sections.items()]
    return _INTRODUCTION + "".join(tables)


def _line(method: str, path: str, operation: dict[str, Any], role: str) -> str:
    """Return a row of a table: the first paragraph of the description says what it does."""
    text = operation["description"].split("\n\n")[0].replace("\n", " ").replace("|", "\\|")
    names = [p["name"] for p in operation.get("parameters", []) if p["in"] == "query"]
    query = f" Query: {', '.join(f'`{n}`' for n in names)}." if names else ""
    return f"| `{method.upper()} {path}` | {role} | **{operation['summary']}.** {text}{query} |\n"


def _roles(app: FastAPI) -> Iterator[tuple[str, str]]:
    for route in _routes(app.routes):
        found = [str(d.call.role) for d in _dependants(route.dependant) if hasattr(d.call, "role")]
        yield route.name, found[0] if found else "everybody"


def _routes(routes: Any) -> Iterator[APIRoute]:
    """Yield all routes, those of routers that are included as such, too."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        else:
            inner = getattr(route, "routes", None) or getattr(getattr(route, "original_router", None), "routes", ())
            yield from _routes(inner)


def _dependants(dependant: Dependant) -> Iterator[Any]:
    yield dependant
    for inner in dependant.dependencies:
        yield from _dependants(inner)


def main() -> int:
    """Write the file."""
    PAGE.write_text(api_page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
