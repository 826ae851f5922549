"""Many dynamic tables in pipelines over several schemas, served, with everything wrong that an operator may find."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import psycopg

import dyntables
from dyntables.engines.postgres.connection.session import connect
from dyntables.server.security import users
from dyntables.server.security.roles import Role
from tests.support.servers import drop_database, server_home, start_test_server

PASSWORD = "correct horse battery"
PEOPLE = {"admin": ("ada", Role.ADMIN), "viewer": ("vic", Role.VIEWER)}
SCHEMAS = ("sales", "billing", "logistics", "marketing", "support", "finance")
_PIPELINE = 5
_DATABASE = "walk"
_MAIN = "import sys; from dyntables.cli import main; sys.argv[0] = 'dyntables'; main()"

_SOURCES = """
CREATE SCHEMA {schema};
CREATE TABLE {schema}.customers (id bigint PRIMARY KEY, name text NOT NULL, country text NOT NULL);
CREATE TABLE {schema}.orders (
    id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES {schema}.customers, ordered_at timestamptz NOT NULL,
    status text NOT NULL, amount numeric(12, 2) NOT NULL);
INSERT INTO {schema}.customers
    SELECT i, 'customer ' || i, (ARRAY['DE', 'FR', 'GR', 'PT'])[1 + i % 4] FROM generate_series(1, 200) i;
INSERT INTO {schema}.orders
    SELECT i, 1 + i % 200, now() - i % 60 * interval '1 day', (ARRAY['open', 'paid', 'sent'])[1 + i % 3], 1 + i % 900
    FROM generate_series(1, 2000) i;
"""

_TABLES = """
CREATE DYNAMIC TABLE {schema}.order_facts_{n:02} TARGET_LAG = DOWNSTREAM AS
    SELECT o.id, o.ordered_at::date AS day, o.status, o.amount, c.name, c.country
    FROM {schema}.orders o JOIN {schema}.customers c ON c.id = o.customer_id WHERE o.id % 10 <> {n} % 10;
CREATE DYNAMIC TABLE {schema}.revenue_by_day_{n:02} TARGET_LAG = '{lag} seconds' AS
    SELECT day, count(*) AS orders, sum(amount) AS revenue FROM {schema}.order_facts_{n:02} GROUP BY day;
CREATE DYNAMIC TABLE {schema}.revenue_by_week_{n:02} TARGET_LAG = '{twice} seconds' AS
    SELECT date_trunc('week', day::timestamp)::date AS week, sum(orders) AS orders, sum(revenue) AS revenue
    FROM {schema}.revenue_by_day_{n:02} GROUP BY 1;
CREATE DYNAMIC TABLE {schema}.countries_with_a_name_that_is_rather_long_{n:02} TARGET_LAG = '{twice} seconds' AS
    SELECT country, status, count(*) AS orders, max(amount) AS largest FROM {schema}.order_facts_{n:02} GROUP BY 1, 2;
CREATE DYNAMIC TABLE {schema}.best_customers_{n:02} TARGET_LAG = '{twice} seconds' AS
    SELECT name, sum(amount) AS revenue FROM {schema}.order_facts_{n:02} GROUP BY name ORDER BY revenue DESC, name
    LIMIT 20;
