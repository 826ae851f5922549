"""A folder of definitions beside a database: export, compare, apply."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from dyntables.client import Client
from dyntables.errors import CatalogError, DependentObjectsError, DyntablesError, InvalidOptionError, InvalidQueryError
from dyntables.files.kind import Difference, Effect, Kind
from dyntables.files.tables import Tables

KINDS: tuple[Kind, ...] = (Tables(),)


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    name: str
    text: str


def export(client: Client, folder: Path) -> list[Path]:
    """Write a file for each object, replacing those of the same name; return their paths."""
    written = []
    for kind in KINDS:
        (folder / kind.folder).mkdir(parents=True, exist_ok=True)
        for name in kind.present(client):
            path = folder / kind.folder / f"{_file_name(name)}.sql"
            path.write_text(kind.text(client, name), "utf-8")
            written.append(path)
    return written


def compare(client: Client, folder: Path) -> list[Difference]:
    """Return what applying a folder would do to each object; nothing is changed.

    Raises:
        DyntablesError: a file cannot be read, or what it says is refused; with the file.
    """
    found = []
    for kind in KINDS:
        present, files = kind.present(client), _read(kind, folder)
        for file in files:
            found.append(_compared(client, kind, file, there=file.name in present))
        extra = sorted(set(present) - {file.name for file in files})
        found += [Difference(kind.folder, name, Effect.EXTRA) for name in extra]
    return found


def apply(client: Client, folder: Path, *, prune: bool = False) -> Iterator[Difference]:
    """Bring the database to what the folder says; give each object when it is done.

    Each statement is a transaction of its own. ``prune``: also drop what the folder does not have.

    Raises:
        DyntablesError: a statement fails; what was done before it stays.
    """
    differences = compare(client, folder)
    for kind in KINDS:
        todo = {d.name: d for d in differences if d.kind == kind.folder}
        wanted = [f for f in _read(kind, folder) if todo[f.name].effect in (Effect.CREATE, Effect.ALTER)]
        for file in _in_working_order(client, kind, wanted):
            yield todo[file.name]
        extra = [d for d in todo.values() if d.effect is Effect.EXTRA]
        if prune:
            yield from _dropped(client, kind, extra)


def bring(client: Client, folder: Path) -> Iterator[Difference]:
    """Create what the folder has and the database has not; refuse to alter.

    Raises:
        CatalogError: something exists and is not as the folder says.
    """
    altered = [d.name for d in compare(client, folder) if d.effect is Effect.ALTER]
    if altered:
        raise CatalogError(
            f"{', '.join(altered)} exists and is not as its file says",
            hint="dyntables plan shows how they differ, dyntables apply alters the database.",
        )
    yield from apply(client, folder)


def _compared(client: Client, kind: Kind, file: _File, *, there: bool) -> Difference:
    if not there:
        return Difference(kind.folder, file.name, Effect.CREATE)
    try:
        changes = kind.changes(client, file.text)
    except DyntablesError as error:
        raise _at(file.path, error) from error
    return Difference(kind.folder, file.name, Effect.ALTER if changes else Effect.NONE, changes)


def _in_working_order(client: Client, kind: Kind, files: list[_File]) -> Iterator[_File]:
    """Apply files, those that need another one after it: what fails for that is tried again after the others."""
    while files:
        waiting: list[_File] = []
        failed: DyntablesError | None = None
        for file in files:
            try:
                kind.apply(client, file.text)
            except (InvalidQueryError, DependentObjectsError) as error:
                failed = failed or _at(file.path, error)
                waiting.append(file)
            else:
                yield file
        if failed is not None and len(waiting) == len(files):
            raise failed
        files = waiting


def _dropped(client: Client, kind: Kind, differences: list[Difference]) -> Iterator[Difference]:
    """Drop objects, those that others read after these."""
    while differences:
        waiting: list[Difference] = []
        failed: DyntablesError | None = None
        for difference in differences:
            try:
                kind.drop(client, difference.name)
            except DependentObjectsError as error:
                failed = failed or error
                waiting.append(difference)
            else:
                yield difference
        if failed is not None and len(waiting) == len(differences):
            raise failed
        differences = waiting


def _read(kind: Kind, folder: Path) -> list[_File]:
    files = []
    for path in sorted((folder / kind.folder).glob("*.sql")):
        text = path.read_text("utf-8")
        try:
            files.append(_File(path, kind.name(text), text))
        except DyntablesError as error:
            raise _at(path, error) from error
    names = [file.name for file in files]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InvalidOptionError(f"{folder / kind.folder}: two files define {', '.join(twice)}")
    if not (folder / kind.folder).is_dir():
        raise InvalidOptionError(f"{folder} has no folder {kind.folder}", hint="dyntables export makes it.")
    return files


def _at(path: Path, error: DyntablesError) -> DyntablesError:
    """Put the file before what an error says."""
    error.message = f"{path}: {error.message}"
    return error


def _file_name(name: str) -> str:
    """Return a name as one of a file: any character that a file system may mind is written by its code."""
    return quote(name.replace('"', ""), safe=" ")
