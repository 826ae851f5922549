"""What a channel is: settings that are checked when they are saved, and a way to send one message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from dyntables.alerts.message import Message


class DeliveryError(Exception):
    """A message could not be delivered; the text holds no secret.

    Args:
        response: what is kept of it, and shown.
        permanent: trying again cannot help.
        retry_after: seconds that the receiver asks to wait.
    """

    def __init__(self, response: str, *, permanent: bool = False, retry_after: float | None = None) -> None:
        super().__init__(response)
        self.response = response
        self.permanent = permanent
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message with the key by which its receiver knows that it comes a second time."""

    key: UUID
    message: Message


class Channel(Protocol):
    """A kind of channel."""

    def check(self, config: Mapping[str, str], *, secret: bool) -> None:
        """Refuse settings that cannot work; ``secret``: whether there is one.

        Raises:
            InvalidOptionError: with what is wrong.
        """

    def send(self, config: Mapping[str, str], secret: str | None, outgoing: Outgoing) -> str:
        """Deliver a message; return what the receiver said.

        Raises:
            DeliveryError: it did not take it.
        """
