"""Count what the walls of the house should keep out: ``python -m tools.house``.

A room of policy holds no SQL, names no relation of the catalog in text, and imports no driver (docs/adr/0020). No class
is a bag of fields, but for the documents of the API, which are shown as they are.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).parent.parent / "src" / "dyntables"
POLICY = (
    "refresh",
    "commands",
    "scheduling",
    "cli",
    "wiring.py",
    "client.py",
    "events",
    "health",
    "alerts",
    "alerting",
)
LONGEST_FUNCTION = 40
MOST_FILES = 12
MOST_FIELDS = 12
_DOCUMENTS = "server/schemas/"

_VERBS = (
    "SELECT INSERT UPDATE DELETE MERGE WITH SET LOCK CREATE ALTER DROP TRUNCATE GRANT REVOKE ANALYZE NOTIFY LISTEN "
    "UNLISTEN COPY BEGIN COMMIT ROLLBACK SAVEPOINT VACUUM CALL DEALLOCATE RESET DISCARD DECLARE FETCH"
).replace(" ", "|")
_SQL = re.compile(rf"\s*\(*({_VERBS})\s+\S*[\w*('\"{{%]")
# A statement of ours that a person may read in a hint is no SQL that is run.
_OURS = re.compile(
    r"\s*((CREATE|ALTER|DROP|UNDROP|GRANT|REVOKE|EXPLAIN|SHOW)\b.*\b(DYNAMIC TABLE|QUALITY RULE|ALERT\b)"
    r"|CREATE OR ALTER\b|COPY SESSION\b)"
)
_CATALOG = re.compile(r"\bdyntables(_data|_log)?\.[a-z_{]+\b(?!\.py)")
_DRIVER = re.compile(r"^\s*(import|from) psycopg\b", re.MULTILINE)
_SPOKEN = {"execute", "executemany", "cursor", "copy"}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a wall should have kept out."""

    kind: str
    file: str
    line: int
    text: str

    @property
    def room(self) -> str:
        """The folder under ``dyntables``, or the module."""
        return self.file.split("/")[0]


def findings(sources: Path = SOURCES) -> Iterator[Finding]:
    """Yield what stands in the code: SQL, the catalog's names, the driver, long functions, bags, crowded folders."""
    for path in sorted(sources.rglob("*.py")):
        file, text = str(path.relative_to(sources)), path.read_text()
        tree = ast.parse(text)
        for line, literal in _literals(tree):
            if _SQL.match(literal) and not _OURS.match(literal):
                yield Finding("sql", file, line, literal)
            if _CATALOG.search(literal):
                yield Finding("catalog", file, line, literal)
        if _DRIVER.search(text):
            yield Finding("driver", file, 1, "psycopg")
        yield from _calls_and_lengths(tree, file)
        if not file.startswith(_DOCUMENTS):
            yield from _bags(tree, file)
    for folder in sorted(p for p in sources.rglob("*") if p.is_dir()):
        files = [p for p in folder.glob("*.py") if p.name != "__init__.py"]
        if len(files) > MOST_FILES:
            yield Finding("crowded", str(folder.relative_to(sources)), len(files), f"{len(files)} files")


def _calls_and_lengths(tree: ast.Module, file: str) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SPOKEN:
            on = ast.unparse(node.func.value)
            if "connection" in on or "cursor" in on:
                yield Finding("spoken", file, node.lineno, f"{on}.{node.func.attr}")
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield Finding("long", file, node.lineno, f"{node.name}: {length} lines")


def _bags(tree: ast.Module, file: str) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            count = sum(isinstance(part, ast.AnnAssign) for part in node.body)
            if count > MOST_FIELDS:
                yield Finding("wide", file, node.lineno, f"{node.name}: {count} fields")


def _literals(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the strings of a module that are no docstrings or hints, with their lines; what is filled in is ``{}``."""
    passed = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    # What a person reads to go on may be a statement; it is not run.
    passed.update(id(k.value) for c in ast.walk(tree) if isinstance(c, ast.Call) for k in c.keywords if k.arg == "hint")
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            passed.update(id(part) for part in node.values)
            if id(node) in passed:
                continue
            yield node.lineno, "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed:
            yield node.lineno, node.value


def main() -> int:
    """Print counts by room; with a room, what was found in it."""
    found = list(findings())
    if len(sys.argv) > 1:
        for f in found:
            if f.room in sys.argv[1:] or f.file in sys.argv[1:]:
                print(f"{f.file}:{f.line}: {f.kind}: {' '.join(f.text.split())[:100]}")
        return 0
    kinds = ("sql", "catalog", "spoken", "driver", "long", "wide", "crowded")
    counts = Counter((f.room, f.kind) for f in found)
    print(f"{'room':<16}" + "".join(f"{k:>9}" for k in kinds))
    for room in sorted({f.room for f in found}):
        print(f"{room:<16}" + "".join(f"{counts[room, k]:>9}" for k in kinds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
