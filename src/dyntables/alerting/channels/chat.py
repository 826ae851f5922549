"""Chats with incoming webhooks as Slack has them: Slack, Mattermost, Rocket.Chat, and Discord at ``/slack``."""

from __future__ import annotations

import json
from collections.abc import Mapping

from dyntables.alerting.channels.channel import DeliveryError, Outgoing
from dyntables.alerting.channels.posting import post
from dyntables.alerting.guard import check_url
from dyntables.alerts.message import plain
from dyntables.errors import InvalidOptionError

_LONGEST = 3500


class Chat:
    """No settings; the secret is the URL of the webhook, as whoever knows it may write there."""

    def check(self, config: Mapping[str, str], *, secret: bool) -> None:
        """Refuse settings, and a channel without its URL."""
        if config or not secret:
            raise InvalidOptionError("a chat has no settings", hint="Its secret is the URL of its incoming webhook.")

    def send(self, config: Mapping[str, str], secret: str | None, outgoing: Outgoing) -> str:
        """Post a message as text, in which nothing is a mention or a link."""
        try:
            check_url(secret or "")
        except InvalidOptionError as error:
            raise DeliveryError(error.message, permanent=True) from None
        text = plain(outgoing.message)
        short = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
        return post(secret or "", json.dumps({"text": _escaped(short)}, ensure_ascii=False).encode(), {})


def _escaped(text: str) -> str:
    """Return a text as Slack takes what is no markup; ``@`` gets a joiner, so that it notifies nobody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "@\u2060")
