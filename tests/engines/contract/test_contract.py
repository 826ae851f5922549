"""What a refresh may rely on, whatever engine has the rows: the same tests on PostgreSQL and on the tiny engine."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator

import pytest

from dyntables.catalog.model import storage_name
from dyntables.compiler.names import VERSION, WEIGHT, make_staging
from dyntables.compiler.plan.algebra.nodes import Column, SqlType
from dyntables.engines.port import Engine, Workspace
from dyntables.errors import ExpressionError, InvariantError
from tests.engines.contract.laboratory import (
    TABLE,
    Held,
    PostgresLaboratory,
    TinyLaboratory,
    at_work,
    bring_in,
    build,
    laboratory,
    owed,
    random_write,
)

Lab = PostgresLaboratory | TinyLaboratory

DEFINITIONS = {
    "filter": "SELECT id, n * 2 AS twice, word FROM s WHERE n > 2",
    "join": "SELECT s.id, s.n, u.label FROM s JOIN u ON u.k = s.k",
    "outer_join": "SELECT s.id, u.label FROM s LEFT JOIN u ON u.k = s.k",
    "semi_join": "SELECT id, word FROM s WHERE EXISTS (SELECT 1 FROM u WHERE u.k = s.k)",
    "anti_join": "SELECT id FROM s WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.k = s.k)",
    "sums": "SELECT k, count(*) AS rows, count(n) AS known, sum(n) AS total FROM s GROUP BY k",
    "least": "SELECT k, min(n) AS least, max(id) AS last FROM s GROUP BY k",
    "having": "SELECT k, count(*) AS rows FROM s GROUP BY k HAVING count(*) > 2",
    "whole": "SELECT count(*) AS rows, sum(n) AS total FROM s",
    "distinct": "SELECT DISTINCT k, word FROM s",
    "union_all": "SELECT k FROM s UNION ALL SELECT k FROM u",
    "except": "SELECT k FROM s EXCEPT SELECT k FROM u",
    "window": "SELECT id, n, sum(n) OVER (PARTITION BY k) AS total FROM s",
    "aggregate_of_join": "SELECT u.label, sum(s.n) AS total FROM s JOIN u ON u.k = s.k GROUP BY u.label",
}


@pytest.fixture(params=["postgres", "tiny"])
def lab(request: pytest.FixtureRequest, database_url: str) -> Iterator[Lab]:
    with laboratory(request.param, database_url) as made:
        yield made


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_program_leads_to_the_definition(lab: Lab, name: str) -> None:
    chance = random.Random(name)
    lab.write("INSERT INTO s SELECT i, i % 5, i % 7, 'w' || (i % 3) FROM generate_series(0, 12) t(i)")
    lab.write("INSERT INTO u VALUES (0, 'l0'), (1, 'l1'), (1, 'l1'), (NULL, 'l2')")
    engine = lab.engine()
    held = build(lab, engine, DEFINITIONS[name])
    changed = 0
    for _ in range(6):
        for _ in range(chance.randint(1, 3)):
            lab.write(random_write(chance))
        with at_work(engine, held.owner) as workspace:
            frontier = engine.session.present().frontier
            before = workspace.storage.count(held.shown)
            applied, totals = bring_in(engine, held, workspace)
            assert workspace.storage.compare(held.query, held.shown, held.columns) == (0, 0), applied
            changed += applied.inserted + applied.deleted
            if totals is not None:
                assert workspace.storage.count(held.shown) - before == totals[0] - totals[1]
        held.frontier = frontier
    assert changed, "no change reached the table"


def test_only_what_a_frontier_does_not_see_is_owed(lab: Lab) -> None:
    engine = lab.engine()
    lab.write("INSERT INTO s VALUES (1, 1, 1, 'a'), (2, 2, 2, 'b')")
    held = build(lab, engine, DEFINITIONS["filter"])
    with at_work(engine, held.owner):
        assert not owed(engine, held)
    lab.write("INSERT INTO s VALUES (3, 3, 3, 'c')")
    lab.write("INSERT INTO s VALUES (4, 4, 4, 'd')")
    with at_work(engine, held.owner):
        now = engine.session.present().frontier
        [(_, weights)] = owed(engine, held).values()
        assert (weights.count, weights.appended) == (2, True)
    held.frontier = now
    lab.write("UPDATE s SET n = 9 WHERE id = 3")
    with at_work(engine, held.owner):
        [(_, weights)] = owed(engine, held).values()
        assert (weights.count, weights.least, weights.most, weights.appended) == (2, -1, 1, False)


def test_a_transaction_sees_one_snapshot(lab: Lab) -> None:
    engine = lab.engine()
    held = build(lab, engine, DEFINITIONS["whole"])
    with engine.session.guarded([held.owner]):
        seen = engine.session.begin()
        lab.write("INSERT INTO s VALUES (1, 1, 1, 'a')")
        assert not owed(engine, held)
        assert engine.workspace(held.owner).row("SELECT count(*) FROM public.s")[0] == 0
        assert engine.session.present().frontier == seen.frontier
    with engine.session.guarded([held.owner]):
        later = engine.session.begin()
        assert owed(engine, held)
    assert later.instant >= seen.instant
    assert later.system == seen.system


def test_what_a_savepoint_undoes_was_never_done(lab: Lab) -> None:
    engine = lab.engine()
    lab.write("INSERT INTO s VALUES (1, 1, 5, 'a')")
    held = build(lab, engine, DEFINITIONS["filter"])
    lab.write("INSERT INTO s VALUES (2, 1, 6, 'b')")
    with at_work(engine, held.owner) as workspace:
        with pytest.raises(ExpressionError):
            _fail(engine, held, workspace)
        assert workspace.storage.count(held.shown) == 1
        bring_in(engine, held, engine.workspace(held.owner))
    with at_work(engine, held.owner) as workspace:
        assert workspace.storage.count(held.shown) == 2


def test_a_run_that_fails_leaves_everything_as_it_was(lab: Lab) -> None:
    engine = lab.engine()
    lab.write("INSERT INTO s VALUES (1, 1, 5, 'a')")
    held = build(lab, engine, DEFINITIONS["filter"])
    lab.write("INSERT INTO s VALUES (2, 1, 6, 'b')")
    with pytest.raises(ExpressionError), at_work(engine, held.owner) as workspace:
        _fail(engine, held, workspace)
    with at_work(engine, held.owner) as workspace:
        assert workspace.storage.count(held.shown) == 1


def test_a_delta_that_does_not_fit_is_noticed(lab: Lab) -> None:
    engine = lab.engine()
    lab.write("INSERT INTO s VALUES (1, 1, 5, 'a'), (2, 2, 6, 'b')")
    for query in (DEFINITIONS["filter"], DEFINITIONS["sums"]):
        held = build(lab, engine, query)
        lab.write("DELETE FROM s WHERE id = 1")
        storage = held.compiled.stages[-1].storage
        with at_work(engine, held.owner) as workspace:
            workspace.run(f"DELETE FROM {storage}")
            with pytest.raises(InvariantError):
                bring_in(engine, held, workspace)
            workspace.storage.drop(storage)
        lab.write("INSERT INTO s VALUES (1, 1, 5, 'a')")


def test_a_difference_leads_from_old_rows_to_new_ones(lab: Lab) -> None:
    engine, owner = lab.engine(), lab.control.info.user
    old = "(SELECT 1 AS a, 'x' AS b UNION ALL SELECT 1, 'x' UNION ALL SELECT 2, NULL UNION ALL SELECT 3, 'z')"
    new = "(SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, NULL UNION ALL SELECT 2, NULL UNION ALL SELECT 4, 'z')"
    with at_work(engine, owner) as workspace:
        storage, deltas = storage_name(TABLE, 7), workspace.deltas
        workspace.run(f"CREATE TABLE {storage} AS SELECT * FROM {old} o")
        columns = workspace.storage.columns(storage)
        assert [c.id for c in columns] == ["a", "b"]
        workspace.run(make_staging(workspace.staging, "differing", deltas.difference(f"{old} o", f"{new} n", columns)))
        differing = f"{workspace.staging}.differing"
        assert deltas.totals(differing) == (2, 2)
        workspace.run(deltas.removal(storage, differing, columns))
        workspace.run(deltas.addition(storage, differing, columns))
        assert workspace.storage.compare(f"SELECT * FROM {new} n", storage, columns) == (0, 0)
        missing, extra = workspace.storage.compare(f"SELECT * FROM {old} o", storage, columns)
        assert (missing, extra) == (2, 2)


def test_readers_find_the_output_of_a_table_in_its_log(lab: Lab) -> None:
    engine, owner, log = lab.engine(), lab.control.info.user, f"dyntables_log.d{TABLE}"
    _prepare_log(lab, log)
    columns = (Column("a", SqlType("integer")),)
    with at_work(engine, owner) as workspace:
        deltas = workspace.deltas
        for version, rows in ((1, f"(SELECT 5 AS a, 1 AS {WEIGHT})"), (2, f"(SELECT 5 AS a, -1 AS {WEIGHT})")):
            deltas.log(log, version, {"a": "a"}, rows)
        assert engine.changes.count_of_table(log, 0) == 2
        assert [w.count for w in engine.changes.weights([engine.changes.of_table(log, columns, 1)])] == [1]
        assert engine.changes.weights([engine.changes.of_table(log, columns, 2)])[0].count == 0
        assert engine.changes.count_of_table("dyntables_log.d901", 0) == 0


def test_a_view_shows_the_generation_that_it_is_told(lab: Lab) -> None:
    engine, owner = lab.engine(), lab.control.info.user
    lab.control.execute("CREATE VIEW shown AS SELECT 1 AS id")
    held: list[Held] = []
    for generation, query in ((1, "SELECT id FROM s WHERE n > 2"), (2, "SELECT id FROM s WHERE n > 0")):
        held.append(build(lab, engine, query, generation))
        with at_work(engine, owner) as workspace:
            storage = workspace.storage
            storage.show("public", "shown", held[-1].shown[1:-1], tries=1)
            assert storage.compare(held[-1].query, "public.shown", held[-1].columns) == (0, 0)
            view_oid, _ = storage.view("public", "shown")
            assert storage.shows("public", "shown", view_oid, storage_name(TABLE, generation))
            assert not storage.shows("public", "shown", view_oid, storage_name(TABLE, 9))
    with engine.session.guarded([owner]):
        engine.drop_replaced(TABLE, 2)
    with at_work(engine, owner) as workspace:
        storage = workspace.storage
        assert not storage.shows("public", "shown", view_oid, storage_name(TABLE, 1))
        assert storage.shows("public", "shown", view_oid, storage_name(TABLE, 2))


def test_one_refresh_of_a_table_at_a_time(lab: Lab) -> None:
    first, second = lab.engine(), lab.engine()
    first.locks.hold([1, 2])
    ended = _ends(lambda: second.locks.hold([2, 3]))
    assert not ended.wait(0.3)
    first.locks.release([1, 2])
    assert ended.wait(10)
    second.locks.release([2, 3])


def test_storage_is_not_replaced_while_it_is_shared(lab: Lab) -> None:
    first, second, owner = lab.engine(), lab.engine(), lab.control.info.user
    first.locks.share_storage([5])

    def replace() -> None:
        with second.session.guarded([owner]):
            second.locks.own_storage(5)

    ended = _ends(replace)
    assert not ended.wait(0.3)
    first.locks.release_storage([5])
    assert ended.wait(10)
    first.locks.share_storage([5])  # given back with the transaction
    first.locks.release_storage([5])


def _fail(engine: Engine, held: Held, workspace: Workspace) -> None:
    """Bring in what is owed, and fail at what follows."""
    with engine.session.savepoint():
        bring_in(engine, held, workspace)
        workspace.run("INSERT INTO public.u SELECT CAST(word AS integer), NULL FROM public.s")


def _ends(work: Callable[[], None]) -> threading.Event:
    """Begin some work in a thread; return what is set when it is done."""
    ended = threading.Event()

    def run() -> None:
        work()
        ended.set()

    threading.Thread(target=run, daemon=True).start()
    return ended


def _prepare_log(lab: Lab, log: str) -> None:
    """Make a log of one column, as CREATE DYNAMIC TABLE does for whoever reads a table; not every engine needs it."""
    lab.control.execute(f"CREATE TABLE {log} ({VERSION} bigint, {WEIGHT} integer, a integer)")
