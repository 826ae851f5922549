"""Where webhooks may go: not to this machine or its private network, unless an administrator allows it."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from dyntables.alerting.channels.channel import DeliveryError
from dyntables.errors import InvalidOptionError

VARIABLE = "DYNTABLES_WEBHOOK_ALLOWED"
"""Networks, separated by commas, to which webhooks may go although they are private."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL whose host was looked up once: the address that was checked is the one to connect to."""

    scheme: str
    host: str
    port: int
    path: str
    address: str


def check_url(url: str) -> None:
    """Refuse what no webhook may have, whatever its host means.

    Raises:
        InvalidOptionError: with what is wrong.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidOptionError("the URL of the webhook cannot be read") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise InvalidOptionError("a webhook has a URL such as https://host/path")
    if parts.username or parts.password:
        raise InvalidOptionError("a name and password do not belong into the URL of a webhook, which anybody can see")
    if any(ord(c) <= 32 or ord(c) == 127 for c in url):
        raise InvalidOptionError("the URL of a webhook has no blanks and control characters")


def resolve(url: str) -> Target:
    """Look the host of a URL up, and check every address that it has.

    Raises:
        DeliveryError: the host is unknown, or has an address that is not allowed.
    """
    parts = urlsplit(url)
    assert parts.hostname is not None
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise DeliveryError(f"the host {parts.hostname} is not known") from None
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        if not may_reach(address):
            raise DeliveryError(
                f"the host {parts.hostname} is at a private address, which {VARIABLE} does not allow", permanent=True
            )
    path = parts.path or "/"
    return Target(parts.scheme, parts.hostname, port, f"{path}?{parts.query}" if parts.query else path, addresses[0])


def may_reach(address: str) -> bool:
    """Tell whether a webhook may go to an address: a public one, or one that is allowed by name of its network."""
    ip = ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    checked = [ip, mapped] if mapped is not None else [ip]
    allowed = [ip_network(n.strip(), strict=False) for n in os.environ.get(VARIABLE, "").split(",") if n.strip()]
    return all((c.is_global and not c.is_multicast) or any(c in network for network in allowed) for c in checked)
