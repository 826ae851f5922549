"""A bad row is found, understood and corrected in the app; the page learns of a check by itself."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

import dyntables
from tests.server.conftest import serving
from tests.web.app import App

pytestmark = pytest.mark.slow


def test_find_understand_and_correct_a_bad_row(app: App, new_database: Callable[[], str]) -> None:
    url = new_database()
    with dyntables.connect(url) as client:
        client.execute("CREATE TABLE orders (id bigint PRIMARY KEY, country text NOT NULL, amount numeric NOT NULL)")
        client.execute("INSERT INTO orders SELECT i, 'DE', i FROM generate_series(1, 60) i")
        client.execute("UPDATE orders SET amount = -amount WHERE id > 30")
    with serving(url) as served:
        app.open(served.address, "/quality")
        app.sees("No rules yet")
        app.open(served.address, "/quality/new?table=public.orders")
        app.choose("What has to be so", "range")
        app.fill("Column", "amount")
        app.fill("At least", "0")
        app.fill("At most", "NULL")
        app.sees("CHECK range(amount, 0, NULL)")
        app.click("Try on the present rows")
        app.sees("30 of 60 rows would fail (50%)")
        app.click("Save rule")
        app.sees("amount_range saved")
        app.click("Check now")
        app.sees("Rows that fail now")
        app.sees("Rows 1 – 25")
        app.click("Next")
        app.sees("Rows 26 – 30")
        app.open(served.address, "/quality")
        app.sees("30 / 60")
        app.live()
        # Corrected and checked elsewhere: the page says so.
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("UPDATE orders SET amount = -amount WHERE amount < 0")
        with dyntables.connect(url) as client:
            client.execute("CHECK QUALITY OF orders")
        app.sees("No rule fails")
        app.open(served.address, "/quality/public/orders?suggest=show")
        app.sees("60 different values in 60 rows")
        app.click("Use unique(id)")
        app.sees("id_unique")  # the row, which stays, unlike the notice
