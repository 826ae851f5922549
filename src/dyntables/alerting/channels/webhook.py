"""Signed webhooks: one POST of JSON, to the address that was checked, following nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping

import httpx

from dyntables import clock
from dyntables.alerting.channels.channel import DeliveryError, Outgoing
from dyntables.alerting.guard import Target, check_url, resolve
from dyntables.errors import InvalidOptionError

SIGNATURE = "X-Dyntables-Signature"
KEY = "Idempotency-Key"
_SECONDS = 10.0
_RETRIED = (408, 425, 429)


class Webhook:
    """``url``; the secret signs."""

    def check(self, config: Mapping[str, str], *, secret: bool) -> None:
        """Refuse what is no URL of a webhook."""
        if set(config) != {"url"}:
            raise InvalidOptionError("a webhook has a url, and a secret that signs")
        check_url(config["url"])

    def send(self, config: Mapping[str, str], secret: str | None, outgoing: Outgoing) -> str:
        """Post a message; anything but 2xx is a failure, and only a receiver's own "no" is not tried again."""
        body = json.dumps(outgoing.message.document(), ensure_ascii=False, default=str).encode()
        headers = {"Content-Type": "application/json", "User-Agent": "dyntables", KEY: str(outgoing.key)}
        if secret:
            headers[SIGNATURE] = signature(secret, int(clock.now().timestamp()), body)
        status, wait = _post(resolve(config["url"]), body, headers)
        if 200 <= status < 300:
            return f"HTTP {status}"
        permanent = 300 <= status < 500 and status not in _RETRIED
        raise DeliveryError(f"HTTP {status}", permanent=permanent, retry_after=wait)


def signature(secret: str, at: int, body: bytes) -> str:
    """Return the header that proves who sent a body, and when: ``t=<unix>,v1=<hex of HMAC-SHA256 of "t.body">``."""
    digest = hmac.new(secret.encode(), str(at).encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def _post(target: Target, body: bytes, headers: Mapping[str, str]) -> tuple[int, float | None]:
    """Return the status, and how long the receiver asks to wait."""
    address = f"[{target.address}]" if ":" in target.address else target.address
    host = f"[{target.host}]" if ":" in target.host else target.host
    usual = target.port == (443 if target.scheme == "https" else 80)
    sent = {**headers, "Host": host if usual else f"{host}:{target.port}"}
    try:
        with (
            httpx.Client(timeout=_SECONDS, follow_redirects=False, trust_env=False) as client,
            client.stream(
                "POST",
                f"{target.scheme}://{address}:{target.port}{target.path}",
                content=body,
                headers=sent,
                # The certificate is that of the name, although the connection goes to the address.
                extensions={"sni_hostname": target.host},
            ) as response,
        ):
            # What it says is not kept: it is anybody's, and may be endless.
            return response.status_code, _retry_after(response.headers.get("Retry-After"))
    except httpx.TimeoutException:
        raise DeliveryError(f"no answer within {_SECONDS:.0f} s") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DeliveryError(f"could not be reached: {type(error).__name__}") from None


def _retry_after(value: str | None) -> float | None:
    return float(value) if value is not None and value.isascii() and value.isdecimal() and len(value) < 8 else None
