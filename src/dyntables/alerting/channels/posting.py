"""One POST of JSON to the address that was checked, following nothing; what channels over HTTP share."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from dyntables.alerting.channels.channel import DeliveryError
from dyntables.alerting.guard import Target, resolve

_SECONDS = 10.0
_RETRIED = (408, 425, 429)


def post(url: str, body: bytes, headers: Mapping[str, str]) -> str:
    """Post a body, and return what the receiver said.

    Raises:
        DeliveryError: anything but 2xx; only a receiver's own "no" is not tried again.
    """
    fixed = {"Content-Type": "application/json", "User-Agent": "dyntables"}
    status, wait = _post(resolve(url), body, {**fixed, **headers})
    if 200 <= status < 300:
        return f"HTTP {status}"
    permanent = 300 <= status < 500 and status not in _RETRIED
    raise DeliveryError(f"HTTP {status}", permanent=permanent, retry_after=wait)


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
