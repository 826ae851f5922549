"""Snowflake's SQL → PostgreSQL's: what is made of it, and what is refused where."""

from __future__ import annotations

import pytest

from dyntables.compiler.dialects.snowflake import translate
from dyntables.compiler.dialects.snowflake.functions import FUNCTIONS, SECTIONS
from dyntables.compiler.statements import CreateDynamicTable, Dialect, parse_statement, split_statements
from dyntables.errors import DyntablesError, InvalidQueryError, StatementSyntaxError, UnsupportedQueryError
from tools.dialect_page import PAGE, dialect_page


def columns(sql: str) -> tuple[str, ...]:
    return ("a", "b", "c")


def carried(text: str) -> str:
    return translate(text, columns).replace("dyntables_snowflake.", "sf.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('SELECT A, "A", "Ab", T.b FROM T', 'SELECT "a", "a", "Ab", "t"."b" FROM "t"'),
        ("SELECT a + 1 AS x, x * 2 AS y FROM t", 'SELECT ("a" + 1) AS "x", ((("a" + 1)) * 2) AS "y" FROM "t"'),
        ("SELECT a + 1 AS b, b AS y FROM t", 'SELECT ("a" + 1) AS "b", "b" AS "y" FROM "t"'),
        ("SELECT a AS x FROM t WHERE x > 1", 'SELECT "a" AS "x" FROM "t" WHERE (("a") > 1)'),
        ("SELECT a, SUM(b) AS s FROM t GROUP BY ALL", 'SELECT "a", sum("b") AS "s" FROM "t" GROUP BY 1'),
        ("SELECT SUM(b) AS s FROM t GROUP BY ALL", 'SELECT sum("b") AS "s" FROM "t"'),
        ("SELECT *, a AS x FROM t ORDER BY ALL", 'SELECT "a", "b", "c", "a" AS "x" FROM "t" ORDER BY 1 NULLS LAST, 2 '
         "NULLS LAST, 3 NULLS LAST, 4 NULLS LAST"),
        ("SELECT TOP 2 a FROM t", 'SELECT "a" FROM "t" LIMIT 2'),
        ("SELECT a FROM t MINUS SELECT a FROM u", '(SELECT "a" FROM "t") EXCEPT (SELECT "a" FROM "u")'),
        ("SELECT a FROM t UNION SELECT a FROM u INTERSECT SELECT a FROM v",
         '(SELECT "a" FROM "t") UNION ((SELECT "a" FROM "u") INTERSECT (SELECT "a" FROM "v"))'),
        ("SELECT * EXCLUDE b FROM t", 'SELECT "a", "c" FROM "t"'),
        ("SELECT t.* RENAME (a AS x) FROM t", 'SELECT "t"."a" AS "x", "t"."b", "t"."c" FROM "t"'),
        ("SELECT * REPLACE (a + 1 AS a) FROM t", 'SELECT ("a" + 1) AS "a", "b", "c" FROM "t"'),
        ("SELECT * ILIKE 'B%' FROM t", 'SELECT "b" FROM "t"'),
        ("SELECT column1 AS x FROM VALUES (1), (2)", 'SELECT "column1" AS "x" FROM (VALUES (1), (2)) AS dt_from_1'),
        ("SELECT t.a FROM (t JOIN u ON t.a = u.a)",
         'SELECT "t"."a" FROM ("t" , "u" ON'.replace(" , ", " JOIN ") + ' ("t"."a" = "u"."a"))'),
        ("SELECT a FROM t ORDER BY a DESC", 'SELECT "a" FROM "t" ORDER BY "a" DESC'),
        ("SELECT a FROM t ORDER BY a DESC NULLS LAST", 'SELECT "a" FROM "t" ORDER BY "a" DESC NULLS LAST'),
        ("SELECT a / b AS x FROM t", 'SELECT sf.divide(sf.num("a"), sf.num("b")) AS "x" FROM "t"'),
        ("SELECT a FROM t WHERE a LIKE b", 'SELECT "a" FROM "t" WHERE ("a" LIKE "b" ESCAPE \'\')'),
        ("SELECT a:x.y[0]::INT AS x FROM t", "SELECT CAST(sf.to_number((\"a\" -> 'x' -> 'y' -> 0)) AS bigint) AS \"x\" "
         'FROM "t"'),
        ("SELECT f.value AS v FROM t, LATERAL FLATTEN(input => t.a) f", 'SELECT "f"."value" AS "v" FROM "t" CROSS JOIN '
         "LATERAL sf.flatten(\"t\".\"a\", 'BOTH') AS \"f\" (key, index, value, this)"),
        ("SELECT LAST_VALUE(a) OVER (ORDER BY b) AS x FROM t", 'SELECT last_value("a") OVER (ORDER BY "b" ROWS BETWEEN '
         'UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "x" FROM "t"'),
        ("SELECT DATEADD(day, 1, a) AS day FROM t", "SELECT sf.add_days(\"a\", sf.num(1), interval '1 day') AS \"day\" "
         'FROM "t"'),
        ("SELECT a FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY b ORDER BY c) = 1",
         'SELECT dt_qualified."a" AS "a" FROM (SELECT "a" AS "a", row_number() OVER (PARTITION BY "b" ORDER BY "c") AS '
         '"dt_qualify_1" FROM "t") AS dt_qualified WHERE ("dt_qualified"."dt_qualify_1" = 1)'),
        ("SELECT a, RANK() OVER (ORDER BY b) AS r FROM t QUALIFY r = 1 AND c > 0",
         'SELECT dt_qualified."a" AS "a", dt_qualified."r" AS "r" FROM (SELECT "a" AS "a", rank() OVER (ORDER BY "b") '
         'AS "r", "c" AS "dt_qualify_1" FROM "t") AS dt_qualified WHERE ((("dt_qualified"."r") = 1) AND '
         '("dt_qualified"."dt_qualify_1" > 0))'),
    ],
)  # fmt: skip
def test_what_becomes_of_a_query(text: str, expected: str) -> None:
    assert carried(text) == expected


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("SELECT a, RANDOM() AS r FROM t", "RANDOM is not carried over: its result is different", "RANDOM()"),
        ("SELECT FOO(a) AS r FROM t", "function FOO", "FOO(a)"),
        ("SELECT a FROM t SAMPLE (10)", "SAMPLE", "t SAMPLE"),
        ("SELECT * FROM t PIVOT(SUM(a) FOR b IN ('x')) p", "PIVOT", "t PIVOT"),
        ("SELECT a FROM t START WITH a = 1 CONNECT BY PRIOR a = b", "CONNECT BY", "a = 1"),
        ("SELECT a FROM t AT(TIMESTAMP => 'x')", "time travel", "t AT"),
        ("SELECT $1 AS a FROM t", r"\$1 is not carried over", None),
        ("SELECT s.NEXTVAL AS a FROM t", "NEXTVAL", "s.NEXTVAL"),
        ("SELECT a FROM TABLE(GENERATOR(ROWCOUNT => 3))", "GENERATOR", "TABLE"),
        ("SELECT LAG(a) IGNORE NULLS OVER (ORDER BY b) AS x FROM t", "IGNORE NULLS", "LAG"),
        ("SELECT LISTAGG(a, ',') OVER (PARTITION BY b) AS x FROM t", "LISTAGG … OVER", "LISTAGG"),
        ("SELECT MEDIAN(a) OVER (PARTITION BY b) AS x FROM t", "MEDIAN … OVER", "MEDIAN"),
        ("SELECT a::TIMESTAMP_TZ AS x FROM t", "TIMESTAMP_?TZ", "a::"),
        ("SELECT a::GEOGRAPHY AS x FROM t", "GEOGRAPHY", "a::"),
        ("SELECT a FROM t WHERE a:x = 'y'", "comparison of a VARIANT", "a:x"),
        ("SELECT f.seq AS s FROM t, LATERAL FLATTEN(input => a) f", "FLATTEN column SEQ", "f.seq"),
        ("SELECT f.value AS s FROM t, LATERAL FLATTEN(input => a, recursive => TRUE) f", "RECURSIVE", "FLATTEN"),
        ("SELECT DATEADD(nanosecond, 1, a) AS x FROM t", "keeps microseconds", "nanosecond"),
        ("SELECT REGEXP_REPLACE(a, 'x|xy', '') AS x FROM t", "which branch", "'x"),
        ("SELECT a FROM t WHERE a RLIKE b", "must be a constant", "b"),
        ("SELECT TO_NUMBER(a, '99') AS x FROM t", "a format", "TO_NUMBER"),
        ("SELECT TO_CHAR(a, '9,999') AS x FROM t", "format", "'9"),
        ("SELECT COUNT(a) FILTER (WHERE b) AS x FROM t", "FILTER", "COUNT"),
        ("SELECT a FROM t UNION BY NAME SELECT a FROM u", "BY NAME", "a FROM"),
        ("SELECT t.a FROM t, u WHERE t.a = u.b(+)", r"outer join by \(\+\)", "u.b"),
        ("SELECT TOP 3 WITH TIES a FROM t", "WITH TIES", None),
        ("SELECT a FROM (SELECT a FROM t) s SAMPLE (10)", "SAMPLE", None),
        ("SELECT COUNT(t.*) AS n FROM t", "star of a table", "t.*"),
        ("SELECT a FROM t FOR UPDATE", "FOR UPDATE", None),
        ('SELECT a:b["x"] AS y FROM t', "double quotes", '"x"'),
        ("SELECT f.* FROM t, LATERAL FLATTEN(t.a) f", "star over FLATTEN", "f"),
        ("SELECT a FROM t, LATERAL FLATTEN(t.a) WHERE value = '1'", "comparison of a VARIANT", "value"),
        ("SELECT a FROM t WHERE 'x' IN (a:b, 'y')", "comparison of a VARIANT", "a:b"),
        ("SELECT NVL(a:b, '1') AS x FROM t", "VARIANT and text", "NVL"),
        ("SELECT TRY_TO_DATE(a, 'YYYY') AS x FROM t", "with a format", "TRY_TO_DATE"),
        ("SELECT a FROM t ASOF JOIN u MATCH_CONDITION (t.a >= u.a)", "ASOF", None),
        ("SELECT a FROM t MATCH_RECOGNIZE (ORDER BY b PATTERN (x) DEFINE x AS a > 1)", "MATCH_RECOGNIZE", None),
        ("SELECT ROW_NUMBER() AS x FROM t", "needs OVER", "ROW_NUMBER"),
        ("SELECT DIV0(a) AS x FROM t", "DIV0 with 1 arguments", "DIV0"),
    ],
)
def test_what_is_refused_is_named_and_placed(text: str, message: str, place: str | None) -> None:
    with pytest.raises(UnsupportedQueryError, match=message) as caught:
        carried(text)
    if place is not None:
        assert caught.value.span is not None
        assert text[caught.value.span.start :].startswith(place)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT a, COUNT(*) FROM t GROUP BY a", "has no name"),
        ("SELECT (a FROM t", "cannot read"),
        ("SELECT 'a FROM t", "cannot read"),
        ("DELETE FROM t", "expected one query"),
    ],
)
def test_what_is_no_query_is_told(text: str, message: str) -> None:
    with pytest.raises(InvalidQueryError, match=message):
        carried(text)


