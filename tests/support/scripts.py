"""Correctness scripts: statements, refreshes with the action expected of them, and rows, in plain text.

A script is made of blocks with blank lines between them; the first line of a block says what it is:

``create NAME``            a definition, which must be incremental
``create NAME REASON``     a definition that is refreshed in full for that reason
``write``                  statements of a writer, in one transaction
``refresh ACTION [NAME …]``  refresh the tables, all others where none is named, and compare each with its definition
``query``                  a query and, below ``----``, its rows
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

import dyntables
from dyntables.catalog.model import Action
from dyntables.errors import DyntablesError

FOLDER = Path(__file__).resolve().parents[1] / "scripts"
_RULE = "----"


def files() -> dict[str, Path]:
    """Return the scripts by the name of their operator."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.slt"))}


@dataclass(slots=True)
class Runner:
    """Runs the blocks of one script on one database."""

    client: dyntables.Client
    writer: psycopg.Connection
    tables: list[str] = field(default_factory=list)

    def block(self, head: list[str], body: str) -> str:
        """Run a block; return its body, with the rows that a query gave."""
        match head:
            case ["create", name]:
                self._create(name, body)
            case ["create", name, reason]:
                self._create(name, body, reason)
            case ["write"]:
                self.writer.execute(body.encode())
            case ["refresh", *words] if not body:
                for name, action in self._expected(words):
                    self._refresh(name, action)
            case ["query"]:
                return self._query(body)
            case _:
                raise ValueError(f"no such block: {' '.join(head)}")
        return body

    def _create(self, name: str, query: str, reason: str | None = None) -> None:
        mode = "INCREMENTAL" if reason is None else "AUTO"
        self.client.execute(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = {mode} AS {query}")
        row = self.writer.execute(
            "SELECT mode_reasons->0->>'reason' FROM dyntables.dynamic_table WHERE table_name = %s", (name,)
        ).fetchone()
        assert row == (reason,), f"expected {reason}, got {row}"
        self.tables.append(name)

    def _expected(self, words: list[str]) -> Iterator[tuple[str, Action]]:
        """Return each table with its action; an action without names goes for the tables that no other names."""
        actions: dict[Action, list[str]] = {}
        for word in words:
            if word in Action.__members__:
                actions[Action(word)] = []
            else:
                actions[list(actions)[-1]].append(word)
        named = {name: action for action, names in actions.items() for name in names}
        rest = next((action for action, names in actions.items() if not names), None)
        for name in self.tables:
            action = named.get(name, rest)
            if action is not None:
                yield name, action

    def _refresh(self, name: str, action: Action) -> None:
        result = self.client.execute(f"ALTER DYNAMIC TABLE {name} VERIFY")
        row = dict(zip(result.columns, result.rows[0], strict=True))
        assert row["equal"], (
            f"{name}: {row['missing_rows']} rows missing, {row['extra_rows']} too many ({row['action']})"
        )
        assert row["action"] == action, f"{name}: expected {action}, got {row['action']}"

    def _query(self, body: str) -> str:
        sql = re.split(rf"^{_RULE}$", body, maxsplit=1, flags=re.MULTILINE)[0].rstrip("\n")
        rows = self.client.execute(sql).rows
        return "\n".join([sql, _RULE, *(" | ".join(_text(v) for v in row) for row in rows)])


def run(text: str, url: str) -> str:
    """Run a script on an empty database; return its text with the rows that its queries gave."""
    with dyntables.connect(url) as client, psycopg.connect(url, autocommit=True) as writer:
        writer.execute("SET timezone = 'UTC'")
        runner = Runner(client, writer)
        blocks = []
        line = 1
        for block in text.rstrip("\n").split("\n\n"):
            head, _, body = block.lstrip("\n").partition("\n")
            try:
                blocks.append(block if head.startswith("#") else "\n".join([head, *_lines(runner, head, body)]))
            except (AssertionError, ValueError, psycopg.Error, DyntablesError) as error:
                error.add_note(f"line {line}: {head}\n{body}")
                raise
            line += block.count("\n") + 2
    return "\n\n".join(blocks) + "\n"


def _lines(runner: Runner, head: str, body: str) -> list[str]:
    text = runner.block(head.split(), body)
    return [text] if text else []


def _text(value: object) -> str:
    return "NULL" if value is None else str(value)
