"""A PostgreSQL server of our own, for people who have none at hand.

`start_embedded` is the whole of it; the rest of this folder is how: `binaries` finds a server program, `account` says
who runs it, `settings` sizes it, `process` watches it, `watchdog` ends it when its last user is gone.
"""

from dyntables.engines.postgres.embedded.server import EmbeddedServer, start_embedded

__all__ = ["EmbeddedServer", "start_embedded"]
