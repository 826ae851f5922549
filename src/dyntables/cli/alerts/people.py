"""What people do: acknowledge, assign, comment, snooze, resolve; incidents and the report."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from dyntables import Result, clock
from dyntables.alerting import desk
from dyntables.alerting.rehearsal import rehearse
from dyntables.alerts.words import span
from dyntables.catalog import Connection
from dyntables.catalog.alerts import incidents, people, report, rules
from dyntables.cli.alerts.common import Fingerprint, app, connected, found_alert
from dyntables.cli.common import Database, DataDir, Format, OutputFormat, out, print_result
from dyntables.errors import InvalidOptionError, NotFoundError

Note = Annotated[str | None, typer.Option("--note", help="What you say to it.")]


@app.command("ack")
def ack(fingerprint: Fingerprint, note: Note = None, database: Database = None, data_dir: DataDir = None) -> None:
    """Acknowledge an alert that fires: it is not repeated, for a day."""
    _do("acknowledged", fingerprint, database, data_dir, lambda c, f, who: people.acknowledge(c, f, who, note))


@app.command("assign")
def assign(
    fingerprint: Fingerprint,
    to: Annotated[str | None, typer.Argument(help="Whose it is; without it, nobody's.")] = None,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Say whose an alert is."""
    _do("assigned", fingerprint, database, data_dir, lambda c, f, who: people.assign(c, f, who, to))


@app.command("comment")
def comment(
    fingerprint: Fingerprint,
    text: Annotated[str, typer.Argument(help="What you say.")],
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Add to the history of an alert."""
    _do("commented on", fingerprint, database, data_dir, lambda c, f, who: people.comment(c, f, who, text))


@app.command("snooze")
def snooze(
    fingerprint: Fingerprint,
    minutes: Annotated[float, typer.Option("--minutes", min=1, help="For how long.")] = 60,
    note: Note = None,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Keep an alert from being told for a time."""
    until = clock.now() + timedelta(minutes=minutes)
    _do("snoozed", fingerprint, database, data_dir, lambda c, f, who: desk.snooze(c, f, who, until, note))


@app.command("resolve")
def resolve(fingerprint: Fingerprint, note: Note = None, database: Database = None, data_dir: DataDir = None) -> None:
    """Resolve an alert by hand: it fires again only after its condition was clear."""
    _do("resolved", fingerprint, database, data_dir, lambda c, f, who: people.resolve(c, f, who, note))


@app.command("incidents")
def list_incidents(
    every: Annotated[bool, typer.Option("--all", "-a", help="Those that are over, too.")] = False,
    output: OutputFormat = Format.TABLE,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """List incidents: alerts that belong together, by the one that they follow from."""
    with connected(database, data_dir) as connection:
        found = incidents.listed(connection, ended=every, limit=1000)
    columns = ["id", "severity", "what", "text", "alerts", "opened_at", "resolved_at", "acknowledged_by"]
    rows = [
        (
            i.id,
            i.labels.get("severity"),
            i.labels.get("table", i.labels.get("rule")),
            i.text,
            i.alerts,
            i.opened_at,
            i.resolved_at,
            i.acknowledged_by,
        )
        for i in found
    ]
    print_result(Result(columns, rows), output)


@app.command("report")
def show_report(
    days: Annotated[int, typer.Option("--days", min=1, help="Of how many days.")] = 7,
    output: OutputFormat = Format.TABLE,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Say how soon people came, how soon it was over, and what fired while nobody did anything."""
    with connected(database, data_dir) as connection:
        times = report.times(connection, timedelta(days=days))
        found = report.offenders(connection, timedelta(days=days))
    if output is Format.TABLE:
        means = [
            f"{what} {span(seconds) if seconds is not None else 'unknown'}"
            for what, seconds in (("MTTA", times.mean_to_acknowledge), ("MTTR", times.mean_to_resolve))
        ]
        out.print(f"{times.incidents} incidents, {times.acknowledged} acknowledged; {', '.join(means)}", markup=False)
    rows = [(o.rule, o.table_name, o.fired, o.untouched, round(o.seconds, 1)) for o in found]
    print_result(Result(["rule", "table", "fired", "untouched", "seconds"], rows), output)


@app.command("try")
def try_rule(
    rule: Annotated[str, typer.Argument(help="The rule's name.")],
    days: Annotated[float, typer.Option("--days", min=0.01, max=30, help="How far back.")] = 7,
    output: OutputFormat = Format.TABLE,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Say when a rule would have fired, had it been there."""
    with connected(database, data_dir) as connection:
        kept = rules.find_rule(connection, rule)
        if kept is None:
            raise NotFoundError(f'there is no rule "{rule}"')
        found = rehearse(connection, kept.rule, timedelta(days=days))
    if found.why_not is not None:
        raise InvalidOptionError(f'the rule "{rule}" cannot be tried: {found.why_not}')
    rows = [(name, fired.begin, fired.end) for name, replayed in found.tables for fired in replayed.fired]
    print_result(Result(["table", "began", "ended"], rows), output)


def _do(
    what: str,
    beginning: str,
    database: str | None,
    data_dir: Path | None,
    do: Callable[[Connection, str, str], bool],
) -> None:
    with connected(database, data_dir) as connection, connection.transaction():
        alert = found_alert(connection, beginning)
        if not do(connection, alert.fingerprint, getpass.getuser()):
            raise InvalidOptionError("the alert does not fire")
    out.print(f"{what} {alert.fingerprint}", markup=False)
