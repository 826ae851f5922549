"""Walks through the house: which module called which while something was done, and whether any went back up."""

from __future__ import annotations

import sys
import threading
import tomllib
from pathlib import Path
from types import FrameType
from typing import Any, Self

import dyntables

_ROOT = str(Path(dyntables.__file__).parent) + "/"
_CONTRACTS = Path(__file__).parents[2] / "pyproject.toml"


def floors() -> dict[str, int]:
    """Return the floor of each room, the ground floor is 0: as import-linter has them."""
    [layers] = [
        contract["layers"]
        for contract in tomllib.loads(_CONTRACTS.read_text())["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    ]
    return {room.strip(): floor for floor, rooms in enumerate(reversed(layers)) for room in rooms.split("|")}


class Walk:
    """Records the calls between rooms of the house while it is entered, in all threads that begin meanwhile.

    ``steps``: from room to room, in the order in which they were made first. ``climbs``: those to a floor above, but
    for what was handed down from there: a function that stands in another one, or a lambda.
    """

    def __init__(self) -> None:
        self._floors = floors()
        self.steps: dict[tuple[str, str], None] = {}
        self.climbs: set[str] = set()
        self._ended = False

    def __enter__(self) -> Self:
        threading.setprofile(self._look)
        sys.setprofile(self._look)
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Look no more."""
        self._ended = True
        sys.setprofile(None)
        threading.setprofile(None)

    @property
    def rooms(self) -> list[str]:
        """The rooms in the order in which they were entered."""
        return list(dict.fromkeys(room for _, room in self.steps))

    def _look(self, frame: FrameType, event: str, _: Any) -> None:
        if (
            self._ended
            or event != "call"
            or frame.f_code.co_name == "<module>"
            or not frame.f_code.co_filename.startswith(_ROOT)
        ):
            return
        caller = frame.f_back
        while caller is not None and not caller.f_code.co_filename.startswith(_ROOT):
            caller = caller.f_back
        if caller is None:
            return
        self.note(_module(caller), caller.f_code.co_qualname, _module(frame), frame.f_code.co_qualname)

    def note(self, caller: str, by: str, callee: str, function: str) -> None:
        """Note a call: the module and function that call, and those that are called."""
        from_, to = _room(caller), _room(callee)
        if from_ == to:
            return
        self.steps.setdefault((from_, to))
        handed_down = "<l" in function  # <locals>, <lambda>
        if self._floors[to.partition(".")[0]] > self._floors[from_.partition(".")[0]] and not handed_down:
            self.climbs.add(f"{caller}.{by} → {callee}.{function}")


def _module(frame: FrameType) -> str:
    return frame.f_code.co_filename.removeprefix(_ROOT).removesuffix(".py").replace("/", ".")


def _room(module: str) -> str:
    """Return the room of a module: the folder that it is in, or itself if it stands in the hall."""
    return module.rpartition(".")[0].removesuffix(".__init__") or module.removesuffix(".__init__")
