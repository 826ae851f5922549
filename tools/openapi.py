"""Write docs/openapi.json from the routes: ``make openapi``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from dyntables.server.app import create_app
from dyntables.settings import Settings

DOCUMENT = Path(__file__).parent.parent / "docs" / "openapi.json"


def openapi() -> str:
    """Return the document as text."""
    return json.dumps(create_app(Settings()).openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> int:
    """Write the file."""
    DOCUMENT.write_text(openapi())
    return 0


if __name__ == "__main__":
    sys.exit(main())
