"""What people do about alerts, for command line and server alike: everything is checked before it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from dyntables import clock
from dyntables.alerting.channels.channel import DeliveryError, Outgoing
from dyntables.alerting.channels.registry import channel_of
from dyntables.alerting.secrets import Vault
from dyntables.alerts.declaring import Declared, read_rule
from dyntables.alerts.message import Item, Message
from dyntables.alerts.noise.document import read_routing
from dyntables.alerts.noise.matching import parse_matcher
from dyntables.alerts.noise.routing import Destination, destinations
from dyntables.alerts.noise.silencing import Silence
from dyntables.catalog import Connection
from dyntables.catalog.alerts import channels, quieting, rules
from dyntables.catalog.alerts.channels import KeptChannel
from dyntables.catalog.alerts.rules import Kept
from dyntables.catalog.past import audit
from dyntables.errors import InvalidOptionError, NotFoundError

_LONGEST_SILENCE = timedelta(days=366)


def save_rule(connection: Connection, declared: Declared, owner: str, origin: str) -> Kept:
    """Add a rule, or replace the one of that name.

    Raises:
        InvalidOptionError: it names a channel that there is not.
    """
    known = {c.name for c in channels.all_channels(connection)}
    for name in declared.rule.channels:
        if name not in known:
            raise InvalidOptionError(f'there is no channel "{name}"', hint="dyntables alerts channels lists them.")
    with connection.transaction():
        rules.put_rule(connection, Kept(declared.rule, owner, declared.enabled, origin))
        audit.record(connection, "ALERT RULE", declared.rule.name)
    found = rules.find_rule(connection, declared.rule.name)
    assert found is not None
    return found


def add_silence(
    connection: Connection, matchers: Sequence[str], starts_at: datetime, ends_at: datetime, author: str, reason: str
) -> Silence:
    """Add a silence.

    Raises:
        InvalidOptionError: it has no matchers, no reason, or no sensible end.
    """
    if not matchers:
        raise InvalidOptionError("a silence has matchers", hint='Such as table="sales.orders", or rule=~"*" for all.')
    if not reason.strip():
        raise InvalidOptionError("a silence has a reason")
    if not starts_at < ends_at <= starts_at + _LONGEST_SILENCE:
        raise InvalidOptionError("a silence ends after it begins, and within a year")
    parsed = tuple(parse_matcher(text) for text in matchers)
    return quieting.add_silence(connection, parsed, starts_at, ends_at, author, reason)


def save_channel(
    connection: Connection, name: str, kind: str, config: Mapping[str, str], secret: str | None, *, enabled: bool = True
) -> KeptChannel:
    """Add a channel, or replace the one of that name, which keeps its secret if none is given.

    Raises:
        InvalidOptionError: its settings cannot work.
    """
    before = channels.find_channel(connection, name)
    kept = before is not None and before.kind == kind and before.secret is not None
    channel_of(kind).check(config, secret=bool(secret) or kept)
    encrypted = Vault().encrypt(secret) if secret else None
    if kept and before is not None and not secret and dict(config) != dict(before.config):
        # Else whoever may write could send the secret to a server of their own.
        raise InvalidOptionError("the settings of the channel change", hint="Give its secret again.")
    with connection.transaction():
        channels.put_channel(connection, KeptChannel(name, kind, config, encrypted, enabled))
        audit.record(connection, "ALERT CHANNEL", name)
    found = channels.find_channel(connection, name)
    assert found is not None
    return found


def send_test(connection: Connection, name: str) -> str:
    """Send a test message now; return what the receiver said.

    Raises:
        NotFoundError: there is no such channel. InvalidOptionError: the receiver did not take it.
    """
    channel = channels.find_channel(connection, name)
    if channel is None:
        raise NotFoundError(f'there is no channel "{name}"')
    labels = {"rule": "test", "kind": "test", "severity": "info"}
    item = Item("0" * 16, "firing", labels, "this is a test", None, clock.now().isoformat())
    message = Message("[TEST] a message of dyntables", "firing", "FIRST", "test", (item,))
    try:
        secret = Vault().decrypt(channel.secret)
        return channel_of(channel.kind).send(channel.config, secret, Outgoing(uuid4(), message))
    except DeliveryError as error:
        raise InvalidOptionError(f'the channel "{name}" did not take it: {error.response}') from None


def where_to(connection: Connection, labels: Mapping[str, str]) -> tuple[Destination, ...]:
    """Return where an alert with such labels would go."""
    return destinations(read_routing(quieting.route_document(connection)).root, labels)


@dataclass(frozen=True, slots=True)
class Step:
    """One change that a file makes: ``verb`` is add, change or remove."""

    verb: str
    what: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file changes; ``routing``: the document of the tree, None to leave it."""

    steps: tuple[Step, ...]
    put: tuple[Declared, ...]
    removed: tuple[str, ...]
    routing: dict[str, object] | None


def plan(connection: Connection, document: Mapping[str, object]) -> Plan:
    """Compare a file with what is kept; rules that an earlier file made and this one has not are removed.

    Raises:
        InvalidOptionError: with the place of what is wrong.
    """
    unknown = sorted(set(document) - {"rules", "route", "mute_timings"})
    if unknown:
        raise InvalidOptionError(f'"{unknown[0]}" is unknown; the file has rules, route and mute_timings')
    given = document.get("rules", [])
    if not isinstance(given, list) or not all(isinstance(r, Mapping) for r in given):
        raise InvalidOptionError("rules is a list of rules")
    wanted = [read_rule(rule, f"rules[{i}]") for i, rule in enumerate(given)]
    names = {d.rule.name for d in wanted}
    if len(names) < len(wanted):
        raise InvalidOptionError("two rules have one name")
    kept = {k.rule.name: k for k in rules.all_rules(connection)}
    steps, put = [], []
    for declared in wanted:
        before = kept.get(declared.rule.name)
        same = before is not None and Declared(before.rule, before.enabled).document() == declared.document()
        if not same or (before is not None and before.origin != "file"):
            steps.append(Step("change" if before is not None else "add", f"rule {declared.rule.name}"))
            put.append(declared)
    removed = tuple(name for name, k in kept.items() if k.origin == "file" and name not in names)
    steps += [Step("remove", f"rule {name}") for name in removed]
    routing = _routing(document)
    if routing is not None and routing != quieting.route_document(connection):
        steps.append(Step("change", "routes"))
    return Plan(tuple(steps), tuple(put), removed, routing)


def apply(connection: Connection, planned: Plan, owner: str) -> None:
    """Do what a plan says, all of it or nothing."""
    with connection.transaction():
        for declared in planned.put:
            save_rule(connection, declared, owner, "file")
        for name in planned.removed:
            rules.delete_rule(connection, name)
        if planned.routing is not None:
            quieting.put_route(connection, planned.routing)


def _routing(document: Mapping[str, object]) -> dict[str, object] | None:
    found = {name: document[name] for name in ("route", "mute_timings") if name in document}
    if found:
        read_routing(found)
    return found or None