"""

# One table each: failing, slow, refreshed in full, with an altered source, with a locked source.
_TROUBLE = """
CREATE SCHEMA trouble;
CREATE TABLE trouble.prices (id bigint PRIMARY KEY, amount numeric(12, 2) NOT NULL);
CREATE TABLE trouble.vault (id bigint PRIMARY KEY, amount numeric(12, 2) NOT NULL);
CREATE TABLE trouble.moving (id bigint PRIMARY KEY, amount numeric(12, 2) NOT NULL, note text);
CREATE TABLE trouble.pace (seconds float8 NOT NULL);
CREATE TABLE trouble.documents (id bigint PRIMARY KEY, body text NOT NULL);
INSERT INTO trouble.prices SELECT i, i FROM generate_series(1, 500) i;
INSERT INTO trouble.vault SELECT i, i FROM generate_series(1, 500) i;
INSERT INTO trouble.moving SELECT i, i, 'note ' || i FROM generate_series(1, 500) i;
INSERT INTO trouble.pace VALUES (0);
INSERT INTO trouble.documents VALUES (1, 'short'), (2, repeat('long ', 400000));
CREATE FUNCTION trouble.slowly(id bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS
    $$ BEGIN PERFORM pg_sleep(seconds) FROM trouble.pace WHERE seconds > 0; RETURN id; END $$;
CREATE DYNAMIC TABLE trouble.shares TARGET_LAG = '10 seconds' AS SELECT id, 100 / amount AS share FROM trouble.prices;
CREATE DYNAMIC TABLE trouble.best_share TARGET_LAG = '10 seconds' AS SELECT max(share) AS best FROM trouble.shares;
CREATE DYNAMIC TABLE trouble.locked TARGET_LAG = '20 seconds' AS SELECT count(*) AS n, sum(amount) FROM trouble.vault;
CREATE DYNAMIC TABLE trouble.slow TARGET_LAG = '20 seconds' REFRESH_MODE = FULL AS
    SELECT trouble.slowly(id) AS id FROM trouble.prices;
CREATE DYNAMIC TABLE trouble.retyped TARGET_LAG = '20 seconds' AS
    SELECT id, amount * 2 AS double, note FROM trouble.moving;
CREATE DYNAMIC TABLE trouble.dropped_column TARGET_LAG = '20 seconds' AS
    SELECT left(note, 6) AS begins, count(*) AS n FROM trouble.moving GROUP BY 1;
CREATE DYNAMIC TABLE trouble.shuffled TARGET_LAG = '1 day' AS SELECT id, random() AS r FROM trouble.prices;
CREATE DYNAMIC TABLE trouble.texts TARGET_LAG = '1 day' AS SELECT id, body FROM trouble.documents;
CREATE DYNAMIC TABLE trouble.paused TARGET_LAG = '1 minute' AS SELECT count(*) AS n FROM trouble.prices;
CREATE DYNAMIC TABLE trouble.thrown_away TARGET_LAG = '1 day' AS SELECT 1 AS one;
ALTER DYNAMIC TABLE trouble.paused SUSPEND;
DROP DYNAMIC TABLE trouble.thrown_away;
"""

_FAULTS = """
INSERT INTO trouble.prices VALUES (1001, 0);
INSERT INTO trouble.vault VALUES (1001, 1);
UPDATE trouble.pace SET seconds = 0.3;
ALTER TABLE trouble.moving ALTER COLUMN amount TYPE numeric(14, 4);
ALTER TABLE trouble.moving RENAME COLUMN note TO remark;
"""


@contextlib.contextmanager
def stage(tables: int, port: int) -> Iterator[str]:
    """Make the tables, let something be wrong, serve, and yield the address."""
    with server_home() as home, start_test_server(18, home) as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {_DATABASE}")
        url = server.url_for(_DATABASE)
        _create(url, tables)
        with _served(url, port) as address, psycopg.connect(url) as holder:
            holder.execute("SET application_name = 'nightly report'")
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(_FAULTS)
            holder.execute("LOCK TABLE trouble.vault IN ACCESS EXCLUSIVE MODE")
            yield address
        drop_database(server.url, _DATABASE)


def _create(url: str, tables: int) -> None:
    started = time.monotonic()
    with dyntables.connect(url) as client:
        for schema in SCHEMAS:
            client.execute(_SOURCES.format(schema=schema))
        client.execute(_TROUBLE)
        for n in range(tables // _PIPELINE):
            lag = (30, 60, 300)[n % 3]
            client.execute(_TABLES.format(schema=SCHEMAS[n % len(SCHEMAS)], n=n, lag=lag, twice=2 * lag))
    with connect(url) as connection:
        for name, role in PEOPLE.values():
            users.add_user(connection, name, role, PASSWORD)
    print(f"{time.monotonic() - started:6.1f} s to make {tables} tables", flush=True)


@contextlib.contextmanager
def _served(url: str, port: int) -> Iterator[str]:
    port = port or _free_port()
    environment = os.environ | {"DYNTABLES_DATABASE": url, "DYNTABLES_RATE_LIMIT": "", "DYNTABLES_METRICS_SECONDS": "2"}
    environment["DYNTABLES_LOG_LEVEL"] = "WARNING"
    command = [sys.executable, "-c", _MAIN, "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment)
    try:
        address = f"http://localhost:{port}"
        _await_answer(address)
        yield address
    finally:
        process.terminate()
        process.wait(60)


def _await_answer(address: str) -> None:
    until = time.monotonic() + 120
    while True:
        try:
            httpx.get(f"{address}/", trust_env=False).raise_for_status()
            return
        except httpx.HTTPError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        found: int = listener.getsockname()[1]
        return found
