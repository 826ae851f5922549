"""``dyntables alerts``: what fires, who is at it, what is watched, and where messages go."""

from dyntables.cli.alerts import people, watching
from dyntables.cli.alerts.common import app

__all__ = ["app", "people", "watching"]
