"""The documentation in a browser: its scripts run under the policy, search needs no internet, axe is content."""

from __future__ import annotations

import time

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from dyntables.server.docs import folder
from tests.server.conftest import serving
from tests.web.app import App
from tests.web.test_accessibility import AXE, RULES, TRY

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (folder() / "index.html").is_file(), reason="make site"),
]


def test_it_is_searched_and_accessible(app: App, database_url: str) -> None:
    with serving(database_url) as served:
        _try(app, served.address)


def _try(app: App, address: str) -> None:
    app.open(address, "/docs/")
    driver = app.driver
    driver.execute_script("document.querySelector('[data-md-toggle=search]').click()")
    field = driver.find_element(By.CSS_SELECTOR, "input.md-search__input")

    def results(_: WebDriver) -> list[str]:
        # The page's script may not listen yet: what is typed before is not heard.
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys("frozen region")
        time.sleep(1)
        links = driver.find_elements(By.CSS_SELECTOR, ".md-search-result__link")
        return [link.get_attribute("href") or "" for link in links]

    found = WebDriverWait(driver, 30).until(results)
    assert any("frozen.html" in link for link in found), found
    bad_pages = {}
    for page in ("", "user-guide.html", "sql-reference.html", "schema.html"):
        driver.get(address + "/docs/" + page)
        driver.execute_script(AXE.read_text())
        bad = [v for v in driver.execute_async_script(TRY, RULES) if v[0] in ("serious", "critical")]
        if bad:
            bad_pages[page] = bad
    assert not bad_pages
