"""The component tests of the web app, which vitest runs."""

from __future__ import annotations

import pytest

from tools.npm import npm


@pytest.mark.slow
def test_components() -> None:
    assert npm("run", "--silent", "test") == 0
