"""The dashboard: it shows alerts as the catalog has them, so nothing has to be sent."""

from __future__ import annotations

from collections.abc import Mapping

from dyntables.alerting.channels.channel import Outgoing
from dyntables.errors import InvalidOptionError


class Dashboard:
    """The channel that is always there."""

    def check(self, config: Mapping[str, str], *, secret: bool) -> None:
        """Refuse settings: it has none."""
        if config or secret:
            raise InvalidOptionError("the dashboard has no settings")

    def send(self, config: Mapping[str, str], secret: str | None, outgoing: Outgoing) -> str:
        """Do nothing."""
        return "shown"
