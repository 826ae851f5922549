"""The blocks of SQL that a page of the documentation tells people to run."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def blocks(page: str) -> list[str]:
    """Return the blocks of a page, in order, those in lists without their indentation."""
    text = (DOCS / page).read_text()
    return [textwrap.dedent(b) for b in re.findall(r"^ *```sql\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)]
