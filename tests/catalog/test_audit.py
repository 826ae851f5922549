"""What is delivered has licences that fit ours; others are told apart."""

from __future__ import annotations

from importlib import metadata

from tools.audit import allowed, check_licences, python_licences, web_licences


def test_what_is_delivered_fits() -> None:
    assert check_licences() == 0
    assert {"psycopg", "fastapi", "anyio", "pyarrow"} <= python_licences().keys()  # ours, theirs, and of an extra
    assert "react" in web_licences()
    assert "pytest" not in python_licences()
    assert "vitest" not in web_licences()


def test_what_does_not_fit_is_told() -> None:
    assert not allowed(metadata.metadata("codespell")["License-Expression"])
    unfit = [
        "",
        "GPL-3.0-or-later",
        "AGPL-3.0",
        "MIT AND GPL-2.0-only",
        "Proprietary",
        "MIT LICENSE BUT NOT",
        "SSPL-1.0",
    ]
    assert [licence for licence in unfit if allowed(licence)] == []
    fit = ["MIT", "mit license", "(MIT OR CC0-1.0)", "GPL-2.0-only OR Apache-2.0", "Apache-2.0 AND BSD-2-Clause"]
    assert [licence for licence in fit if not allowed(licence)] == []
