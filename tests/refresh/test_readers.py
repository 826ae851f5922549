"""Readers in a loop during swaps and differences: no error, no empty or mixed read; benchmarks/readers.py is larger."""

from __future__ import annotations

import pytest

from benchmarks.readers import run


@pytest.mark.pg(15, 18)
def test_readers_see_whole_contents_throughout(database_url: str) -> None:
    report = run(database_url, readers=6, refreshes=14, quiet_seconds=0.3, pause=0.001)
    assert report.wrong == []
    assert report.forms == {"SWAP": 7, "DIFF": 7}
    assert len(report.busy) >= 6, "each reader read at least once while it was refreshed"
