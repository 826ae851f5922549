"""A message to a channel: a document of plain values, and its plain text and HTML. Names in it are anybody's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape

from dyntables.alerts.model import Alert

MOST_LISTED = 100
_LONGEST_TEXT = 500
_LONGEST_SUBJECT = 150


@dataclass(frozen=True, slots=True)
class Item:
    """One alert in a message; ``follows``: the tables whose alerts follow from it and are not told by themselves."""

    fingerprint: str
    status: str
    labels: Mapping[str, str]
    text: str
    value: float | None
    since: str | None
    follows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel is told; ``more``: how many alerts are not listed."""

    subject: str
    status: str
    telling: str
    group: str
    alerts: tuple[Item, ...]
    more: int = 0
    version: int = 1

    def document(self) -> dict[str, object]:
        """Return it as JSON has it."""
        return asdict(self)


def compose(
    telling: str,
    group: str,
    firing: Iterable[Alert],
    resolved: Iterable[Alert],
    follows: Mapping[str, Sequence[str]],
    flapping: Collection[str] = (),
) -> Message:
    """Write the message of a group.

    Args:
        telling: why it is sent.
        group: what its alerts have in common.
        firing: the alerts that fire.
        resolved: those that the channel believed to fire.
        follows: tables by the fingerprint of what they follow from.
        flapping: the fingerprints of those that come and go.
    """
    items = [_item(a, "firing", follows.get(a.fingerprint, ()), a.fingerprint in flapping) for a in firing]
    items += [_item(a, "resolved", (), False) for a in resolved]
    fires = [i for i in items if i.status == "firing"]
    status = "firing" if fires else "resolved"
    named = (fires or items)[:1]
    what = f"{named[0].labels.get('table', named[0].labels.get('rule', ''))}: {named[0].text}" if named else group
    others = len(fires or items) - 1
    subject = f"[{status.upper()}] {what}" + (f" and {others} more" if others > 0 else "")
    listed = tuple(items[:MOST_LISTED])
    return Message(one_line(subject, _LONGEST_SUBJECT), status, telling, group, listed, len(items) - len(listed))


def message_of(document: Mapping[str, object]) -> Message:
    """Read a message back from JSON."""
    values = dict(document)
    alerts = values.pop("alerts", ())
    assert isinstance(alerts, Iterable)
    items = tuple(Item(**{**a, "follows": tuple(a.get("follows", ()))}) for a in alerts)
    return Message(alerts=items, **values)  # type: ignore[arg-type]


def plain(message: Message) -> str:
    """Return a message as lines of text."""
    lines = [message.subject, ""]
    for item in message.alerts:
        lines.append(f"{item.status.upper()} {_of(item)}: {one_line(item.text, _LONGEST_TEXT)}")
        if item.follows:
            lines.append(f"  follows from it: {', '.join(one_line(n, 100) for n in item.follows)}")
    if message.more:
        lines.append(f"and {message.more} more")
    return "\n".join(lines) + "\n"


def html(message: Message) -> str:
    """Return a message as HTML, in which nothing that it names is markup."""
    rows = []
    for item in message.alerts:
        follows = f"<br>follows from it: {escape(', '.join(item.follows))}" if item.follows else ""
        rows.append(
            f"<tr><td>{escape(item.status.upper())}</td><td>{escape(_of(item))}</td>"
            f"<td>{escape(item.text[:_LONGEST_TEXT])}{follows}</td></tr>"
        )
    more = f"<p>and {message.more} more</p>" if message.more else ""
    return f"<h3>{escape(message.subject)}</h3><table>{''.join(rows)}</table>{more}"


def one_line(text: str, longest: int) -> str:
    """Return a text without line breaks and control characters, of any script, and not longer than that."""
    clean = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"


def _of(item: Item) -> str:
    labels = item.labels
    return one_line(f"{labels.get('rule', '')} {labels.get('table', '')} ({labels.get('severity', '')})", 200)


def _item(alert: Alert, status: str, follows: Sequence[str], flaps: bool) -> Item:
    since = alert.standing.since.isoformat() if alert.standing.since is not None else None
    text = (f"it comes and goes; {alert.standing.text}" if flaps else alert.standing.text)[:_LONGEST_TEXT]
    return Item(alert.fingerprint, status, dict(alert.labels), text, alert.standing.value, since, tuple(follows[:50]))
