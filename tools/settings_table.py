"""Write the table of settings in docs/server.md from the code: ``make docs``."""

from __future__ import annotations

import sys
from pathlib import Path

from dyntables.settings import Settings

PAGE = Path(__file__).parent.parent / "docs" / "server.md"
_HEAD = "| variable | default | meaning |\n|---|---|---|\n"


def settings_page(present: str) -> str:
    """Return the page with its table renewed; it is the last thing on it."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        shown = "" if default in (None, [], "") else f"`{default}`"
        rows.append(f"| `DYNTABLES_{name.upper()}` | {shown} | {field.description} |\n".replace("|  |", "| |"))
    return present[: present.index(_HEAD)] + _HEAD + "".join(rows)


def main() -> int:
    """Write the file."""
    PAGE.write_text(settings_page(PAGE.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
