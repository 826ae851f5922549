"""Golden files: definitions written by people, with outputs that ``make golden`` fills in and reviewers read.

A file has a schema and cases. A case has the SQL of a definition and the outputs that its author asked for: ``plan``,
as EXPLAIN shows it; ``program a, b+``, the statements of a refresh in which ``a`` changed and ``b`` was only appended
to; ``delta a``, those of them that compute deltas; ``reason``, why it is refreshed in full.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg

import dyntables
from dyntables.catalog import store
from dyntables.compiler.delta.context import Change, Purpose
from dyntables.compiler.explain.layout import lay_out
from dyntables.compiler.names import quote
from dyntables.compiler.program import refresh_program
from dyntables.refresh.sources.definitions import Terms, read_definition

FOLDER = Path(__file__).resolve().parents[1] / "golden"
STORAGE = "storage"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a file under a heading, such as ``--- program a``."""

    kind: str
    argument: str
    text: str


@dataclass(frozen=True, slots=True)
class Case:
    """One definition and its outputs, in the author's order."""

    name: str
    sql: str
    outputs: tuple[Section, ...]

    def output(self, kind: str, argument: str = "") -> str:
        """Return an output, the first of its kind where no argument is given."""
        return next(o.text for o in self.outputs if o.kind == kind and argument in ("", o.argument))


@dataclass(slots=True)
class Golden:
    """One file."""

    about: str
    schema: str
    cases: list[Case] = field(default_factory=list)


def files() -> dict[str, Path]:
    """Return the golden files by the name of their operator."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.txt"))}


def parse(text: str) -> Golden:
    """Read a file."""
    about, *sections = _sections(text)
    golden = Golden(about.text, "")
    name = ""
    for section in sections:
        if section.kind == "case":
            name = section.argument
        elif section.kind == "schema":
            golden.schema = section.text
        elif section.kind == "sql":
            golden.cases.append(Case(name, section.text, ()))
        else:
            last = golden.cases[-1]
            golden.cases[-1] = replace(last, outputs=(*last.outputs, section))
    return golden


def write(golden: Golden) -> str:
    """Return the text of a file."""
    parts = [golden.about, f"--- schema\n{golden.schema}"]
    for case in golden.cases:
        outputs = (f"--- {f'{o.kind} {o.argument}'.strip()}\n{o.text}" for o in case.outputs)
        parts.append("\n".join([f"=== {case.name}\n--- sql\n{case.sql}", *outputs]))
    return "\n\n".join(parts) + "\n"


def filled(golden: Golden, url: str) -> Golden:
    """Return the file with the outputs that the code gives on an empty database."""
    with dyntables.connect(url) as client, psycopg.connect(url, autocommit=True) as connection:
        client.execute(golden.schema)
        cases = [
            replace(c, outputs=tuple(replace(o, text=_output(client, connection, c.sql, o)) for o in c.outputs))
            for c in golden.cases
        ]
    return Golden(golden.about, golden.schema, cases)


def _sections(text: str) -> Iterator[Section]:
    kind, argument, lines = "about", "", list[str]()
    for line in text.splitlines():
        mark, _, rest = line.partition(" ")
        if mark not in ("---", "==="):
            lines.append(line.rstrip())
            continue
        yield Section(kind, argument, "\n".join(lines).strip("\n"))
        kind, argument, lines = "case", rest, []
        if mark == "---":
            kind, _, argument = rest.partition(" ")
    yield Section(kind, argument, "\n".join(lines).strip("\n"))


def _output(client: dyntables.Client, connection: psycopg.Connection, sql: str, wanted: Section) -> str:
    if wanted.kind in ("program", "delta"):
        return _program(connection, sql, wanted)
    shown = client.execute(f"EXPLAIN CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' AS {sql}")
    lines = [str(row[0]) for row in shown.rows]
    if wanted.kind == "reason":
        return "\n".join(lines[: lines.index("")] if "" in lines else lines)
    if wanted.kind != "plan":
        raise ValueError(f"no such output: {wanted.kind}")
    start = lines.index("Plan") + 1
    return "\n".join(line.removeprefix("  ") for line in lines[start : lines.index("", start)])


def _program(connection: psycopg.Connection, sql: str, wanted: Section) -> str:
    """Return the statements of a refresh in which the named sources changed."""
    with connection.transaction():
        owner, views = connection.info.user, store.view_oids(connection)
        compiled = read_definition(connection, sql, "public", views, STORAGE, Terms(owner)).compiled
    if compiled is None:
        raise ValueError(f"the definition is refreshed in full: {sql}")
    names = [name for n in wanted.argument.split(",") if (name := n.strip())]
    by_name = {source.name: source.oid for source in compiled.sources}
    changed = {by_name[n.rstrip("+")]: Change(quote(f"d_{n.rstrip('+')}"), appended=n.endswith("+")) for n in names}
    program = refresh_program(compiled, changed, "dt", logged=compiled.outputs)
    lines: list[str] = []
    for number, statement in enumerate(program.statements):
        if wanted.kind == "delta" and statement.purpose is not Purpose.DELTA:
            continue
        lines.append(f"-- stage {program.stage(number)}, {statement.purpose}: {statement.label}")
        if statement.guard:
            lines.append(f"-- only if {statement.guard}")
        lines.append(lay_out(statement.sql))
    return "\n".join(lines)
