"""A definition means what it means under the settings of the session that wrote it, whoever refreshes it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

import dyntables

SCHEMA = """
CREATE TABLE t (id integer PRIMARY KEY, raw text, at timestamptz, day date, span interval, b bytea, f float8,
    m numeric, fold timestamptz[]);
INSERT INTO t VALUES
    (1, '05-06-07', '2024-07-01 12:00Z', '2024-02-03', '1 day -2 hours', '\\x00ff', 0.1, 1234.5, '{2014-10-25 22:30Z}'),
    (2, '01-02-03', '2024-01-01 23:30+00', '2024-05-06', '1 year 2 mons', '\\x41', 1.5, 2, '{2014-10-25 21:30Z}');
CREATE TABLE u (id integer, raw text, at timestamptz);
"""
CHANGES = [
    "INSERT INTO t SELECT i, '0' || i || '-11-12', '2024-03-31 01:30+00'::timestamptz + i * interval '1 day', "
    "'2024-01-09', '-3 days 04:05:06', '\\x5c00', i / 3.0, -i, NULL FROM generate_series(3, 6) i",
    "UPDATE t SET raw = '03-04-05', f = f + 1, fold = '{2014-10-25 22:30+00}' WHERE id IN (2, 4); "
    "INSERT INTO u VALUES (1, '02-01-04', '2024-07-01 12:00+00'), (2, NULL, now())",
    "DELETE FROM t WHERE id IN (1, 3); DELETE FROM u WHERE id = 2",
]
DEFINITIONS = {
    "read": "SELECT id, raw::date AS day, ('2024-' || id || '-02')::timestamptz AS at FROM t",
    "literal": "SELECT id, '05-06-07'::date d, '04-05-2024 10:00'::timestamptz AS at, '-1 day'::interval AS i FROM t",
    "printed": "SELECT id, at::text AS a, day::text AS d, span::text AS s, b::text AS b, f::text AS f, "
    "m::money::text AS m FROM t",
    "grouped": "SELECT date_trunc('day', at)::text AS d, count(*) AS n, max(day::text) AS last FROM t GROUP BY 1",
    "odd": "SELECT fold, count(*) AS n FROM t GROUP BY fold",
    "bag": "SELECT at, day, span, raw FROM t UNION ALL SELECT at, NULL, NULL, raw FROM u",
    "words": "SELECT id, to_tsvector(raw || ' the houses') AS v, format('%I', 'plain') AS q FROM t",
    "distinct_on": "SELECT DISTINCT ON (to_char(at, 'TMMon')) to_char(at, 'TMMon') AS month, at FROM t ORDER BY 1, id",
    "document": "SELECT id, jsonb_build_object('at', at, 'b', b, 'f', f) AS j FROM t",
}
WORLDS = [
    {},
    {"DateStyle": "SQL, DMY", "TimeZone": "Europe/Moscow", "IntervalStyle": "sql_standard"},
    {"DateStyle": "German, DMY", "TimeZone": "America/New_York", "bytea_output": "escape", "xmlbinary": "hex"},
    {
        "DateStyle": "Postgres, MDY", "IntervalStyle": "postgres_verbose", "default_text_search_config": "english",
        "quote_all_identifiers": "on", "transform_null_equals": "on", "extra_float_digits": "3",
    },
    {"DateStyle": "ISO, YMD", "IntervalStyle": "iso_8601", "lc_monetary": "C", "default_text_search_config": "simple"},
]  # fmt: skip


# What a database of the tests has by itself.
BASE = {
    "DateStyle": "ISO, MDY", "TimeZone": "Etc/UTC", "IntervalStyle": "postgres", "bytea_output": "hex",
    "xmlbinary": "base64", "default_text_search_config": "english", "quote_all_identifiers": "off",
    "transform_null_equals": "off", "extra_float_digits": "1",
}  # fmt: skip


def set_database(url: str, settings: dict[str, str]) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f'ALTER DATABASE "{name}" RESET ALL')  # type: ignore[call-overload]
        for setting, value in {**BASE, **settings}.items():
            connection.execute(f"ALTER DATABASE \"{name}\" SET {setting} = '{value}'")  # type: ignore[call-overload]


def differ(url: str, table: str, definition: str, settings: dict[str, str]) -> list[tuple[str, ...]]:
    """Return the rows in one of them only, as they print under settings."""
    with psycopg.connect(url, autocommit=True) as connection:
        for setting, value in {**BASE, **settings}.items():
            connection.execute("SELECT set_config(%s, %s, false)", (setting, value))
        sides = f"SELECT x::text FROM {table} x", f"SELECT x::text FROM ({definition}) x"
        both = "({0} EXCEPT ALL {1}) UNION ALL ({1} EXCEPT ALL {0})".format(*sides)
        return connection.execute(both).fetchall()  # type: ignore[call-overload]


def refreshed(client: dyntables.Client, name: str, what: str = "REFRESH") -> dict[str, object]:
    result = client.execute(f"ALTER DYNAMIC TABLE {name} {what}")
    rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows]
    return next(row for row in rows if row["name"] == f"public.{name}")


@pytest.fixture
def worlds(database_url: str) -> Iterator[str]:
    with dyntables.connect(database_url) as client:
        client.execute(SCHEMA)
    yield database_url
    set_database(database_url, {})


def refreshed_all(client: dyntables.Client, names: list[str]) -> dict[str, str]:
    result = client.execute(f"ALTER DYNAMIC TABLE {', '.join(names)} REFRESH")
    rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows]
    assert [row["error"] for row in rows if row["error"]] == []
    return {row["name"].removeprefix("public."): row["action"] for row in rows}


def readable(world: dict[str, str]) -> dict[str, str]:
    """Return the definitions that do not fail under settings."""
    month_first = "YMD" not in world.get("DateStyle", "")
    return {n: q for n, q in DEFINITIONS.items() if month_first or n != "literal"}


def test_the_settings_of_the_creator_hold(worlds: str) -> None:
    """Each world's tables, in one database, whose defaults are others at each refresh; and tables over them."""
    tables: dict[str, tuple[str, dict[str, str]]] = {}
    for number, world in enumerate(WORLDS):
        set_database(worlds, world)
        tables |= {f"{name}_{number}": (query, world) for name, query in readable(world).items()}
        with dyntables.connect(worlds) as client:
            for name, query in readable(world).items():
                client.execute(
                    f"CREATE DYNAMIC TABLE {name}_{number} TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS {query}"
                )
        other = WORLDS[(number + 1) % len(WORLDS)]
        above = f"SELECT at::text AS a, count(*) AS n, max(span::text) AS s FROM bag_{number} GROUP BY 1"
        tables[f"above_{number}"] = above, other
        set_database(worlds, other)
        with dyntables.connect(worlds) as client:
            client.execute(
                f"CREATE DYNAMIC TABLE above_{number} TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS {above}"
            )
    for turn, change in enumerate(CHANGES):
        set_database(worlds, WORLDS[(turn + 2) % len(WORLDS)])
        with dyntables.connect(worlds) as client:
            client.execute(change)
            actions = refreshed_all(client, list(tables))
            assert set(actions) >= set(tables)
            assert set(actions.values()) <= {"INCREMENTAL", "NO_DATA"}
            assert all(
                actions[f"{name}_{n}"] == "INCREMENTAL" for name in ("read", "printed") for n in range(len(WORLDS))
            )
        for name, (query, world) in tables.items():
            assert differ(worlds, name, query, world) == [], (name, world)
    with dyntables.connect(worlds) as client:
        assert all(refreshed(client, name, "VERIFY")["equal"] for name in tables)


