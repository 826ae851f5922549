"""End a session of the database for which a refresh waits."""

from __future__ import annotations

import psycopg

from dyntables.catalog.past import audit
from dyntables.errors import EngineError, NotFoundError, PermissionDeniedError
from dyntables.server.read.refreshes.running import running
from dyntables.server.schemas.tables import Blocker

_PATIENCE_MS = 2000


def end_session(connection: psycopg.Connection, process_id: int) -> Blocker:
    """End the session of a server process, and return what it was.

    Raises:
        NotFoundError: no refresh waits for it.
        PermissionDeniedError: it is a refresh itself, or the role of the server may not end it.
        EngineError: it has not ended in time.
    """
    held_up = [r for r in running(connection) if any(b.process_id == process_id for b in r.blockers)]
    if not held_up:
        raise NotFoundError(f"no refresh waits for session {process_id} now")
    session = next(b for b in held_up[0].blockers if b.process_id == process_id)
    if (session.application or "").startswith("dyntables"):
        raise PermissionDeniedError(f"session {process_id} is dyntables' own", hint="Cancel that refresh instead.")
    try:
        row = connection.execute("SELECT pg_terminate_backend(%s, %s)", (process_id, _PATIENCE_MS)).fetchone()
    except psycopg.errors.InsufficientPrivilege as error:
        raise PermissionDeniedError(
            f"the role of this server may not end sessions of {session.user}",
            hint=f"GRANT pg_signal_backend TO {connection.info.user}; superusers' sessions only a superuser may end.",
            sqlstate=error.sqlstate,
        ) from error
    names = [f"{r.schema_name}.{r.name}" for r in held_up]
    detail = {"process": process_id, "user": session.user, "query": session.query}
    audit.record(connection, "END_SESSION", names[0], detail)
    if row is None or not row[0]:
        raise EngineError(f"session {process_id} has not ended yet", hint="It ends soon.", retryable=True)
    return session
