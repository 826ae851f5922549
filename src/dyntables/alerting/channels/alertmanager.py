"""An external Alertmanager: alerts by its API, each until it is told to be resolved."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta

from dyntables import clock
from dyntables.alerting.channels.channel import Outgoing
from dyntables.alerting.channels.posting import post
from dyntables.alerting.guard import check_url
from dyntables.alerts.message import Item
from dyntables.errors import InvalidOptionError

_PATH = "/api/v2/alerts"
# Longer than repeats are apart, so that it does not take for resolved what still fires.
_HOLDS = timedelta(hours=24)


class Alertmanager:
    """``url``: of Alertmanager, without its API's path; the secret: a bearer token, if it wants one."""

    def check(self, config: Mapping[str, str], *, secret: bool) -> None:
        """Refuse what is no URL."""
        if set(config) != {"url"}:
            raise InvalidOptionError("an Alertmanager has a url, and maybe a token as its secret")
        check_url(config["url"])

    def send(self, config: Mapping[str, str], secret: str | None, outgoing: Outgoing) -> str:
        """Post the alerts of a message. It knows them by their labels, so that a second time changes nothing."""
        body = json.dumps([_alert(item) for item in outgoing.message.alerts], ensure_ascii=False).encode()
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        return post(config["url"].rstrip("/") + _PATH, body, headers)


def _alert(item: Item) -> dict[str, object]:
    ends = clock.now() + (timedelta() if item.status == "resolved" else _HOLDS)
    follows = {"follows": ", ".join(item.follows)} if item.follows else {}
    return {
        "labels": {"alertname": item.labels.get("rule", "dyntables"), **item.labels},
        "annotations": {"summary": item.text, "fingerprint": item.fingerprint, **follows},
        **({"startsAt": item.since} if item.since is not None and item.status == "firing" else {}),
        "endsAt": ends.isoformat(),
    }
