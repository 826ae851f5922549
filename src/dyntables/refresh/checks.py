"""The checks that every refresher makes of new contents, in order: ``Refresher(checks=CHECKS)``."""

from __future__ import annotations

from collections.abc import Sequence

from dyntables.refresh.one import Check
from dyntables.refresh.quality.blocking import block_on_violation

CHECKS: Sequence[Check] = (block_on_violation,)
