"""``dyntables serve``: scheduler, REST and WebSocket API, and the web app, in one process."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from pydantic import ValidationError

from dyntables.cli.common import Database, DataDir, errors
from dyntables.errors import InvalidOptionError


def serve(
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on [127.0.0.1].")] = None,
    port: Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Port to listen on [8080].")] = None,
    workers: Annotated[int | None, typer.Option("--workers", min=0, help="Pipelines refreshed at once [2].")] = None,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Schedule refreshes, and serve the API and the web app, until Ctrl-C or SIGTERM.

    More can be set in the environment or in .env, as DYNTABLES_PORT and so on: docs/server.md.
    """
    # Imported here: the other verbs need not wait for what only a server needs.
    from dyntables.demo.pipelines import templates
    from dyntables.server.process import serve as run_server
    from dyntables.settings import Settings

    given: dict[str, Any] = {
        "host": host, "port": port, "workers": workers, "database": database, "data_dir": data_dir,
    }  # fmt: skip
    with errors():
        try:
            settings = Settings(**{k: v for k, v in given.items() if v is not None})
        except ValidationError as error:
            # Not what was given: it may be a secret.
            problems = [f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors()]
            raise InvalidOptionError(f"a setting is not valid: {'; '.join(problems)}") from None
        run_server(settings, templates())
