"""What people do with the app, in real browsers, on the built app with a real server and database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import psycopg
import pytest
from selenium.webdriver.common.keys import Keys

import dyntables
from dyntables.engines.postgres.connection.session import connect
from dyntables.server.security import users
from dyntables.server.security.roles import Role
from tests.server.conftest import Served, serving
from tests.web.app import App

pytestmark = pytest.mark.slow

SCHEMA = """
CREATE TABLE orders (id bigint PRIMARY KEY, ordered_at timestamptz NOT NULL, amount numeric(12, 2) NOT NULL);
INSERT INTO orders SELECT i, timestamptz '2026-01-01 12:00Z' + i % 20 * interval '1 day', i
    FROM generate_series(1, 400) i;
"""


@pytest.fixture
def database(new_database: Callable[[], str]) -> str:
    url = new_database()
    with dyntables.connect(url) as client:
        client.execute(SCHEMA)
    return url


@pytest.fixture
def served(database: str) -> Iterator[Served]:
    with serving(database, workers=1, metrics_seconds=1) as running:
        yield running


def test_build_from_a_template_and_watch_it_follow(app: App, served: Served, database: str) -> None:
    app.open(served.address, "/builder")
    app.click("Templates")
    app.click("Totals by day")
    app.sees("This table will be refreshed incrementally")
    app.choose("Target lag", "10 seconds")
    app.sees("TARGET_LAG = '10 seconds'")
    app.click("Explain & test")
    app.sees("Sample of the result")
    app.click("Create")
    app.sees("orders_by_day created and filled")
    app.sees("Nothing is wrong with this table")
    app.live()
    with psycopg.connect(database, autocommit=True) as connection:
        (before,) = connection.execute("SELECT max(id) FROM dyntables.refresh").fetchone() or (0,)
        connection.execute("INSERT INTO orders VALUES (1001, '2027-05-05 12:00Z', 77)")
    app.open(served.address, "/tables/public/orders_by_day/refreshes?show=work")
    # It refreshes by itself, and the page learns of it by itself.
    app.sees("Scheduled", seconds=60)
    query = "SELECT action, rows_inserted FROM dyntables.refresh WHERE id > %s AND action <> 'NO_DATA'"
    with psycopg.connect(database) as connection:
        assert connection.execute(query, (before,)).fetchall() == [("INCREMENTAL", 1)]
    app.click("Verify")
    app.sees("orders_by_day equals its definition")
    # A stretch of the lag, dragged over, is what all charts of the page show.
    app.open(served.address, "/tables/public/orders_by_day/lag?window=5m")
    app.sees("Rows written a second")
    chart = "svg[aria-label^='Lag over time']"
    app.drag(chart, 0.5, 0.9)
    app.wait(lambda: "from=" in app.driver.current_url, "a range of its own")
    begin, end = (int(part.split("=")[1]) for part in app.driver.current_url.split("?")[1].split("&")[-2:])
    assert 60_000 < end - begin < 240_000

    def window_again() -> bool:
        # Firefox takes the first click after a drag for its end, now and then.
        app.click("5m")
        time.sleep(0.5)
        return "from=" not in app.driver.current_url

    app.wait(window_again, "the window again")


def test_find_the_cause_of_a_failure(app: App, served: Served, database: str) -> None:
    with dyntables.connect(database) as client:
        client.execute(
            "CREATE DYNAMIC TABLE shares TARGET_LAG = '10 seconds' AS SELECT id, 100 / amount AS share FROM orders;"
            "CREATE DYNAMIC TABLE best TARGET_LAG = '10 seconds' AS SELECT max(share) AS best FROM shares"
        )
        app.open(served.address)
        app.sees("All 2 dynamic tables are fresh")
        app.live()
        client.execute("INSERT INTO orders VALUES (2001, '2026-01-01', 0)")
    app.sees("Look here first", seconds=60)
    app.sees("division by zero")
    app.click("public.shares")
    app.sees("division by zero")
    app.sees("Failing")
    app.click("Refreshes")
    app.click("Failed")
    app.click_first('//*[@role="row"][contains(., "division by zero")]//a[contains(@href, "refreshes/")]')
    app.sees("Why it failed")
    app.sees("SQLSTATE 22012")


def test_cancel_a_refresh_that_runs(app: App, served: Served, database: str) -> None:
    with dyntables.connect(database) as client:
        client.execute("CREATE TABLE pace (seconds float8); INSERT INTO pace VALUES (0)")
        client.execute(
            "CREATE FUNCTION slowly(id bigint) RETURNS bigint LANGUAGE plpgsql VOLATILE AS "
            "$$ BEGIN PERFORM pg_sleep(seconds) FROM public.pace WHERE seconds > 0; RETURN id; END $$"
        )
        client.execute("CREATE DYNAMIC TABLE slow TARGET_LAG = '1 day' AS SELECT slowly(id) AS id FROM orders")
        client.execute("UPDATE pace SET seconds = 1; INSERT INTO orders VALUES (3001, '2026-01-01', 1)")
    app.open(served.address, "/tables/public/slow")
    app.live()
    app.click("Refresh now")
    # 401 rows take as many seconds: it runs until somebody stops it.
    app.click("Cancel")
    app.open(served.address, "/tables/public/slow/refreshes")
    app.sees("Cancelled")
    with psycopg.connect(database) as connection:
        # The table kept its contents, and nothing of the refresh is left at work.
        assert connection.execute("SELECT count(*) FROM slow").fetchone() == (400,)
        running = connection.execute("SELECT count(*) FROM dyntables.refresh_progress").fetchone()
        assert running == (0,)


def test_come_back_after_the_server_was_restarted(app: App, database: str) -> None:
    with serving(database) as first:
        port = first.port
        app.open(first.address, "/tables")
        app.live()
        app.sees("No dynamic table yet")
    app.wait(lambda: not app.driver.find_elements("css selector", '[data-live="live"]'), "the break")
    with dyntables.connect(database) as client:
        client.execute("CREATE DYNAMIC TABLE late TARGET_LAG = '1 hour' AS SELECT count(*) AS n FROM orders")
    app.live("offline")
    with serving(database, port=port):
        app.live()
        app.sees("Connected again")
        app.sees("late")
        app.open(app.origin, "/tables")
        app.sees("late")
        app.driver.get("about:blank")


def test_sign_in_and_out(app: App, database: str) -> None:
    dyntables.connect(database).close()
    with connect(database) as connection:
        users.add_user(connection, "ada", Role.ADMIN, "correct horse battery")
    with serving(database) as served:
        app.open(served.address, "/settings?tab=people")
        app.fill("Name", "ada")
        app.fill("Password", "wrong password")
        app.click("Sign in")
        app.sees("name or password is wrong")
        app.fill("Password", "correct horse battery")
        app.click("Sign in")
        # What was asked for is shown once somebody is in, and writes carry the sign-in's token.
        app.sees("Add a person")
        app.fill("Name", "bob")
        app.fill("Password", "another long one")
        app.click("Add")
        app.sees("bob")
        app.click("Account: ada, admin")
        app.click("Sign out")
        app.sees("Dynamic tables for PostgreSQL")
        app.driver.get("about:blank")


def test_query_and_explain_in_the_console(app: App, served: Served) -> None:
    app.open(served.address, "/console?sql=SELECT%20id%2C%20amount%20FROM%20orders%20ORDER%20BY%20id%20DESC")
    app.sees("At most 10,000 rows are shown; an export has all")
    app.click("Run")
    app.sees("400 rows in")
    app.click("Explain analyze")
    app.sees("Scan on orders")
    app.write("DELETE FROM orders")
    app.click("Run")
    app.sees("read-only")
    app.write("SELECT pg_sleep(600)")
    app.click("Run")
    app.click("Cancel")
    app.sees("Cancelled")
    app.wait(lambda: served.client.get("/api/v1/queries").json() == [], "the end of the query")


def test_the_keyboard_leads_everywhere(app: App, served: Served, database: str) -> None:
    with dyntables.connect(database) as client:
        client.execute("CREATE DYNAMIC TABLE totals TARGET_LAG = '1 hour' AS SELECT count(*) AS n FROM orders")
    app.open(served.address)
    app.sees("The dynamic table is fresh")
    app.press("g", "t")
    app.wait(lambda: "/tables" in app.driver.current_url, "the tables")
    app.sees("totals")
    app.press("?")
    app.sees("Keyboard shortcuts")
    app.press(Keys.ESCAPE)
    app.misses("Keyboard shortcuts")
    app.press_with_control("k")
    palette = '[aria-label="Command palette"] input'
    app.wait(lambda: app.driver.find_elements("css selector", palette), "the palette")
    app.press("public.totals")
    app.wait(lambda: app.driver.find_elements("css selector", ".Mui-focused[role=option]"), "the choice")
    app.press(Keys.ENTER)
    app.sees("Nothing is wrong with this table")


def test_take_back_a_drop(app: App, served: Served, database: str) -> None:
    with dyntables.connect(database) as client:
        client.execute("CREATE DYNAMIC TABLE totals TARGET_LAG = '1 hour' AS SELECT count(*) AS n FROM orders")
    for way in ("Undo", "Restore"):
        app.open(served.address, "/tables/public/totals")
        app.click("More actions")
        app.click("Drop")
        app.sees("It can be brought back for a day")
        app.click("Drop", within='//*[@role="dialog"]')
        app.sees("public.totals dropped")
        app.sees("No dynamic table yet")
        if way == "Restore":
            app.click("Dropped: 1")
            app.sees("by demo")
            app.sees("kept until")
        app.click(way)
        app.sees("public.totals is back")
        if way == "Restore":
            app.sees("Nothing can be restored")
            app.press(Keys.ESCAPE)
            app.misses("Nothing can be restored")
        app.click("totals")
        app.sees("Nothing is wrong with this table")
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT n FROM totals").fetchone() == (400,)
        trail = connection.execute("SELECT action FROM dyntables.audit WHERE object = 'public.totals' ORDER BY id")
        assert [action for (action,) in trail] == ["CREATE", "DROP", "UNDROP", "DROP", "UNDROP"]


def test_take_back_a_target_lag(app: App, served: Served, database: str) -> None:
    with dyntables.connect(database) as client:
        client.execute("CREATE DYNAMIC TABLE totals TARGET_LAG = '1 hour' AS SELECT count(*) AS n FROM orders")
    app.open(served.address, "/tables/public/totals/settings")
    app.fill("Target lag", "7 minutes")
    app.press(Keys.ESCAPE)
    app.click("Save")
    app.sees("Saved")
    query = "SELECT target_lag_seconds FROM dyntables.dynamic_table"
    with psycopg.connect(database, autocommit=True) as connection:
        assert connection.execute(query).fetchone() == (420,)
        app.click("Undo")
        app.wait(lambda: connection.execute(query).fetchone() == (3600,), "the old target lag")
