"""``dyntables learn``: scenarios in steps that check themselves."""

from __future__ import annotations

import getpass
import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer
from rich.markdown import Markdown
from rich.padding import Padding
from rich.text import Text

from dyntables.cli.common import Database, DataDir, client, err, errors, out, print_table
from dyntables.demo.scenarios import find_scenario, scenarios
from dyntables.demo.scenarios.model import Batch, Deed, Faults, Live, Run, Scenario, Step, Until
from dyntables.demo.scenarios.player import Outcome, Player
from dyntables.demo.scenarios.progress import State
from dyntables.demo.scenarios.stage import Stage
from dyntables.demo.tpch.progress import terminal_progress
from dyntables.engines.postgres.connection.errors import translated
from dyntables.errors import InvalidOptionError

_MARKS = {
    State.TO_DO: ("·", "dim"),
    State.DONE: ("✓", "green"),
    State.FAILED: ("✗", "bold red"),
    State.SKIPPED: ("↷", "yellow"),
    State.UNAVAILABLE: ("∅", "yellow"),
}

Which = Annotated[str | None, typer.Argument(help="A scenario, by its id.")]


class Move(StrEnum):
    """What to do with a step."""

    SHOW = "show"
    DO = "do"
    CHECK = "check"
    SKIP = "skip"
    REPEAT = "repeat"
    RESET = "reset"


def learn(
    scenario: Which = None,
    move: Annotated[Move, typer.Argument(help="do it for me, check what I did, skip, repeat; reset all.")] = Move.SHOW,
    list_all: Annotated[bool, typer.Option("--list", help="List the scenarios: id, title, minutes.")] = False,
    auto: Annotated[bool, typer.Option("--auto", help="Do and check every step that is left.")] = False,
    step: Annotated[str | None, typer.Option("--step", help="Not the next step, but this: id or number.")] = None,
    learner: Annotated[str | None, typer.Option("--learner", help="Whose progress it is [you].")] = None,
    given: Annotated[list[str] | None, typer.Option("--set", help="A setting of the scenario: name=value.")] = None,
    scale: Annotated[float, typer.Option("--scale", "-s", min=0.001, help="TPC-H scale factor to load.")] = 0.1,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Learn by doing: scenarios whose steps check themselves."""
    if list_all or scenario is None:
        _list()
        return
    with errors():
        chosen, settings = find_scenario(scenario), _settings(given or [])
    with (
        client(database, data_dir) as opened,
        Stage(opened.url, chosen, learner or _user(), settings) as stage,
        translated(),
    ):
        if move is Move.RESET:
            stage.reset()
            out.print(f"{chosen.id} begins anew")
        if auto or move is not Move.RESET:
            with terminal_progress(err) as progress:
                stage.prepare(scale, progress)
            code = _auto(Player(stage)) if auto else _move(Player(stage), move, step)
            raise typer.Exit(code)


def _list() -> None:
    every = scenarios()
    width = max(len(s.id) for s in every)
    for one in every:
        out.print(f"{one.id:<{width}}  {one.title}  ({one.minutes} minutes)")


def _auto(player: Player) -> int:
    outcomes = []
    for outcome in player.auto():
        _print_outcome(player.scenario, outcome)
        outcomes.append(outcome)
    return _exit_code(outcomes)


def _move(player: Player, move: Move, named: str | None) -> int:
    step = _step(player, named)
    if step is None:
        _print_standing(player)
        out.print(f"all steps are done; once more: dyntables learn {player.scenario.id} reset")
        return 0
    if move in (Move.DO, Move.CHECK):
        outcome = player.do(step) if move is Move.DO else player.check(step)
        _print_outcome(player.scenario, outcome)
        return _exit_code([outcome])
    if move is Move.SKIP:
        player.skip(step)
    elif move is Move.REPEAT:
        player.repeat(step)
    _print_standing(player)
    if move is Move.SHOW:
        _print_step(player, step)
    return 0


def _step(player: Player, named: str | None) -> Step | None:
    """Return the step that is named, or else the next one."""
    if named is None:
        return player.present()
    step = player.scenario.step(named)
    if step is None:
        raise InvalidOptionError(
            f'"{player.scenario.id}" has no step "{named}"',
            hint=f"It has {', '.join(s.id for s in player.scenario.steps)}.",
        )
    return step


def _exit_code(outcomes: Sequence[Outcome]) -> int:
    """Return 0 if every check held, 3 if steps are not available here, 1 if a check failed."""
    states = {outcome.state for outcome in outcomes}
    return 1 if State.FAILED in states else 3 if State.UNAVAILABLE in states else 0


def _print_standing(player: Player) -> None:
    out.print(Text(player.scenario.title, style="bold"))
    for number, (step, state) in enumerate(player.standing(), start=1):
        mark, style = _MARKS[state]
        out.print(Text(f"{mark} ", style=style) + Text(f"{number}. {step.title}"))


def _print_step(player: Player, step: Step) -> None:
    out.print()
    out.print(Markdown(f"## {step.title}\n\n{step.text}"))
    for deed in step.deeds:
        out.print(Text(_written(player, deed), style="cyan"))
    out.print(Text(f"schema {player.stage.schema}; page {step.look or '/'}", style="dim"))
    out.print(f"dyntables learn {player.scenario.id} do      does this for you, and checks it")
    out.print(f"dyntables learn {player.scenario.id} check   checks what you have done")


def _written(player: Player, deed: Deed) -> str:
    match deed:
        case Run(sql, session):
            return player.stage.written(sql) + (f"   -- in session {session}" if session != "learner" else "")
        case Batch(orders, every_kind):
            return f"-- {orders:,} orders come in" + (", and as many change, are cancelled and move" * every_kind)
        case Live(rate, seconds):
            return f"-- {rate:g} orders a second for {seconds:g} seconds, while the tables are scheduled"
        case Until(query):
            return f"-- wait until\n{player.stage.written(query).strip()}"
        case Faults(share):
            return f"-- a fault in {share:.1%} of the rows"


def _print_outcome(scenario: Scenario, outcome: Outcome) -> None:
    mark, style = _MARKS[outcome.state]
    number = scenario.steps.index(outcome.step) + 1
    out.print(Text(f"{mark} ", style=style) + Text(f"{number}. {outcome.step.title}  ({outcome.seconds:.1f} s)"))
    if outcome.says:
        out.print(Padding(Text(outcome.says), (0, 0, 0, 4), expand=False))
    for checked in outcome.checks:
        mark, style = _MARKS[State.DONE if checked.holds else State.FAILED]
        out.print(Padding(Text(f"{mark} ", style=style) + Text(checked.says), (0, 0, 0, 4), expand=False))
        if checked.hint:
            out.print(Padding(Text(f"HINT: {checked.hint}"), (0, 0, 0, 6), expand=False))
    if outcome.shown.columns:
        print_table(outcome.shown.columns, outcome.shown.rows)


def _settings(given: Sequence[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise InvalidOptionError(f'"{wrong[0]}" is not a setting', hint="Write it as name=value.")
    return {name: value for name, _, value in pairs}


def _user() -> str:
    return re.sub(r"[^a-z0-9_]+", "_", getpass.getuser().lower())[:24] or "me"
