"""Numbered SQL migrations, up and down: checksummed, under an advisory lock, one transaction each."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

import psycopg

from dyntables import locks
from dyntables.catalog.installation.removal import drop_empty_views, remove_capture, skip_used_numbers
from dyntables.errors import MigrationError

_LEFT_BEHIND = 'An installation that was removed by hand left it: "dyntables uninstall" removes that, too.'


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered change of the catalog and its reverse."""

    number: int
    name: str
    up: str
    down: str

    @property
    def checksum(self) -> str:
        """A digest of both directions."""
        return hashlib.sha256((self.up + "\0" + self.down).encode()).hexdigest()


@cache
def migrations() -> list[Migration]:
    """Return the migrations that ship with this version, in order."""
    folder = resources.files("dyntables.catalog") / "migrations"
    found = []
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        match = re.fullmatch(r"(\d{4})_(\w+)\.up\.sql", entry.name)
        if match:
            down = folder / f"{match[1]}_{match[2]}.down.sql"
            found.append(Migration(int(match[1]), match[2], entry.read_text(), down.read_text()))
    return found


def migrate(connection: psycopg.Connection, to: int | None = None, *, dry_run: bool = False) -> list[str]:
    """Bring the catalog to version ``to`` (default: the newest); return what was done, or would be.

    Raises:
        MigrationError: a migration that was applied has changed since, or the database is newer than this program.
    """
    known = migrations()
    target = known[-1].number if to is None else to
    if target and target not in {m.number for m in known}:
        raise MigrationError(f"there is no migration {target}", hint=f"The newest is {known[-1].number}.")
    if _applied_all(connection, known, target):
        return []
    connection.execute("SELECT pg_advisory_lock(%s)", (locks.MIGRATION,))
    try:
        applied = _applied(connection)
        _verify(known, applied)
        steps = [("up", m) for m in known if m.number not in applied and m.number <= target]
        steps += [("down", m) for m in reversed(known) if m.number in applied and m.number > target]
        if not dry_run:
            for direction, migration in steps:
                _run(connection, direction, migration)
        return [f"{direction} {m.number:04d} {m.name}" for direction, m in steps]
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", (locks.MIGRATION,))


def newest_number() -> int:
    """Return the number of the newest migration that this version ships."""
    return migrations()[-1].number


def applied_number(connection: psycopg.Connection) -> int:
    """Return the number of the newest migration that a database has, 0 for none."""
    return max(_applied(connection), default=0)


def _applied(connection: psycopg.Connection) -> dict[int, str]:
    exists = connection.execute("SELECT to_regclass('dyntables.migration') IS NOT NULL").fetchone()
    if not exists or not exists[0]:
        return {}
    return {n: c for n, c in connection.execute("SELECT number, checksum FROM dyntables.migration")}


def _applied_all(connection: psycopg.Connection, known: list[Migration], target: int) -> bool:
    return _applied(connection) == {m.number: m.checksum for m in known if m.number <= target}


def _verify(known: list[Migration], applied: dict[int, str]) -> None:
    by_number = {m.number: m for m in known}
    for number, checksum in applied.items():
        if number not in by_number:
            raise MigrationError(
                f"the database has migration {number}, which this version does not know",
                hint="Use a newer version of dyntables.",
            )
        if by_number[number].checksum != checksum:
            raise MigrationError(f"migration {number} was changed after it had been applied")


def _run(connection: psycopg.Connection, direction: str, migration: Migration) -> None:
    try:
        with connection.transaction():
            if direction == "up":
                connection.execute("CREATE SCHEMA IF NOT EXISTS dyntables")
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS dyntables.migration (number integer PRIMARY KEY, name text NOT NULL, "
                    "checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
                )
                connection.execute(migration.up)
                if migration is migrations()[0]:
                    _begin(connection)
                connection.execute(
                    "INSERT INTO dyntables.migration (number, name, checksum) VALUES (%s, %s, %s)",
                    (migration.number, migration.name, migration.checksum),
                )
            else:
                if migration is migrations()[0]:
                    _end(connection)
                connection.execute(migration.down)
                connection.execute("DELETE FROM dyntables.migration WHERE number = %s", (migration.number,))
            _depose(connection)
    except psycopg.errors.InsufficientPrivilege as error:
        raise MigrationError(
            f'"{connection.info.user}" may not make or change the catalog of dyntables in this database',
            detail=str(error).strip(),
            hint=f'GRANT CREATE ON DATABASE "{connection.info.dbname}" TO "{connection.info.user}" is enough to make '
            "it; who made it, or a superuser, can change it.",
        ) from error
    except psycopg.Error as error:
        raise MigrationError(
            f"migration {migration.number} ({migration.name}) failed going {direction}",
            detail=str(error).strip(),
            hint=_LEFT_BEHIND if isinstance(error, psycopg.errors.DuplicateSchema) else None,
        ) from error


def _begin(connection: psycopg.Connection) -> None:
    """Take nothing over from an installation that was here before, and whose catalog somebody dropped."""
    remove_capture(connection)
    skip_used_numbers(connection)


def _end(connection: psycopg.Connection) -> None:
    """Leave nothing at work that no catalog knows of."""
    remove_capture(connection)
    drop_empty_views(connection)


def _depose(connection: psycopg.Connection) -> None:
    """Keep refreshes that began before a migration from committing after it; their scheduler looks again."""
    row = connection.execute("SELECT to_regclass('dyntables.leader') IS NOT NULL").fetchone()
    if row and row[0]:
        connection.execute("UPDATE dyntables.leader SET epoch = epoch + 1")
