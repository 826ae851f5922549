"""The connection that rooms of policy pass through, by a name that is not the driver's."""

from __future__ import annotations

from typing import Any, TypeAlias

import psycopg

# To them it has ``transaction()``, ``closed`` and ``close()``; what is said over it is in catalog and engines.
Connection: TypeAlias = psycopg.Connection[Any]
