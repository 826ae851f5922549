"""The checks of domains run while a literal is parsed: an owner's must not run there with the service's rights."""

from __future__ import annotations

import pytest

import dyntables
from dyntables.engines.postgres.connection.session import connect
from dyntables.engines.postgres.definition.introspect import Introspection
from dyntables.errors import DyntablesError, InvalidQueryError
from dyntables.server.read.definitions.estimates import _planned
from tests.rights.conftest import People
from tests.support.refreshes import refreshed

pytestmark = pytest.mark.pg(15, 18)

LAG = "TARGET_LAG = '1 hour'"

# A domain whose check says whose rights it has; types with that domain inside, and a literal and an expression of each.
TYPES = [
    "CREATE DOMAIN dom AS integer CHECK (public.spy(value))",
    "CREATE TYPE comp AS (a dom)",
    "CREATE TYPE outside AS (b integer, c comp)",
    "CREATE TYPE span AS RANGE (subtype = dom, multirange_type_name = multispan)",
    "CREATE DOMAIN above AS comp",
    "CREATE TYPE plain AS (n integer)",
]
LITERALS = {
    "composite": "'(1)'::comp",
    "array of a domain": "'{1}'::dom[]",
    "nested composite": """'(1,"(1)")'::outside""",
    "array of a composite": "'{(1)}'::comp[]",
    "range over a domain": "'[1,2]'::span",
    "multirange over a domain": "'{[1,2]}'::multispan",
    "domain over a composite": "'(1)'::above",
    "array that is built": "ARRAY['(1)']::comp[]",
    "composite of no domain, which may get one": "'(1)'::plain",
    "set apart in a subquery": "(SELECT '(1)'::comp FROM open o LIMIT 1)",
}
REFUSED = "has a constant of type"


def _spies(people: People, *types: str) -> None:
    """Let alice make a domain that refuses everybody but her, and says who that was."""
    with people.connection(people.alice) as plain:
        plain.execute(
            f"CREATE FUNCTION spy(integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN IF current_user <> "
            f"'{people.alice}' THEN PERFORM nextval('public.seen'); RAISE EXCEPTION 'spied as %', current_user; "
            "END IF; RETURN true; END $$".encode()
        )
        plain.execute("CREATE SEQUENCE seen; GRANT USAGE ON SEQUENCE seen TO PUBLIC")
        for statement in types or TYPES:
            plain.execute(statement.encode())


@pytest.fixture
def alice(people: People) -> dyntables.Client:
    _spies(people)
    return people.acting(people.alice)


def _seen(people: People) -> bool:
    """Tell whether the check ran for anybody but alice; a sequence is not rolled back."""
    return bool(people.service.execute("SELECT is_called FROM seen").rows[0][0])


def _refused(client: dyntables.Client, statement: str, error: type[DyntablesError] = InvalidQueryError) -> None:
    """A statement fails by the clear error: what spies would have failed it by another."""
    with pytest.raises(error, match=REFUSED) as caught:
        client.execute(statement)
    assert "spied" not in str(caught.value)


def test_the_spy_works(people: People, alice: dyntables.Client) -> None:
    """The service itself, parsing what the tests have alice's definitions say."""
    for name, value in LITERALS.items():
        if "no domain" not in name:
            with pytest.raises(DyntablesError, match="spied as postgres"):
                people.service.execute(f"CREATE DYNAMIC TABLE s {LAG} AS SELECT id, {value} AS x FROM open")


