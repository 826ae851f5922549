from __future__ import annotations

import psycopg

import dyntables
from tools.schema_page import PAGE, schema_page


def test_the_schema_page_is_that_of_the_database(database_url: str) -> None:
    with dyntables.connect(database_url), psycopg.connect(database_url) as connection:
        assert PAGE.read_text() == schema_page(connection), "run make docs"
