"""The wheel is all that is needed: in an empty venv, far from the repository, it runs the demonstration."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.servers import server_home

ROOT = Path(__file__).parents[2]
LIMIT_BYTES = 15_000_000
STATIC = ROOT / "src" / "dyntables" / "server" / "static" / "index.html"

pytestmark = [
    pytest.mark.rare,
    pytest.mark.skipif(not STATIC.exists(), reason="the web app is not built: make web"),
]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel as `make wheel` does."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = folder.glob("dyntables-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Iterator[Path]:
    """Give a folder outside the repository with a venv that has the wheel, and what it asks for, alone."""
    with server_home() as home:
        venv.create(home / "venv", with_pip=True)
        pip = [home / "venv" / "bin" / "pip", "install", "--quiet", "-c", ROOT / "requirements.lock", wheel]
        subprocess.run(pip, check=True, capture_output=True, cwd=home)
        yield home


def run(home: Path, *options: str) -> str:
    """Run dyntables of the venv as somebody would who has nothing else: neither our path nor our settings."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "DYNTABLES", "VIRTUAL_ENV"))}
    command = [home / "venv" / "bin" / "dyntables", *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=home, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_holds_app_statements_and_lessons_and_nothing_of_the_tests(wheel: Path) -> None:
    assert wheel.stat().st_size < LIMIT_BYTES
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "dyntables/server/static/index.html",
        "dyntables/server/site/index.html",
        "dyntables/catalog/migrations/0001_",
        "dyntables/demo/pipelines/01_",
        "dyntables/demo/scenarios/race/scenario.toml",
        "dyntables/py.typed",
    ):
        assert any(name.startswith(wanted) for name in names), wanted
    assert {name.split("/")[0].split("-")[0] for name in names} == {"dyntables"}
    assert not any(name.endswith((".pyc", ".map")) or "/tests/" in name for name in names)


def test_the_demonstration_runs_from_the_wheel_alone(installed: Path) -> None:
    told = run(installed, "demo", "--once", "--scale", "0.01", "--data-dir", str(installed / "data"))
    proven = re.findall(
        r"^(analytics\.\w+) .* (INCREMENTAL|FULL) .* (yes|NO)\s*$", told.replace("│", " "), re.MULTILINE
    )
    assert len(proven) == 7, told
    assert {verdict for _, _, verdict in proven} == {"yes"}
    assert sorted(name for name, action, _ in proven if action == "FULL") == [
        "analytics.monthly_sales_summary",
        "analytics.product_performance_full",
    ]


def test_the_lessons_are_listed_from_the_wheel_alone(installed: Path) -> None:
    assert run(installed, "learn", "--list").count(" minutes)\n") == 6


def test_nothing_but_the_runtime_is_installed(installed: Path) -> None:
    packages = installed / "venv" / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    present = {path.name.split("-")[0] for path in packages.glob("*.dist-info")}
    assert "pytest" not in present
    assert shutil.which("node", path=str(installed / "venv" / "bin")) is None
