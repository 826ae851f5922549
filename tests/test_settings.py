"""Settings from the environment, and their table in the docs."""

from __future__ import annotations

from pathlib import Path

import pytest

from dyntables.settings import Settings
from tools.settings_table import PAGE, settings_page

PLAIN, OURS = "REDIS_URL", "DYNTABLES_REDIS_URL"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (PLAIN, OURS):
        monkeypatch.delenv(name, raising=False)


def redis_of(settings: Settings) -> str | None:
    return settings.redis_url.get_secret_value() if settings.redis_url is not None else None


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({PLAIN: "redis://plain"}, "redis://plain"),
        ({OURS: "redis://ours"}, "redis://ours"),
        ({PLAIN: "redis://plain", OURS: "redis://ours"}, "redis://ours"),
        ({PLAIN: ""}, None),
        # Whoever has a Redis for something else can say that it is not for us.
        ({PLAIN: "redis://plain", OURS: ""}, None),
    ],
)
@pytest.mark.parametrize("place", ["environment", "file"])
def test_redis_has_two_names(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: str | None, place: str
) -> None:
    if place == "file":
        Path(".env").write_text("".join(f"{name}={value}\n" for name, value in environment.items()))
    else:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
    assert redis_of(Settings()) == expected


def test_what_is_given_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PLAIN, "redis://plain")
    monkeypatch.setenv(OURS, "redis://ours")
    assert redis_of(Settings(redis_url="redis://given")) == "redis://given"  # type: ignore[arg-type]
    assert redis_of(Settings(redis_url=None)) is None


def test_the_table_in_the_docs_is_up_to_date() -> None:
    page = PAGE.read_text()
    assert page == settings_page(page), "run: make docs"
    assert f"| `{OURS}`, `{PLAIN}` |" in page
