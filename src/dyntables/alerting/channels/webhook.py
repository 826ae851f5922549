"""Signed webhooks: one POST of JSON, to the address that was checked, following nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping

from dyntables import clock
from dyntables.alerting.channels.channel import Outgoing
from dyntables.alerting.channels.posting import post
from dyntables.alerting.guard import check_url
from dyntables.errors import InvalidOptionError

SIGNATURE = "X-Dyntables-Signature"
KEY = "Idempotency-Key"


class Webhook:
    """``url``; the secret signs."""

    def check(self, config: Mapping[str, str], *, secret: bool) -> None:
        """Refuse what is no URL of a webhook."""
        if set(config) != {"url"}:
            raise InvalidOptionError("a webhook has a url, and a secret that signs")
        check_url(config["url"])

    def send(self, config: Mapping[str, str], secret: str | None, outgoing: Outgoing) -> str:
        """Post a message as JSON."""
        body = json.dumps(outgoing.message.document(), ensure_ascii=False, default=str).encode()
        headers = {KEY: str(outgoing.key)}
        if secret:
            headers[SIGNATURE] = signature(secret, int(clock.now().timestamp()), body)
        return post(config["url"], body, headers)


def signature(secret: str, at: int, body: bytes) -> str:
    """Return the header that proves who sent a body, and when: ``t=<unix>,v1=<hex of HMAC-SHA256 of "t.body">``."""
    digest = hmac.new(secret.encode(), str(at).encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
