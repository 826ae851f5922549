"""Definitions as files: there and back, drift shown, brought to another database, and the exit codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

import dyntables
from dyntables.cli import app
from dyntables.errors import CatalogError, DyntablesError
from dyntables.files.folder import apply, bring, compare, export
from dyntables.files.kind import Effect
from tests.support.refreshes import refreshed

SOURCE = "CREATE TABLE s (k integer, v integer); INSERT INTO s VALUES (1, 2), (1, 3), (2, 4)"
# By name, what reads comes before what it reads.
CHAIN = """
CREATE DYNAMIC TABLE public.z TARGET_LAG = DOWNSTREAM AS SELECT k, sum(v) AS total FROM public.s GROUP BY k;
CREATE DYNAMIC TABLE public."A b" TARGET_LAG = '1 hour' COMMENT = 'it''s' AS SELECT k, total + 1 AS more FROM public.z
"""


@pytest.fixture
def dt(database_url: str) -> Iterator[dyntables.Client]:
    with dyntables.connect(database_url) as client:
        client.execute(SOURCE)
        yield client


def effects(client: dyntables.Client, folder: Path) -> dict[str, Effect]:
    return {d.name: d.effect for d in compare(client, folder)}


@pytest.mark.pg(15, 18)
def test_what_is_exported_changes_nothing_here_and_makes_the_same_elsewhere(
    dt: dyntables.Client, new_database: Callable[[], str], tmp_path: Path
) -> None:
    dt.execute(CHAIN)
    assert [p.name for p in export(dt, tmp_path)] == ["public.A b.sql", "public.z.sql"]
    assert effects(dt, tmp_path) == {'"public"."A b"': Effect.NONE, '"public"."z"': Effect.NONE}
    with dyntables.connect(new_database()) as other:
        other.execute(SOURCE)
        assert [d.name for d in bring(other, tmp_path)] == ['"public"."z"', '"public"."A b"']
        other.execute("UPDATE s SET v = v + 1 WHERE k = 2")
        assert refreshed(other, 'public."A b"') == ("INCREMENTAL", "CHANGES")
        again = tmp_path / "again"
        assert {p.name: p.read_text() for p in export(other, again)} == {
            p.name: p.read_text() for p in (tmp_path / "tables").iterdir()
        }


def test_drift_is_shown_and_applied_and_what_is_extra_goes_by_prune_only(dt: dyntables.Client, tmp_path: Path) -> None:
    dt.execute(CHAIN)
    export(dt, tmp_path)
    dt.execute("""ALTER DYNAMIC TABLE public."A b" SET TARGET_LAG = '2 hours' COMMENT = 'by hand'""")
    dt.execute("CREATE DYNAMIC TABLE public.n TARGET_LAG = '1 hour' AS SELECT k FROM z")
    dt.execute("CREATE DYNAMIC TABLE public.m TARGET_LAG = '1 hour' AS SELECT k FROM n")
    (drift, same, m, n) = compare(dt, tmp_path)
    assert (drift.effect, same.effect, m.effect, n.effect) == (Effect.ALTER, Effect.NONE, Effect.EXTRA, Effect.EXTRA)
    assert any("target_lag" in change.lower().replace(" ", "_") for change in drift.changes), drift
    with pytest.raises(CatalogError, match="is not as its file says"):
        list(bring(dt, tmp_path))
    assert [d.name for d in apply(dt, tmp_path)] == ['"public"."A b"']
    assert effects(dt, tmp_path)['"public"."A b"'] is Effect.NONE
    assert {d.name for d in apply(dt, tmp_path, prune=True)} == {'"public"."m"', '"public"."n"'}
    assert set(effects(dt, tmp_path).values()) == {Effect.NONE}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT 1", "one CREATE DYNAMIC TABLE statement"),
        ("CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' AS SELECT k FROM s", "needs a schema"),
        ("CREATE DYNAMIC TABLE public.t TARGET_LAG = '1 hour' AS SELECT nothing FROM s", "nothing"),
    ],
)
def test_what_is_wrong_names_its_file(dt: dyntables.Client, tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "t.sql").write_text(text)
    with pytest.raises(DyntablesError, match=message) as caught:
        list(apply(dt, tmp_path))
    assert "t.sql: " in caught.value.message
    assert dt.execute("SHOW DYNAMIC TABLES").rows == []


def test_the_command_line_and_its_exit_codes(dt: dyntables.Client, database_url: str, tmp_path: Path) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        told = CliRunner().invoke(app, [*arguments, "--database", database_url])
        return told.exit_code, told.output

    dt.execute(CHAIN)
    folder = str(tmp_path)
    assert run("plan", folder)[0] == 1
    assert run("export", folder)[0] == 0
    assert run("plan", folder) == (0, "0 of 2 differ\n")
    dt.execute('DROP DYNAMIC TABLE public."A b"')
    code, told = run("plan", folder)
    assert (code, told) == (2, '+ "public"."A b": created\n1 of 2 differ\n')
    assert run("import", folder) == (0, '+ "public"."A b": created\n')
    assert run("apply", folder, "--prune") == (0, "")