@pytest.mark.parametrize("value", LITERALS.values(), ids=LITERALS)
def test_literals_are_refused(people: People, alice: dyntables.Client, value: str) -> None:
    query = f"SELECT id, {value} AS x FROM open"
    _refused(alice, f"CREATE DYNAMIC TABLE t {LAG} AS {query}")
    _refused(alice, f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = FULL AS {query}")
    _refused(alice, f"EXPLAIN CREATE DYNAMIC TABLE t {LAG} AS {query}")
    assert not _seen(people)
    assert people.service.execute("SELECT count(*) FROM dyntables.dynamic_table").rows == [(0,)]


def test_an_existing_table(people: People, alice: dyntables.Client) -> None:
    """Also where the service replaces or alters a table of alice's: the definition is hers then."""
    alice.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT id FROM open")
    rest = f"DYNAMIC TABLE t {LAG} AS SELECT id, '(1)'::comp AS x FROM open"
    for client in (alice, people.service):
        for verb in ("CREATE OR ALTER", "EXPLAIN CREATE OR ALTER", "CREATE OR REPLACE"):
            _refused(client, f"{verb} {rest}")


def test_a_definition_in_another_dialect(people: People, alice: dyntables.Client) -> None:
    """The columns of a star are asked for during translation; the literal has the type of what stands beside it."""
    with people.connection(people.alice) as plain:
        plain.execute("CREATE TABLE holder (id integer, c comp)")
    create = f"CREATE DYNAMIC TABLE t {LAG} DIALECT = SNOWFLAKE AS SELECT * RENAME (x AS y) FROM"
    _refused(alice, f"{create} (SELECT id, COALESCE(c, '(1)') AS x FROM holder) AS q")
    assert not _seen(people)
    with pytest.raises(DyntablesError):
        people.service.execute(f"{create} (SELECT id, COALESCE(c, '(1)') AS x FROM holder) AS q")
    assert _seen(people)
    alice.execute(f"{create} (SELECT id, COALESCE(id, '1') AS x FROM holder) AS q")


@pytest.mark.parametrize("predicate", ["('(1)'::comp).a > id", "id = ANY ('{1}'::dom[])", "'[1,2]'::span @> id::dom"])
def test_a_predicate(people: People, alice: dyntables.Client, predicate: str) -> None:
    query = f"CREATE DYNAMIC TABLE t {LAG} FROZEN WHERE ({predicate}) AS SELECT id, v FROM open"
    _refused(alice, query)
    alice.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT id, v FROM open")
    for client in (alice, people.service):
        _refused(client, f"ALTER DYNAMIC TABLE t SET FROZEN WHERE ({predicate})")
    assert not _seen(people)


def test_a_view_of_the_owners(people: People, alice: dyntables.Client) -> None:
    with people.connection(people.alice) as plain:
        plain.execute("CREATE VIEW inner_v AS SELECT id, '(1)'::comp AS x FROM open")
        plain.execute("CREATE VIEW outer_v AS SELECT id, x FROM inner_v WHERE id > 1")
    for view in ("inner_v", "outer_v"):
        _refused(alice, f"CREATE DYNAMIC TABLE t {LAG} AS SELECT id FROM {view}")
    assert not _seen(people)


def _replace_type(people: People) -> None:
    """A definition may compare constants of an enum. Here that becomes a composite type of the same name."""
    _spies(people, TYPES[0], "CREATE TYPE kind AS ENUM ('(1)', '(2)')")
    people.acting(people.alice).execute(
        f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = FULL AS SELECT id, v FROM open WHERE '(1)'::kind IS NOT NULL"
    )
    people.service.execute(f"GRANT OPERATE, MONITOR, SELECT ON DYNAMIC TABLE t TO {people.bob}")
    with people.connection(people.alice) as plain:
        plain.execute("DROP TYPE kind")
        plain.execute("CREATE TYPE kind AS (a dom)")
    people.service.execute("UPDATE open SET v = v + 1")


def test_a_type_that_was_replaced(people: People) -> None:
    _replace_type(people)
    _refused(people.service, "ALTER DYNAMIC TABLE t REFRESH", DyntablesError)
    _refused(people.service, "ALTER DYNAMIC TABLE t VERIFY", DyntablesError)
    _refused(people.service, "EXPLAIN DYNAMIC TABLE t", DyntablesError)
    errors = people.service.execute(
        "SELECT error ->> 'message' FROM dyntables.refresh WHERE state = 'FAILED' ORDER BY id DESC LIMIT 1"
    )
    assert REFUSED in errors.rows[0][0]
    assert not _seen(people)
    # Whoever alters it away succeeds, though the old definition cannot be read.
    people.service.execute(f"CREATE OR ALTER DYNAMIC TABLE t {LAG} REFRESH_MODE = FULL AS SELECT id, v FROM open")
    people.service.execute("ALTER DYNAMIC TABLE t REFRESH")


def test_clone_undrop_and_tables_above(people: People) -> None:
    _replace_type(people)
    _refused(people.acting(people.alice), "CREATE DYNAMIC TABLE u CLONE t", DyntablesError)
    # By bob's hands the check says so; the service does not run it.
    with pytest.raises(DyntablesError, match=f"spied as {people.bob}"):
        people.acting(people.bob).execute("CREATE DYNAMIC TABLE u CLONE t")
    people.service.execute("DROP DYNAMIC TABLE t")
    _refused(people.service, "UNDROP DYNAMIC TABLE t", DyntablesError)


def test_a_table_above_one_that_changes(people: People) -> None:
    people.service.execute(f"CREATE DYNAMIC TABLE base {LAG} AS SELECT id, v, v AS w FROM open")
    people.service.execute("GRANT SELECT ON DYNAMIC TABLE base TO public; CREATE TABLE plain_open AS TABLE open")
    _spies(people, TYPES[0], "CREATE TYPE kind AS ENUM ('(1)', '(2)')")
    people.acting(people.alice).execute(
        f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = FULL AS SELECT id, v FROM base WHERE '(1)'::kind IS NOT NULL"
    )
    with people.connection(people.alice) as plain:
        plain.execute("DROP TYPE kind")
        plain.execute("CREATE TYPE kind AS (a dom)")
    alteration = f"CREATE OR ALTER DYNAMIC TABLE base {LAG} AS SELECT id, v FROM open"
    shown = people.service.execute(f"EXPLAIN {alteration}").rows
    assert "spied" not in str(shown)
    _refused(people.service, alteration, DyntablesError)
    _refused(people.service, "ALTER DYNAMIC TABLE base RENAME TO base2; ALTER DYNAMIC TABLE t REFRESH", DyntablesError)
    assert not _seen(people)


def test_following_a_renamed_source_runs_no_index_expression(people: People) -> None:
    """A stand-in for the source is made by the service; what alice has in an index of hers is not planned for it."""
    _spies(people)
    with people.connection(people.alice) as plain:
        plain.execute("CREATE TABLE mine (id integer PRIMARY KEY, v integer)")
        plain.execute("INSERT INTO mine VALUES (1, 1), (2, 2)")
        plain.execute("CREATE INDEX ON mine ((public.spy(1)))")
    alice = people.acting(people.alice)
    mode = "REFRESH_MODE = INCREMENTAL"
    alice.execute(f"CREATE DYNAMIC TABLE t {LAG} {mode} AS SELECT id, v, count(*) AS n FROM mine GROUP BY id")
    with people.connection(people.alice) as plain:
        plain.execute("ALTER TABLE mine RENAME TO yours")
        plain.execute("INSERT INTO yours VALUES (3, 3)")
    assert people.service.execute("ALTER DYNAMIC TABLE t VERIFY").rows[0][1] is True
    assert people.service.execute("SELECT count(*) FROM t").rows == [(3,)]
    assert not _seen(people)


def test_an_estimate_is_planned_by_the_owner(people: People, alice: dyntables.Client) -> None:
    """The planner runs what is IMMUTABLE."""
    with connect(people.service.url) as connection:
        cost, rows = _planned(connection, people.alice, "SELECT id FROM public.open WHERE public.spy(1)")
        assert cost > 0
        assert rows > 0
        with pytest.raises(DyntablesError, match="spied as postgres"):
            _planned(connection, connection.info.user, "SELECT id FROM public.open WHERE public.spy(1)")


def test_what_to_write_instead(people: People, alice: dyntables.Client) -> None:
    """The hints hold: these run the checks where the definition is run, as alice."""
    query = "SELECT id, ROW(1)::comp AS x, ARRAY[1, 2]::dom[] AS y, span(1::dom, 2::dom) AS z FROM open"
    alice.execute(f"CREATE DYNAMIC TABLE t {LAG} AS {query}")
    people.service.execute("INSERT INTO open VALUES (20, 20)")
    assert people.service.execute("ALTER DYNAMIC TABLE t VERIFY").rows[0][1] is True
    assert people.service.execute("SELECT count(*) FROM t").rows == [(10,)]


def test_constants_that_run_nothing(people: People, alice: dyntables.Client) -> None:
    with people.connection(people.alice) as plain:
        plain.execute("CREATE TYPE mood AS ENUM ('good', 'bad')")
        plain.execute("CREATE TYPE weights AS RANGE (subtype = float8)")
    mode = "REFRESH_MODE = INCREMENTAL"
    alice.execute(
        f"CREATE DYNAMIC TABLE t {LAG} {mode} AS SELECT id, 'good'::mood AS m, '{{good,bad}}'::mood[] AS ms, "
        "1::dom AS d, '[1,2]'::weights AS w, NULL::comp AS nothing, '{1,2}'::integer[] AS i FROM open WHERE v < 5"
    )
    people.service.execute("UPDATE open SET v = 0 WHERE id = 9")
    assert refreshed(people.service) == ("INCREMENTAL", "CHANGES")
    assert people.service.execute("ALTER DYNAMIC TABLE t VERIFY").rows[0][1] is True


@pytest.mark.parametrize("second", ["DROP TABLE loot", "CREATE TABLE more (n integer)"])
def test_a_second_statement_is_refused(people: People, alice: dyntables.Client, second: str) -> None:
    with people.connection(people.alice) as plain:
        plain.execute("CREATE TABLE loot (n integer)")
    with connect(people.service.url) as connection:
        reader = Introspection(connection, frozenset(), people.alice)
        for query in (f"SELECT id FROM open; {second}", f"SELECT 1; {second}; SELECT 2"):
            with pytest.raises(InvalidQueryError, match="multiple commands"):
                reader.describe_query(query, {"search_path": "public"})
            assert reader.canonical(query) == ""
            assert reader.column_names(query) is None
    assert people.service.execute("SELECT to_regclass('loot') IS NOT NULL, to_regclass('more')").rows == [(True, None)]


def test_errors_are_placed(alice: dyntables.Client) -> None:
    statement = f"CREATE DYNAMIC TABLE t {LAG} AS SELECT id, wrong FROM open"
    with pytest.raises(InvalidQueryError, match='column "wrong" does not exist') as caught:
        alice.execute(statement)
    assert caught.value.span is not None
    assert statement[caught.value.span.start :].startswith("wrong")
    statement = f"CREATE DYNAMIC TABLE t {LAG} FROZEN WHERE (id < 3 AND wrong) AS SELECT id FROM open"
    with pytest.raises(InvalidQueryError, match='column "wrong" does not exist') as caught:
        alice.execute(statement)
    assert caught.value.span is not None
    assert statement[caught.value.span.start :].startswith("wrong")
    with pytest.raises(InvalidQueryError, match="syntax error") as caught:
        alice.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT id FRM open x y")


def test_what_ran_while_parsing_leaves_nothing(people: People) -> None:
    """A search path that alice's check sets would lead the service to functions of hers."""
    with people.connection(people.alice) as plain:
        plain.execute(
            "CREATE FUNCTION spy(integer) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$ BEGIN "
            "PERFORM set_config('search_path', 'trap', false); "
            "RAISE EXCEPTION 'left as %', current_user; END $$"
        )
        plain.execute("CREATE DOMAIN dom AS integer CHECK (public.spy(value))")
        plain.execute("CREATE TYPE comp AS (a dom)")
    alice = people.acting(people.alice)
    with pytest.raises(DyntablesError, match=f"left as {people.alice}"):
        alice.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT id, '(1)'::comp AS x FROM open")
    connection = alice._session.connection
    assert connection.execute("SHOW search_path").fetchone() != ("trap",)


def test_a_type_is_never_looked_up_by_the_service(people: People) -> None:
    """Between the owner's parsing and the service's question for the types of columns, the owner replaces a type."""
    _spies(people, TYPES[0], "CREATE TYPE kind AS ENUM ('(1)', '(2)')")
    with connect(people.service.url) as connection, connection.transaction():
        reader = Introspection(connection, frozenset(), people.alice)
        reader.describe_query("SELECT id, '(1)'::public.kind AS k FROM public.open", {"search_path": "public"})
        part = 'SELECT \'(1)\'::public.kind AS k, id AS k, "id" AS "a ""b\\(" FROM public.open'
        assert [t.name for t in reader.describe(part)] == ["public.kind", "integer", "integer"]
        assert reader.column_names(part) == ("k", "k", 'a "b\\(')
        with people.connection(people.alice) as plain:
            plain.execute("DROP TYPE kind")
            plain.execute("CREATE TYPE kind AS (a dom)")
        with pytest.raises(DyntablesError, match=REFUSED):
            reader.describe(part)
    assert not _seen(people)
