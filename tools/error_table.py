"""Write the table of error codes in docs/troubleshooting.md from the code: ``make docs``."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

from dyntables import errors

PAGE = Path(__file__).parent.parent / "docs" / "troubleshooting.md"
_BEGIN, _END = "<!-- codes -->\n", "<!-- end -->\n"


def errors_page(present: str) -> str:
    """Return the page with its table renewed."""
    rows = [f"| {kind.code} | `{kind.__name__}` | {_meaning(kind)} |\n" for kind in sorted(_kinds(), key=_code)]
    before, _, rest = present.partition(_BEGIN)
    after = rest.partition(_END)[2]
    return f"{before}{_BEGIN}| code | exception | means |\n|---|---|---|\n{''.join(rows)}{_END}{after}"


def _kinds() -> Iterator[type[errors.DyntablesError]]:
    for _, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, errors.DyntablesError) and "code" in vars(kind) and kind is not errors.DyntablesError:
            yield kind


def _code(kind: type[errors.DyntablesError]) -> str:
    return kind.code


def _meaning(kind: type[errors.DyntablesError]) -> str:
    first = (inspect.getdoc(kind) or "").partition("\n\n")[0]
    return " ".join(first.split()).rstrip(".").replace("``", "`")


def main() -> int:
    """Write the file."""
    PAGE.write_text(errors_page(PAGE.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
