"""What people do about alerts, for command line and server alike: everything is checked before it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from dyntables import clock
from dyntables.alerting.channels.channel import DeliveryError, Outgoing
from dyntables.alerting.channels.registry import channel_of
from dyntables.alerting.secrets import Vault
from dyntables.alerts.declaring import Declared
from dyntables.alerts.message import Item, Message
from dyntables.alerts.noise.document import read_routing
from dyntables.alerts.noise.matching import all_match, parse_matcher
from dyntables.alerts.noise.pacing import USUAL
from dyntables.alerts.noise.routing import Destination, channels_of, destinations
from dyntables.alerts.noise.silencing import Silence
from dyntables.catalog import Connection
from dyntables.catalog.alerts import channels, listing, people, quieting, rules
from dyntables.catalog.alerts.channels import KeptChannel
from dyntables.catalog.alerts.rules import Kept
from dyntables.catalog.past import audit
from dyntables.errors import InvalidOptionError, NotFoundError

_LONGEST_SILENCE = timedelta(days=366)
_LONGEST_SNOOZE = timedelta(days=30)


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


def hit_by(connection: Connection, matchers: Sequence[str]) -> list[listing.Listed]:
    """Return the alerts that a silence with such matchers would keep from being told.

    Raises:
        InvalidOptionError: one is no matcher.
    """
    parsed = tuple(parse_matcher(text) for text in matchers)
    found = listing.listed(connection, listing.Wanted(("pending", "firing", "error", "no_data"), limit=10_000))
    return [a for a in found if parsed and all_match(parsed, a.labels)]


def snooze(connection: Connection, fingerprint: str, who: str, until: datetime, note: str | None) -> bool:
    """Keep a firing alert from being told until an instant; tell whether there is such a one.

    Raises:
        InvalidOptionError: that is in the past, or more than 30 days away.
    """
    if not clock.now() < until <= clock.now() + _LONGEST_SNOOZE:
        raise InvalidOptionError("an alert is snoozed until an instant within 30 days")
    return people.snooze(connection, fingerprint, who, until, note)


def save_routes(connection: Connection, document: Mapping[str, object]) -> dict[str, object]:
    """Replace the routing tree: ``route`` and ``mute_timings``.

    Raises:
        InvalidOptionError: with the place of what is wrong; a channel that there is not is wrong, too.
    """
    unknown = sorted(set(document) - {"route", "mute_timings"})
    if unknown:
        raise InvalidOptionError(f'"{unknown[0]}" is unknown; a routing tree has route and mute_timings')
    known = {c.name for c in channels.all_channels(connection)}
    for name in sorted(channels_of(read_routing(document).root)):
        if name not in known:
            raise InvalidOptionError(f'the routing tree names the channel "{name}", and there is none')
    with connection.transaction():
        quieting.put_route(connection, dict(document))
        audit.record(connection, "ALERT ROUTES", "route")
    return dict(document)


def save_channel(
    connection: Connection,
    name: str,
    kind: str,
    config: Mapping[str, str],
    secret: str | None,
    *,
    enabled: bool = True,
    per_minute: int = USUAL,
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
        channels.put_channel(connection, KeptChannel(name, kind, config, encrypted, enabled, per_minute=per_minute))
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
