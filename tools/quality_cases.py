"""Cases of every kind of quality rule: rows that pass and rows that fail, for docs/rules and for tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """A rule over a table of these columns.

    ``passes``: rows with which it holds. ``fails``: rows that are added, and then break it, ``failed`` of them being
    counted; None: as many as are added. ``state``: with the rows that pass, if that is another.
    """

    check: str
    columns: str
    passes: tuple[str, ...]
    fails: tuple[str, ...]
    failed: int | None = None
    dynamic: bool = False
    state: str = "PASSED"


def _one(check: str, columns: str, passes: str, fails: str, failed: int | None = None) -> Case:
    return Case(check, columns, tuple(passes.split("; ")), tuple(fails.split("; ")), failed)


OTHER = "CREATE TABLE other (key integer, n integer); INSERT INTO other VALUES (1, 10), (2, 20)"

CASES: Mapping[str, tuple[Case, ...]] = {
    "not_null": (_one("not_null(a)", "a integer", "1; 2", "NULL"),),
    "not_blank": (_one("not_blank(a)", "a text", "'x'; ' x '; NULL", "''; ' '; E'\\t\\n'"),),
    "range": (
        _one("range(a, 0, 10)", "a integer", "0; 10; NULL", "-1; 11"),
        _one("range(a, NULL, 10)", "a integer", "-1; 10", "11"),
        _one("range(a, current_date - 7, NULL)", "a date", "current_date; current_date - 7", "current_date - 8"),
    ),
    "accepted_values": (_one("accepted_values(a, 'x', 'y')", "a text", "'x'; 'y'; NULL", "'z'; ''"),),
    "rejected_values": (_one("rejected_values(a, 'n/a', '?')", "a text", "'x'; NULL", "'n/a'; '?'"),),
    "regex": (_one(r"regex(a, '^[A-Z]{2}\d+$')", "a text", "'AB1'; NULL", "'ab1'; 'AB'"),),
    "format": (
        _one("format(a, email)", "a text", "'a.b+c@example.org'; NULL", "'a@b'; 'a b@example.org'; '@example.org'"),
        _one("format(a, uuid)", "a text", "'0b0a6f6e-6d1c-4f0b-8f2c-0123456789ab'", "'0b0a6f6e'"),
        _one("format(a, ip)", "a text", "'10.0.0.255'; '::1'; 'fe80::1:2'", "'10.0.0.256'; '10.0.0'"),
        _one("format(a, url)", "a text", "'https://example.org/x?y=1'", "'example.org'; 'https:// x'"),
        _one("format(a, iso_country)", "a text", "'DE'", "'de'; 'DEU'"),
        _one("format(a, iso_currency)", "a text", "'EUR'", "'eur'; 'EU'"),
        _one("format(a, iso_language)", "a text", "'de'; 'deu'", "'DE'"),
        _one("format(a, e164)", "a text", "'+4930123456'", "'030123456'; '+0'"),
        _one("format(a, json)", "a text", """'{"a": 1}'; '[1]'; 'null'; '-1.5'""", "'{'; 'x'"),
    ),
    "length": (_one("length(a, 2, 3)", "a text", "'äö'; 'abc'; NULL", "'a'; 'abcd'"),),
    "castable": (
        _one("castable(a, integer)", "a text", "' 12 '; '-3'; NULL", "'1.5'; 'x'; ''"),
        _one("castable(a, bigint)", "a text", "'123456789012'", "'1.0'"),
        _one("castable(a, numeric)", "a text", "'1.5'; '-.5e10'", "'1,5'; '.'"),
        _one("castable(a, boolean)", "a text", "'TRUE'; 'no'", "'maybe'"),
        _one("castable(a, date)", "a text", "'2026-12-31'", "'2026-13-01'; '31.12.2026'"),
        _one("castable(a, timestamp)", "a text", "'2026-12-31 23:59:59.5'", "'2026-12-31'; '2026-12-31 24:00'"),
        _one("castable(a, uuid)", "a text", "'0b0a6f6e-6d1c-4f0b-8f2c-0123456789ab'", "'x'"),
    ),
    "precision": (_one("precision(a, 2)", "a numeric", "1; 1.25; NULL", "1.255"),),
    "compare": (_one("compare(a, '<=', b)", "a integer, b integer", "1, 1; 1, 2; NULL, 1", "2, 1"),),
    "conditional": (
        _one("conditional(a = 'paid', b > 0)", "a text, b integer", "'paid', 1; 'open', 0; NULL, 0", "'paid', 0"),
    ),
    "expression": (_one("expression(a > 0 AND a % 2 = 0)", "a integer", "2; NULL", "0; 3"),),
    "unique": (_one("unique(a)", "a integer", "1; 2; NULL; NULL", "1; 1", 3),),
    "unique_combination": (
        _one("unique_combination(a, b)", "a integer, b integer", "1, 1; 1, 2; 1, NULL; 1, NULL", "1, 2", 2),
    ),
    "primary_key": (_one("primary_key(a)", "a integer", "1; 2", "2; NULL", 3),),
    "references": (_one("references(a, other, key)", "a integer", "1; 2; 2; NULL", "3; 3"),),
    "no_orphans": (_one("no_orphans(a, other, key)", "a integer", "1; 2", "3; NULL"),),
    "row_count": (_one("row_count(1, 2)", "a integer", "1; 2", "3", 1),),
    "distinct_count": (_one("distinct_count(a, 1, 2)", "a integer", "1; 2; 2; NULL", "3", 1),),
    "aggregate": (
        _one("aggregate(sum, a, 0, 10)", "a integer", "4; 6; NULL", "1", 1),
        _one("aggregate(median, a, 1, 2)", "a integer", "1; 2; 2", "9; 9; 9", 1),
    ),
    "reconcile": (_one("reconcile(sum, a, other, n, 0.5)", "a numeric", "10; 20.5", "1", 1),),
    "freshness": (
        Case("freshness(a, '1 hour')", "a timestamptz", ("now()",), ("now() - interval '1 day'",), 0),
    ),
    "lag_met": (Case("lag_met()", "a integer", ("1",), (), dynamic=True),),
    "volume_change": (Case("volume_change(20)", "a integer", ("1",), (), dynamic=True, state="NOT_EVALUATED"),),
    "schema": (Case("schema('a integer', 'b text')", "a integer, b text", ("1, 'x'",), ()),),
    "custom": (_one("custom('SELECT a FROM watched WHERE a < 0')", "a integer", "1; 2", "-1; -2"),),
    "no_gaps": (
        _one("no_gaps(a, '1 day')", "a date", "'2026-01-01'; '2026-01-02'; '2026-01-02'; NULL", "'2026-01-05'", 2),
    ),
    "category_share": (_one("category_share(a, 'x', 0.4, 0.6)", "a text", "'x'; 'y'", "'y'; 'y'", 1),),
}  # fmt: skip
