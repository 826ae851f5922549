"""The table of channels, by kind."""

from __future__ import annotations

from dyntables.alerting.channels.alertmanager import Alertmanager
from dyntables.alerting.channels.channel import Channel
from dyntables.alerting.channels.chat import Chat
from dyntables.alerting.channels.dashboard import Dashboard
from dyntables.alerting.channels.email import Email
from dyntables.alerting.channels.webhook import Webhook
from dyntables.errors import InvalidOptionError

CHANNELS: dict[str, Channel] = {
    "alertmanager": Alertmanager(),
    "chat": Chat(),
    "dashboard": Dashboard(),
    "email": Email(),
    "webhook": Webhook(),
}


def channel_of(kind: str) -> Channel:
    """Return the channel of a kind.

    Raises:
        InvalidOptionError: there is none.
    """
    if kind not in CHANNELS:
        raise InvalidOptionError(f'there is no kind of channel "{kind}"', hint=f"One of: {', '.join(CHANNELS)}.")
    return CHANNELS[kind]
