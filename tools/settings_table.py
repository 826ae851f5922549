"""Write the table of settings in docs/server.md from the code: ``make docs``."""

from __future__ import annotations

import sys
from pathlib import Path

from pydantic import AliasChoices
from pydantic.fields import FieldInfo

from dyntables.settings import Settings

PAGE = Path(__file__).parent.parent / "docs" / "server.md"
_HEAD = "| variable | default | meaning |\n|---|---|---|\n"


def settings_page(present: str) -> str:
    """Return the page with its table renewed; it is the last thing on it."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        shown = "" if default in (None, [], "") else f"`{default}`"
        rows.append(f"| {_variables(name, field)} | {shown} | {field.description} |\n".replace("|  |", "| |"))
    return present[: present.index(_HEAD)] + _HEAD + "".join(rows)


def _variables(name: str, field: FieldInfo) -> str:
    """Return the variables of a setting, the one that goes first first."""
    alias = field.validation_alias
    names = alias.choices if isinstance(alias, AliasChoices) else [f"DYNTABLES_{name.upper()}"]
    return ", ".join(f"`{n}`" for n in names)


def main() -> int:
    """Write the file."""
    PAGE.write_text(settings_page(PAGE.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
