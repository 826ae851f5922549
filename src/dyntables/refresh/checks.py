"""The checks that every refresher makes of new contents, in order: ``Refresher(checks=CHECKS)``."""

from __future__ import annotations

from collections.abc import Sequence

from dyntables.refresh.one import Check
from dyntables.refresh.quality.blocking import keep_to_rules

CHECKS: Sequence[Check] = (keep_to_rules,)
