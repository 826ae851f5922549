"""Names in text of the server's are replaced where they stand for what was renamed, and nowhere else."""

from __future__ import annotations

import pytest

from dyntables.compiler.renames import Rename, Sort, rename_objects

F = Rename(Sort.FUNCTION, ("x", "f"), "y.g")
T = Rename(Sort.TYPE, ("x", "t"), 'x."T"')
RED = Rename(Sort.LABEL, ("x", "t", "red"), "'r''d'")
BLUE = Rename(Sort.LABEL, ("x", "t", "blue"), "'red'")
A = Rename(Sort.ATTRIBUTE, ("a",), "b")


@pytest.mark.parametrize(
    ("text", "renames", "expected"),
    [
        ("SELECT x.f(x.f), 'x.f(1)' FROM s.x", [F], ["SELECT y.g(x.f), 'x.f(1)' FROM s.x"]),
        ('SELECT "x".f (1), xx.f(1), x.f.g(1)', [F], ["SELECT y.g (1), xx.f(1), x.f.g(1)"]),
        ("SELECT a OPERATOR(x.#+) b", [Rename(Sort.OPERATOR, ("x", "#+"), "y.#+")], ["SELECT a OPERATOR(y.#+) b"]),
        ("SELECT NULL::x.t, a::x.t[], '1'::x.t(3)", [T], ["SELECT NULL::x.\"T\", a::x.\"T\"[], '1'::x.\"T\"(3)"]),
        ("SELECT CAST('red' AS x.t), 'red'", [RED], ["SELECT CAST('r''d' AS x.t), 'red'"]),
        ("SELECT 'red'::x.t, 'blue'::x.t", [RED, BLUE], ["SELECT 'r''d'::x.t, 'red'::x.t"]),
        ("SELECT '{red,NULL,\"blue\"}'::x.t[]", [RED, BLUE], ["SELECT '{\"r''d\",NULL,\"red\"}'::x.t[]"]),
        ("SELECT a COLLATE x.c, x.c", [Rename(Sort.COLLATION, ("x", "c"), "y.c")], ["SELECT a COLLATE y.c, x.c"]),
        ("SELECT 's.q'::regclass", [Rename(Sort.REFERENCE, ("s.q",), "'t.q'")], ["SELECT 't.q'::regclass"]),
        ("SELECT (r.p).a, r.a", [A], ["SELECT (r.p).b, r.a", "SELECT (r.p).a, r.a"]),
        (
            "SELECT x.f(1), x.f(2)",
            [F, Rename(Sort.FUNCTION, ("x", "f"), "x.f")],
            [
                "SELECT y.g(1), y.g(2)", "SELECT y.g(1), x.f(2)", "SELECT x.f(1), y.g(2)", "SELECT x.f(1), x.f(2)",
            ],
        ),
    ],
)  # fmt: skip
def test_names_are_replaced(text: str, renames: list[Rename], expected: list[str]) -> None:
    assert [written for (written,) in rename_objects([text], renames)] == expected


def test_all_texts_are_written_together() -> None:
    assert list(rename_objects(["x.f(1)", "(q.p).a"], [F, A])) == [["y.g(1)", "(q.p).b"], ["y.g(1)", "(q.p).a"]]