def test_names_may_come_from_a_list_of_columns() -> None:
    assert translate("SELECT a + 1 FROM t", columns, named=True) == 'SELECT ("a" + 1) FROM "t"'


def test_the_option_and_its_lexical_rules() -> None:
    text = "CREATE DYNAMIC TABLE t DIALECT = snowflake LAG = '1 m' AS SELECT 'it\\'s;' AS x // it's\n; SELECT 'a\\'"
    first, second = split_statements(text)
    assert second.text == "SELECT 'a\\'"
    statement = parse_statement(first.text)
    assert isinstance(statement, CreateDynamicTable)
    assert statement.options.dialect is Dialect.SNOWFLAKE
    assert statement.query == "SELECT 'it\\'s;' AS x"
    with pytest.raises(DyntablesError, match="is not one of POSTGRESQL, SNOWFLAKE"):
        parse_statement("CREATE DYNAMIC TABLE t DIALECT = ORACLE LAG = '1 m' AS SELECT 1")
    with pytest.raises(StatementSyntaxError, match="not closed"):
        parse_statement("CREATE DYNAMIC TABLE t LAG = '1 m' AS SELECT 'it\\'s' AS x")


def test_the_table_names_each_function_once() -> None:
    names = [entry.name for entries in SECTIONS.values() for entry in entries]
    assert len(names) == len(set(names)) == len(FUNCTIONS)
    for entry in FUNCTIONS.values():
        ways = (bool(entry.templates), entry.write is not None, bool(entry.refused))
        assert sum(ways) == 1, entry.name


def test_the_page_is_that_of_the_table() -> None:
    assert PAGE.read_text() == dialect_page(), "run make docs"
