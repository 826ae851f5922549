"""What fires, what is watched, and where messages go."""

from __future__ import annotations

import getpass
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
import yaml

from dyntables import Result, clock
from dyntables.alerting import desk, planning
from dyntables.alerts.declaring import Declared
from dyntables.catalog.alerts import channels as channel_rows
from dyntables.catalog.alerts import listing
from dyntables.catalog.alerts import rules as rule_rows
from dyntables.cli.alerts.common import Fingerprint, app, connected, found_alert
from dyntables.cli.common import Database, DataDir, Format, OutputFormat, out, print_result
from dyntables.engines.postgres.rights.membership import user_of
from dyntables.errors import InvalidOptionError

RuleFile = Annotated[Path, typer.Argument(help="YAML with rules, route and mute_timings.", exists=True, dir_okay=False)]


@app.command("list")
def list_all(
    every: Annotated[bool, typer.Option("--all", "-a", help="Resolved ones, too.")] = False,
    table: Annotated[str | None, typer.Option("--table", help="Of this table only: schema.name.")] = None,
    output: OutputFormat = Format.TABLE,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """List alerts, those that fire first."""
    states = () if every else ("pending", "firing", "error", "no_data")
    with connected(database, data_dir) as connection:
        found = listing.listed(connection, listing.Wanted(states, table=table))
    rows = [
        (
            a.fingerprint,
            a.state,
            a.labels["severity"],
            a.labels["rule"],
            a.labels.get("table"),
            a.since,
            a.text,
            _mark(a),
        )
        for a in found
    ]
    columns = ["fingerprint", "state", "severity", "rule", "table", "since", "text", "note"]
    print_result(Result(columns, rows), output)


@app.command("show")
def show(
    fingerprint: Fingerprint, output: OutputFormat = Format.TABLE, database: Database = None, data_dir: DataDir = None
) -> None:
    """Show what has happened to an alert, the newest first."""
    with connected(database, data_dir) as connection:
        alert = found_alert(connection, fingerprint)
        rows = [
            (h.at, h.before, h.after, h.reason, h.text, h.who) for h in listing.history(connection, alert.fingerprint)
        ]
    print_result(Result(["at", "before", "after", "reason", "text", "who"], rows), output)


@app.command("silence")
def silence(
    matchers: Annotated[list[str], typer.Argument(help="Such as table=sales.orders severity!=critical.")],
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    minutes: Annotated[float, typer.Option("--minutes", min=0.1, help="For how long.")] = 60,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Keep alerts with such labels from being told, for a time."""
    begins = clock.now()
    with connected(database, data_dir) as connection:
        ends = begins + timedelta(minutes=minutes)
        made = desk.add_silence(connection, matchers, begins, ends, getpass.getuser(), reason)
    out.print(f"silence {made.id} until {made.ends_at:%Y-%m-%d %H:%M:%S %Z}", markup=False)


@app.command("rules")
def list_rules(output: OutputFormat = Format.TABLE, database: Database = None, data_dir: DataDir = None) -> None:
    """List the rules; as JSON, as files have them."""
    with connected(database, data_dir) as connection:
        kept = rule_rows.all_rules(connection)
    if output is Format.JSON:
        documents = [Declared(k.rule, k.enabled).document() for k in kept]
        columns = sorted({name for d in documents for name in d})
        print_result(Result(columns, [tuple(d.get(c) for c in columns) for d in documents]), output)
        return
    rows = [(k.rule.name, k.rule.kind, k.rule.selector, str(k.rule.severity), k.enabled, k.origin) for k in kept]
    print_result(Result(["name", "kind", "tables", "severity", "enabled", "origin"], rows), output)


@app.command("channels")
def list_channels(output: OutputFormat = Format.TABLE, database: Database = None, data_dir: DataDir = None) -> None:
    """List the channels, with the last error of each."""
    with connected(database, data_dir) as connection:
        found = channel_rows.all_channels(connection)
    rows = [(c.name, c.kind, c.secret is not None, c.enabled, c.last_sent_at, c.last_error) for c in found]
    print_result(Result(["name", "kind", "secret", "enabled", "last_sent_at", "last_error"], rows), output)


@app.command("channel")
def put_channel(
    name: Annotated[str, typer.Argument(help="The channel's name.")],
    kind: Annotated[str, typer.Option("--kind", help="email, webhook, chat or alertmanager.")],
    settings: Annotated[list[str] | None, typer.Option("--set", help="A setting, such as url=https://….")] = None,
    per_minute: Annotated[
        int, typer.Option("--per-minute", min=1, max=10_000, help="How many messages it takes; of more, one tells.")
    ] = 20,
    secret_stdin: Annotated[bool, typer.Option("--secret-stdin", help="Read the secret from standard input.")] = False,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Add a channel, or replace the one of that name."""
    given = [setting.partition("=") for setting in settings or []]
    secret = sys.stdin.readline().rstrip("\n") if secret_stdin else None
    with connected(database, data_dir) as connection:
        config = {key: value for key, _, value in given}
        desk.save_channel(connection, name, kind, config, secret, per_minute=per_minute)
    out.print(f"saved {name}", markup=False)


@app.command("test")
def try_out(
    channel: Annotated[str | None, typer.Argument(help="Send a test message to this channel.")] = None,
    labels: Annotated[list[str] | None, typer.Option("--label", help="Say where an alert with it goes: a=b.")] = None,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Send a test message, or say where an alert with some labels would go, and why."""
    with connected(database, data_dir) as connection:
        if channel is not None:
            out.print(desk.send_test(connection, channel), markup=False)
        if labels or channel is None:
            pairs = [label.partition("=") for label in labels or []]
            for place in desk.where_to(connection, {key: value for key, _, value in pairs}):
                out.print(f"{place.channel}  by {' > '.join(place.path)}", markup=False)


@app.command("plan")
def plan(file: RuleFile, database: Database = None, data_dir: DataDir = None) -> None:
    """Say what a file would change."""
    with connected(database, data_dir) as connection:
        _print(planning.plan(connection, _read(file)))


@app.command("apply")
def apply(file: RuleFile, database: Database = None, data_dir: DataDir = None) -> None:
    """Change rules and routes to what a file says."""
    with connected(database, data_dir) as connection:
        planned = planning.plan(connection, _read(file))
        planning.apply(connection, planned, user_of(connection))
        _print(planned)


def _print(planned: planning.Plan) -> None:
    for step in planned.steps:
        out.print(f"{step.verb} {step.what}", markup=False)
    if not planned.steps:
        out.print("nothing changes")


def _read(file: Path) -> dict[str, object]:
    try:
        document = yaml.safe_load(file.read_text())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidOptionError(f"{file} is no YAML: {error}") from None
    if not isinstance(document, dict):
        raise InvalidOptionError(f"{file} has no rules", hint="It begins with rules: or route:.")
    return document


def _mark(alert: listing.Listed) -> str | None:
    care = alert.care
    if care.acknowledged is not None:
        return f"acknowledged by {care.acknowledged.by}"
    if care.assigned_to is not None:
        return f"assigned to {care.assigned_to}"
    if alert.inhibited_by is not None:
        return f"follows from {alert.inhibited_by}"
    return f"silence {alert.silenced_by}" if alert.silenced_by is not None else None
