"""Generated SQL in lines: nothing but white space changes."""

from __future__ import annotations

from dyntables.compiler.explain.layout import lay_out

LONG = (
    "SELECT "
    + ", ".join(f"a_long_name_{n}" for n in range(12))
    + " FROM t WHERE x = 'FROM  (' AND y IS DISTINCT FROM z"
)


def test_only_white_space_changes() -> None:
    text = f"INSERT INTO s (a) SELECT * FROM ({LONG} UNION ALL {LONG}) q"
    laid = lay_out(text)
    assert "".join(laid.split()) == "".join(text.split())
    assert "'FROM  ('" in laid


def test_clauses_stand_below_each_other_and_lines_are_short() -> None:
    lines = lay_out(f"CREATE TEMP TABLE d AS SELECT q.a FROM ({LONG}) q GROUP BY q.a").splitlines()
    assert [line for line in lines if not line.startswith(" ")] == [
        "CREATE TEMP TABLE d AS",
        "SELECT q.a",
        "FROM (",
        ") q",
        "GROUP BY q.a",
    ]
    assert "  FROM t" in lines
    assert "  WHERE x = 'FROM  (' AND y IS DISTINCT FROM z" in lines
    assert max(map(len, lines)) <= 110


def test_what_fits_stays_on_its_line() -> None:
    assert lay_out("SELECT a FROM (SELECT b FROM t) q") == "SELECT a\nFROM (SELECT b FROM t) q"
