"""Where in the user's text a fragment of the server's stands."""

from __future__ import annotations

import pytest

from dyntables.compiler.explain.place import locate


@pytest.mark.parametrize(
    ("query", "fragment", "text"),
    [
        ("SELECT id, Random() FROM t", "random", "Random()"),
        ("SELECT a FROM a", "a.*", "a"),
        ("SELECT banana, to_jsonb(a) FROM a", "a.*", "a"),
        ("SELECT x FROM t\nLIMIT 3", "LIMIT 3", "LIMIT 3"),
        (
            "SELECT id, (SELECT max(y) FROM b WHERE b.k = a.k) FROM a",
            "SELECT max(b.y) AS max FROM public.b WHERE (b.k = a.k)",
            "SELECT max(y) FROM b WHERE b.k = a.k",
        ),
        (
            "SELECT (SELECT 1), (SELECT x FROM b WHERE b.z > a.z)",
            "SELECT b.x FROM public.b WHERE (b.z > a.z)",
            "SELECT x FROM b WHERE b.z > a.z",
        ),
        ("SELECT f(g(1, (2)))", "g(1, 2)", "g(1, (2))"),
    ],
)
def test_the_likest_place_is_found(query: str, fragment: str, text: str) -> None:
    place = locate(query, fragment)
    assert place is not None
    assert place.text == text
    assert query.startswith(text, place.start)


def test_lines_and_columns_count_from_one() -> None:
    place = locate("SELECT 1\n  FROM t TABLESAMPLE SYSTEM (1)", "TABLESAMPLE")
    assert place is not None
    assert (place.line, place.column) == (2, 10)


def test_what_does_not_occur_has_no_place() -> None:
    assert locate("SELECT 1", "other") is None
    assert locate("SELECT 1", None) is None