def test_full_refreshes_too(worlds: str) -> None:
    world = {"DateStyle": "SQL, DMY", "extra_float_digits": "-10", "TimeZone": "Europe/Moscow"}
    set_database(worlds, world)
    query = "SELECT id, raw::date AS day, at, f, at::text AS a FROM t"
    with dyntables.connect(worlds) as client:
        client.execute(f"CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' AS {query}")
        client.execute("CREATE DYNAMIC TABLE e TARGET_LAG = '1 minute' AS SELECT fold[1] AS at FROM t")
        assert client.execute("SELECT DISTINCT mode_reasons -> 0 ->> 'reason' FROM dyntables.dynamic_table").rows == [
            ("SETTING",)
        ]
    set_database(worlds, {})
    with dyntables.connect(worlds) as client:
        for change in ("UPDATE t SET f = f + 1e-14", *CHANGES):
            client.execute(change)
            assert refreshed_all(client, ["d", "e"]) == {"d": "FULL", "e": "FULL"}
            # Moscow had this hour twice, and called both the same.
            assert differ(worlds, "e", "SELECT fold[1] AS at FROM t", {}) == []
            assert differ(worlds, "d", query, world | {"extra_float_digits": "1"}) == []
        client.execute("ALTER DYNAMIC TABLE d SET EXTRA_FLOAT_DIGITS = 1")
        assert refreshed(client, "d")["reason"] == "DEFINITION_ALTERED"
        client.execute("INSERT INTO t (id, raw) VALUES (99, '13-02-01')")
        assert refreshed(client, "d")["action"] == "INCREMENTAL"
        assert differ(worlds, "d", query, world | {"extra_float_digits": "1"}) == []


