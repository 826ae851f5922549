"""What the compiler makes of every operator is what was reviewed."""

from __future__ import annotations

import pytest

from tests.support import golden


@pytest.mark.parametrize("operator", golden.files())
def test_golden(database_url: str, operator: str) -> None:
    text = golden.files()[operator].read_text()
    assert golden.write(golden.filled(golden.parse(text), database_url)) == text, "run make golden, and read the diff"
