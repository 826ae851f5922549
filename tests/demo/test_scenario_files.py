"""A scenario's file says what is wrong with it, and where; and the command line plays it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from dyntables.cli import app
from dyntables.demo.scenarios import scenarios
from dyntables.demo.scenarios.model import Batch, Run, Says
from dyntables.demo.scenarios.reading import read
from dyntables.errors import InvalidOptionError

GOOD = """
title = "T"
minutes = 1
[[steps]]
id = "one"
title = "One"
text = "Words."
[[steps.do]]
orders = 5
[[steps.do]]
sql = "SELECT 1"
fails = "x"
[[steps.check]]
statement = "SELECT 1"
lacks = "2"
hint = "Try."
"""


def scenario(folder: Path, text: str) -> None:
    (folder / "scenario.toml").write_text(text)
    read(folder)


def test_a_file_is_read_to_values(tmp_path: Path) -> None:
    (tmp_path / "scenario.toml").write_text(GOOD)
    (tmp_path / "setup.sql").write_text("SELECT 2")
    found = read(tmp_path)
    assert (found.id, found.title, found.minutes, found.setup) == (tmp_path.name, "T", 1, "SELECT 2")
    assert found.steps[0].deeds == (Batch(5), Run("SELECT 1", fails="x"))
    assert found.steps[0].checks == (Says("SELECT 1", "2", False, "Try."),)
    assert found.step("1") is found.step("one") is found.steps[0]
    assert found.step("2") is None


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("minutes = 1", "", r'scenario.toml: "minutes" is missing'),
        ("minutes = 1", 'minutes = "one"', r'"minutes" is of the wrong type'),
        ("minutes = 1", "minutes = 1\ncolour = 2", "unknown colour"),
        ('title = "One"', "", r'steps 1 \(one\): "title" is missing'),
        ("orders = 5", "orders = 5\nsql = 'x'", r"steps 1 \(one\), do 1: unknown sql"),
        ('hint = "Try."', "", r'check 1: "hint" is missing'),
        ('text = "Words."', 'text = "Words."\nneeds = ["wings"]', "how to look for wings"),
        ('id = "one"', 'id = "1"', "an id of its own"),
        ("minutes = 1", 'minutes = 1\ntpch = ["moons"]', "TPC-H has no moons"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, before: str, after: str, message: str) -> None:
    with pytest.raises(InvalidOptionError, match=message):
        scenario(tmp_path, GOOD.replace(before, after, 1))


def test_a_step_needs_a_check(tmp_path: Path) -> None:
    with pytest.raises(InvalidOptionError, match="without a check"):
        scenario(tmp_path, GOOD[: GOOD.index("[[steps.check]]")])


def test_the_list_has_one_line_each() -> None:
    told = CliRunner().invoke(app, ["learn", "--list"])
    assert told.exit_code == 0
    lines = told.output.splitlines()
    assert len(lines) == len(scenarios())
    for line, one in zip(lines, scenarios(), strict=True):
        assert line.startswith(one.id)
        assert one.title in line
        assert line.endswith(f"({one.minutes} minutes)")


def test_the_command_line_plays_step_by_step_and_to_the_end(database_url: str) -> None:
    def learn(*options: str) -> tuple[int, str]:
        told = CliRunner().invoke(app, ["learn", "yours", "--learner", "cli", "--database", database_url, *options])
        return told.exit_code, told.output

    code, told = learn()
    assert code == 0
    assert "· 1. Ask before you do" in told
    assert learn("do")[0] == 0
    code, told = learn("check")
    assert code == 1
    assert "HINT: " in told
    assert "↷ 2. Create it" in learn("skip")[1]
    assert "· 2. Create it" in learn("repeat", "--step", "create")[1]
    assert "begins anew" in learn("reset")[1]
    code, told = learn("--auto")
    assert code == 0, told
    assert told.count("✓ ") == 5 + 1 + 2 + 2 + 2 + 1
    assert learn("do", "--step", "nine")[0] == 1
