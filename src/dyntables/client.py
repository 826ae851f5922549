"""The public Python API: ``dyntables.connect(url).execute(sql)``."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from dyntables.commands.capturing import repair_capture
from dyntables.commands.execute import execute
from dyntables.commands.session import Result
from dyntables.compiler.statements import Dialect
from dyntables.engines.postgres.embedded import EmbeddedServer, start_embedded
from dyntables.errors import InvalidOptionError
from dyntables.wiring import open_session


class Client:
    """A session over one connection; not to be shared between threads."""

    def __init__(
        self, url: str, server: EmbeddedServer | None = None, dialect: str | None = None, role: str | None = None
    ) -> None:
        self.url = url
        self._server = server
        self._session = open_session(url, dialect=_dialect(dialect), role=role)

    def execute(self, sql: str) -> Result:
        """Run one or several statements, ours or PostgreSQL's; return the result of the last.

        Raises:
            DyntablesError: with a code, and where it helps a place, a detail and a hint.
        """
        return execute(self._session, sql)

    def repair_capture(self) -> list[str]:
        """Mend the change capture of all sources, and trim the change logs; return the names of what was mended."""
        return repair_capture(self._session)

    def close(self) -> None:
        """Close the connection, and stop the embedded server if this client was its last user."""
        self._session.connection.close()
        if self._server is not None:
            self._server.stop()
            self._server = None

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def connect(
    url: str | None = None,
    data_dir: str | Path | None = None,
    *,
    dialect: str | None = None,
    role: str | None = None,
) -> Client:
    """Open a client on a server by URL, or on the embedded PostgreSQL.

    Args:
        url: a PostgreSQL URL or connection string; None starts (or joins) the embedded server.
        data_dir: where the embedded server keeps its data; None is the user's data directory.
        dialect: in which SQL definitions are that name none, ``snowflake`` or ``postgresql``.
        role: for whom to act; its rights count, and it owns what is created. Only statements on dynamic tables run.
    """
    if url is not None:
        return Client(url, dialect=dialect, role=role)
    server = start_embedded(Path(data_dir) if data_dir is not None else None)
    try:
        return Client(server.url, server, dialect, role)
    except BaseException:
        server.stop()
        raise


def _dialect(name: str | None) -> Dialect:
    try:
        return Dialect((name or Dialect.POSTGRESQL).upper())
    except ValueError:
        raise InvalidOptionError(f'"{name}" is not one of {", ".join(Dialect)}') from None
