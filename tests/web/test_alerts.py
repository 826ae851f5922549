"""Alerts in the app: a fault appears by itself, is taken care of, and goes; a rule is tried before it is saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

import dyntables
from tests.server.conftest import Served, module_database, serving  # noqa: F401
from tests.web.app import App
from tests.web.test_accessibility import AXE, RULES, TRY

SCHEMA = """
CREATE TABLE orders (id integer, amount numeric); INSERT INTO orders VALUES (1, 1), (2, 2);
CREATE DYNAMIC TABLE shares TARGET_LAG = '1 second' SUSPEND_AFTER_FAILURES = 0
    AS SELECT id, 100 / amount AS share FROM orders;
CREATE DYNAMIC TABLE top_shares TARGET_LAG = '1 second' AS SELECT id, share FROM shares WHERE share > 1;
"""


@pytest.fixture(scope="module")
def url(module_database: Callable[[], str]) -> str:  # noqa: F811
    url = module_database()
    with dyntables.connect(url) as client:
        client.execute(SCHEMA)
    return url


@pytest.fixture(scope="module")
def served(url: str) -> Iterator[Served]:
    with serving(url, workers=1) as running:
        yield running


def axe(app: App, script: str) -> list[object]:
    app.driver.execute_script(script)
    found = app.driver.execute_async_script(TRY, RULES)
    return [v for v in found if v[0] in ("serious", "critical")]


def test_a_fault_is_seen_taken_care_of_and_gone(app: App, served: Served, url: str, browser_name: str) -> None:
    if browser_name != "chromium":
        pytest.skip("one browser is enough; the other goes through the journeys")
    script = Path(AXE).read_text()
    app.open(served.address, "/alerts")
    app.sees("Nothing fires")
    app.live()
    app.wait(lambda: app.driver.find_elements("css selector", "[aria-label='No open incidents']"), "the bell")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE orders SET amount = 0 WHERE id = 1")
        # The notice comes by itself; whichever alert was found first gives it its name.
        app.wait(
            lambda: app.driver.find_elements("xpath", "//*[@role='log']//*[contains(text(), 'public.')]"), "a notice"
        )
        app.sees("upstream failing")
        app.sees("follows from another")
        assert not axe(app, script)
        app.click("public.shares")
        app.sees("this is the root")
        app.sees("public.top_shares")
        app.wait(
            lambda: app.driver.find_elements("css selector", "svg[aria-label*='The measure over time']"), "a chart"
        )
        assert not axe(app, script)
        app.click("Acknowledge")
        app.click("Acknowledge", within='//*[@role="dialog"]')
        app.sees("acknowledged by")
        app.open(served.address)
        app.sees("public.shares: its refresh failed 1 time")  # one line on the overview
        app.open(served.address, "/tables/public/shares/alerts")
        app.sees("refresh failing")
        connection.execute("UPDATE orders SET amount = 1 WHERE id = 1")
        app.sees("Resolved", seconds=60)
        app.wait(lambda: app.driver.find_elements("css selector", "[aria-label='No open incidents']"), "the bell")
    app.open(served.address, "/alerts/incidents?ended=yes")
    app.sees("#1")
    assert not axe(app, script)
    app.driver.set_window_size(390, 844)
    try:
        for path, text in PAGES.items():
            app.open(served.address, path)
            app.sees(text)
            assert not axe(app, script), path
            wide = app.driver.execute_script("return document.documentElement.scrollWidth")
            assert wide <= 390, path
    finally:
        app.driver.set_window_size(1440, 1000)


PAGES = {
    "/alerts?state=all": "Resolved",
    "/alerts/incidents/1": "Timeline",
    "/alerts/rules": "quality failing",
    "/alerts/silences": "Nothing is silenced",
    "/alerts/routes": "on the dashboard only",
    "/alerts/channels": "Send test",
    "/alerts/report": "MTTA",
}


def test_a_rule_is_tried_on_the_past_before_it_is_saved(app: App, served: Served, browser_name: str) -> None:
    if browser_name != "chromium":
        pytest.skip("one browser is enough")
    app.open(served.address, "/alerts/rules?rule=%2B")
    app.fill("Name", "often failing")
    app.choose("Condition", "Refresh failed")
    app.click("Try it on the last 7 days")
    app.sees("at 2 tables")
    app.click("Save")
    app.sees("often failing saved")
    app.open(served.address, "/alerts/silences?matchers=rule%3D%22often%20failing%22")
    app.sees("It would silence")