def test_settings_are_shown_and_altered(worlds: str) -> None:
    query = "SELECT id, raw::date AS day, '01-02-03'::date AS fixed, at::text AS a FROM t"
    with dyntables.connect(worlds) as client:
        client.execute("SET DateStyle = 'SQL, MDY'; SET TimeZone = 'Asia/Tokyo'")
        client.execute(f"CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' AS {query}")
        first = {"DateStyle": "SQL, MDY", "TimeZone": "Asia/Tokyo"}
        shown = "SELECT setting, value FROM dyntables.definition_settings WHERE setting IN ('DateStyle', 'TimeZone')"
        assert dict(client.execute(shown).rows) == first
        # The session has its own back.
        assert client.execute("SELECT current_setting('DateStyle')").rows == [("SQL, MDY",)]
        client.execute("INSERT INTO t (id, raw, at) VALUES (7, '01-02-03', '2024-01-01 20:00+00')")
        assert refreshed(client, "d")["action"] == "INCREMENTAL"
        assert differ(worlds, "d", query, first) == []
    with dyntables.connect(worlds) as client:
        statement = client.execute("SHOW CREATE DYNAMIC TABLE d").rows[0][0]
        assert "DATESTYLE = 'SQL, MDY'" in statement
        assert "TIMEZONE = 'Asia/Tokyo'" in statement
        client.execute(f"CREATE OR ALTER {statement.removeprefix('CREATE ')}")
        assert refreshed(client, "d")["action"] == "NO_DATA"
        client.execute("ALTER DYNAMIC TABLE d SET DATESTYLE = 'DMY' TIMEZONE = 'UTC'")
        second = {"DateStyle": "SQL, DMY", "TimeZone": "UTC"}
        assert dict(client.execute(shown).rows) == second
        row = refreshed(client, "d")
        assert (row["action"], row["reason"]) == ("REINITIALIZE", "DEFINITION_ALTERED")
        assert differ(worlds, "d", query, second) == []
        client.execute("INSERT INTO t (id, raw) VALUES (8, '13-02-03')")
        assert refreshed(client, "d", "VERIFY")["action"] == "INCREMENTAL"
        assert differ(worlds, "d", query, second) == []
        with pytest.raises(dyntables.errors.InvalidOptionError, match="DateStyle"):
            client.execute("ALTER DYNAMIC TABLE d SET DATESTYLE = 'nonsense'")
        client.execute("CREATE DYNAMIC TABLE e TARGET_LAG = '1 minute' DATESTYLE = 'ISO, DMY' AS " + query)
        assert differ(worlds, "e", query, {"DateStyle": "ISO, DMY"}) == []


def test_strings_are_quoted_as_the_creator_does(worlds: str) -> None:
    query = "SELECT id, 'a\\\\b' AS s, raw FROM t WHERE raw <> 'x\\ty'"
    set_database(worlds, {"standard_conforming_strings": "off", "backslash_quote": "on"})
    with dyntables.connect(worlds) as client:
        client.execute("SET standard_conforming_strings = off")
        client.execute(f"CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' AS {query}")
    set_database(worlds, {})
    with dyntables.connect(worlds) as client:
        client.execute("INSERT INTO t (id, raw) VALUES (7, 'a\\b')")
        assert refreshed(client, "d", "VERIFY")["equal"]
        assert {s for (s,) in client.execute("SELECT s FROM d").rows} == {"a\\b"}


def test_a_role_has_settings_of_its_own(worlds: str) -> None:
    with psycopg.connect(worlds, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS german")
        connection.execute("CREATE ROLE german; ALTER ROLE german SET DateStyle = 'German, DMY'")
        connection.execute("ALTER ROLE german SET TimeZone = 'Europe/Berlin'; GRANT SELECT ON t TO german")
        connection.execute("GRANT CREATE ON SCHEMA public TO german")
    query = "SELECT id, raw::date AS day, at::text AS a FROM t"
    world = {"DateStyle": "German, DMY", "TimeZone": "Europe/Berlin"}
    try:
        with dyntables.connect(worlds, role="german") as client:
            client.execute(f"CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' AS {query}")
            assert differ(worlds, "d", query, world) == []
        with dyntables.connect(worlds) as client:
            client.execute("INSERT INTO t (id, raw, at) VALUES (7, '13-02-03', now())")
            row = refreshed(client, "d", "VERIFY")
            assert (row["equal"], row["action"]) == (True, "INCREMENTAL")
            assert differ(worlds, "d", query, world) == []
            client.execute("DROP DYNAMIC TABLE d")
    finally:
        with psycopg.connect(worlds, autocommit=True) as connection:
            connection.execute("DROP OWNED BY german CASCADE; DROP ROLE german")
