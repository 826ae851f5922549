"""A browser, and the built app on a real server over a database of its own."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.remote.webdriver import WebDriver

from tests.support.browsers import BROWSERS, open_browser
from tests.web.app import App


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "browser_name" in metafunc.fixturenames:
        metafunc.parametrize("browser_name", BROWSERS, scope="session")


@pytest.fixture(scope="session")
def browser(browser_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    # Several workers must not install the same packages at once.
    with (Path(tmp_path_factory.getbasetemp()).parent / "browsers.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        driver = open_browser(browser_name, tmp_path_factory.mktemp(browser_name))
    yield driver
    driver.quit()


@pytest.fixture
def app(browser: WebDriver) -> Iterator[App]:
    """The app without an address yet: ``app.open(served.address + path)``."""
    yield App(browser)
    browser.get("about:blank")
    browser.delete_all_cookies()
