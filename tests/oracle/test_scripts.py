"""The correctness script of every operator: each refresh runs as expected and equals its definition."""

from __future__ import annotations

import pytest

from tests.support import scripts


@pytest.mark.pg(15, 18)
@pytest.mark.parametrize("operator", scripts.files())
def test_script(database_url: str, operator: str) -> None:
    text = scripts.files()[operator].read_text()
    assert scripts.run(text, database_url) == text
