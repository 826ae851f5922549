"""What runs here, and whether it can serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import PoolTimeout
from pydantic import SecretStr

from dyntables.catalog.migrate import migrations
from dyntables.server.read.system.overview import read_leader
from dyntables.server.schemas.system import Check, Ready, Setting, System
from dyntables.server.security.roles import Principal, Role
from dyntables.settings import Settings

if TYPE_CHECKING:
    from dyntables.server.services import Services


def read_system(connection: psycopg.Connection, services: Services, user: Principal) -> System:
    """Return version, database and, for admins, settings."""
    row = connection.execute(
        "SELECT current_setting('server_version'), current_database(), (SELECT max(number) FROM dyntables.migration)"
    ).fetchone()
    assert row is not None
    return System(
        version=services.place.version,
        postgresql=row[0],
        database=_place(services.place.url, row[1]),
        embedded=services.place.embedded,
        demo_mode=services.demo_mode(),
        oidc=services.settings.oidc_issuer is not None,
        started_at=services.place.started_at,
        leader=read_leader(connection, here=services.leading),
        migration=row[2],
        query_role=services.console.role,
        settings=list_settings(services.settings) if user.role.may(Role.ADMIN) else [],
    )


def readiness(services: Services) -> Ready:
    """Check what serving needs."""
    checks = []
    try:
        with services.pool.connection(timeout=3) as connection:
            row = connection.execute("SELECT coalesce(max(number), 0) FROM dyntables.migration").fetchone()
        checks.append(Check(name="database", ok=True, detail="it answers"))
        newest = migrations()[-1].number
        found = row[0] if row is not None else 0
        checks.append(Check(name="catalog", ok=found == newest, detail=f"migration {found} of {newest}"))
    except (psycopg.Error, PoolTimeout) as error:
        checks.append(Check(name="database", ok=False, detail=type(error).__name__))
    checks.append(services.scheduler_check())
    return Ready(ready=all(c.ok for c in checks), checks=checks)


def list_settings(settings: Settings) -> list[Setting]:
    """Return the settings in force; secrets are hidden."""
    found = []
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        found.append(
            Setting(
                name=name,
                value="(set)" if isinstance(value, SecretStr) else _plain(value),
                default=_plain(field.get_default(call_default_factory=True)),
                description=field.description or "",
                environment=f"DYNTABLES_{name.upper()}",
            )
        )
    return found


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (bool, int, float, list)) else str(value)


def _place(url: str, database: str) -> str:
    """Say which database, without user and password."""
    parts = conninfo_to_dict(url)
    return f"{parts.get('host') or 'local'}/{database}"
