"""Mail: plain text and HTML, over SMTP with TLS; the mails of one group are one thread."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from collections.abc import Mapping
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from dyntables import clock
from dyntables.alerting.channels.channel import DeliveryError, Outgoing
from dyntables.alerts.message import html, one_line, plain
from dyntables.errors import InvalidOptionError

_SECONDS = 10.0
_SETTINGS = {"host", "port", "tls", "user", "from", "to"}
_TLS = ("starttls", "implicit", "none")


class Email:
    """``host``, ``port``, ``tls`` (starttls, implicit, none), ``user``, ``from``, ``to``; the secret: a password."""

    def check(self, config: Mapping[str, str], *, secret: bool) -> None:
        """Refuse settings that cannot work."""
        unknown = sorted(set(config) - _SETTINGS)
        missing = [name for name in ("host", "from", "to") if not config.get(name)]
        if unknown or missing:
            raise InvalidOptionError(
                f'the mail channel has no "{(missing or unknown)[0]}"', hint=f"It has {', '.join(sorted(_SETTINGS))}."
            )
        if config.get("tls", "starttls") not in _TLS:
            raise InvalidOptionError(f"tls is one of {', '.join(_TLS)}")
        if not config.get("port", "587").isdecimal() or not 0 < int(config.get("port", "587")) < 65536:
            raise InvalidOptionError("port is a number up to 65535")
        if secret and config.get("tls") == "none":
            raise InvalidOptionError("a password is not sent without TLS")
        for address in (config["from"], *_receivers(config)):
            _address(address)

    def send(self, config: Mapping[str, str], secret: str | None, outgoing: Outgoing) -> str:
        """Hand a mail to the server."""
        try:
            with _connected(config) as server:
                if config.get("user"):
                    server.login(config["user"], secret or "")
                refused = server.send_message(mail(config, outgoing))
        except smtplib.SMTPAuthenticationError:
            raise DeliveryError("the server refuses user and password", permanent=True) from None
        except smtplib.SMTPRecipientsRefused as error:
            permanent = all(code >= 500 for code, _ in error.recipients.values())
            raise DeliveryError("the server refuses the receivers", permanent=permanent) from None
        except smtplib.SMTPResponseException as error:
            raise DeliveryError(f"SMTP {error.smtp_code}", permanent=error.smtp_code >= 500) from None
        except (OSError, smtplib.SMTPException) as error:
            raise DeliveryError(f"could not be reached: {type(error).__name__}") from None
        return f"accepted, {len(refused)} receivers refused" if refused else "accepted"


def mail(config: Mapping[str, str], outgoing: Outgoing) -> EmailMessage:
    """Return the mail; one that is sent twice has the same Message-ID."""
    message = outgoing.message
    made = EmailMessage()
    made["Subject"] = one_line(message.subject, 150)
    made["From"] = _address(config["from"])
    made["To"] = [_address(a) for a in _receivers(config)]
    made["Date"] = format_datetime(clock.now())
    made["Message-ID"] = f"<{outgoing.key}@dyntables>"
    # Not that of a mail, but of all of a group: readers show them as one conversation.
    made["References"] = f"<{hashlib.sha256(message.group.encode()).hexdigest()[:32]}@dyntables>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(plain(message))
    made.add_alternative(html(message), subtype="html")
    return made


def _connected(config: Mapping[str, str]) -> smtplib.SMTP:
    host, tls = config["host"], config.get("tls", "starttls")
    port = int(config.get("port", "465" if tls == "implicit" else "587"))
    context = ssl.create_default_context()
    if tls == "implicit":
        return smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=context)
    server = smtplib.SMTP(host, port, timeout=_SECONDS)
    if tls == "starttls":
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server


def _receivers(config: Mapping[str, str]) -> list[str]:
    return [a.strip() for a in config["to"].split(",") if a.strip()]


def _address(text: str) -> Address:
    try:
        if one_line(text, 320) != text or not text.rpartition("@")[2]:
            raise ValueError
        return Address(addr_spec=text)
    except (ValueError, MessageError, IndexError):
        raise InvalidOptionError(f'"{one_line(text, 100)}" is no mail address') from None
