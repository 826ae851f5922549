"""docs/requirements.md names only what exists."""

from __future__ import annotations

import re

from tests.docs.blocks import DOCS

ROOT = DOCS.parent


def test_every_file_that_is_named_exists() -> None:
    named = re.findall(
        r"`([\w./-]+/[\w./-]+|[\w.]+\.(?:yaml|yml|md)|Dockerfile)`", (DOCS / "requirements.md").read_text()
    )
    assert len(named) > 40
    assert [n for n in named if not (ROOT / n).exists()] == []


def test_every_requirement_has_a_row() -> None:
    text = (DOCS / "requirements.md").read_text()
    rows = set(re.findall(r"^\| (\d\.\d)", text, re.MULTILINE))
    assert rows == {f"{n}.{m}" for n, last in ((1, 5), (3, 6), (4, 6), (5, 3)) for m in range(1, last + 1)} | {
        f"2.{m}" for m in range(1, 6)
    }
