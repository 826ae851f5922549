"""The queries that measure rules: one look at some rows for all rules that follow from sums, one for each other rule.

A row fails where the predicate of a rule IS FALSE: NULL passes. A rule with a filter checks the rows of the filter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dyntables.compiler.names import FROZEN, WEIGHT, quote, quote_qualified, with_names
from dyntables.compiler.plan.algebra.nodes import Column
from dyntables.compiler.quality.binding import Arguments, render
from dyntables.compiler.quality.catalogue import KINDS
from dyntables.compiler.quality.kind import Counted, Kind, Sums, Term, Watched
from dyntables.compiler.statements.lexer import Kind as Lexeme
from dyntables.compiler.statements.lexer import tokenize

# The sums of the contents before, if they are known.
Before = Sequence[int] | None


@dataclass(frozen=True, slots=True)
class Question:
    """What a rule asks of the rows of a table.

    ``predicate``: of a row, and ``filter``: of the rows that it is about, as the server writes them.
    """

    kind: str
    arguments: Arguments
    predicate: str | None = None
    filter: str | None = None

    @property
    def sums(self) -> Sums | None:
        """The sums that the measure follows from, if it does."""
        if self.predicate is not None:
            return Sums((Term(self.filter), Term(self.fails)), lambda sums: sums[0], lambda sums: sums[1])
        kind = KINDS[self.kind]
        if kind.sums is None:
            return None
        sums = kind.sums(render(kind, self.arguments))
        return replace(sums, terms=tuple(Term(_both(self.filter, term.condition)) for term in sums.terms))

    @property
    def fails(self) -> str:
        """The condition of the rows that fail, of a rule about a row."""
        assert self.predicate is not None
        fails = f"({self.predicate}) IS FALSE"
        return fails if self.filter is None else f"({self.filter}) AND {fails}"


def predicate_of(kind: Kind, arguments: Arguments) -> str:
    """Return the predicate of a rule about a row, as it is told to the server first."""
    assert kind.predicate is not None
    return kind.predicate(render(kind, arguments))


def over_rows(rows: str, questions: Sequence[Sums], before: Sequence[Before] | None = None) -> str:
    """Return the query of one row over a FROM item: of each question its sums, how much was checked, and failed.

    ``before``: the sums of the contents that these rows replace, where they are known.
    """
    found = [[_count(term) for term in sums.terms] for sums in questions]
    return _concluded(rows, questions, found, before or [None] * len(questions))


def over_delta(delta: str, questions: Sequence[Sums], before: Sequence[Sequence[int]]) -> str:
    """Return the same after a delta, from the sums before it."""
    found = [
        [f"{int(was)} + {_weigh(term)}" for was, term in zip(known, sums.terms, strict=True)]
        for known, sums in zip(before, questions, strict=True)
    ]
    return _concluded(delta, questions, found, before)


def counted_of(question: Question, schema: str, name: str, rows: str | None = None) -> Counted:
    """Return the queries of a rule that is about more than sums; ``rows``: FROM item of the rows, if not the table."""
    kind = KINDS[question.kind]
    assert kind.counted is not None
    table = rows or quote_qualified(schema, name)
    if question.filter is not None:
        table = f"(SELECT * FROM {table} AS {FROZEN} WHERE {question.filter})"
    return kind.counted(render(kind, question.arguments), Watched(table, schema, name))


def measure_of(question: Question, schema: str, name: str) -> str:
    """Return the query that measures one rule over its table; the last two of its columns: checked and failed."""
    sums = question.sums
    if sums is not None:
        return over_rows(quote_qualified(schema, name), [sums])
    return with_names(counted_of(question, schema, name).measure, ("checked", "failed"))


def failing(question: Question, schema: str, name: str, rows: str | None = None) -> str | None:
    """Return the query of what fails, if there are rows to show."""
    if question.predicate is not None:
        return f"SELECT {FROZEN}.* FROM {rows or quote_qualified(schema, name)} AS {FROZEN} WHERE {question.fails}"
    return None if question.sums is not None else counted_of(question, schema, name, rows).examples


def examples(query: str, most: int) -> str:
    """Return the query of one text: some rows of a query, as JSON."""
    return f"SELECT coalesce(jsonb_agg(to_jsonb(e)), '[]')::text FROM (SELECT * FROM ({query}) q LIMIT {most}) e"


def page(query: str, limit: int, offset: int) -> str:
    """Return the query of one text: a page of the rows of a query as a JSON list, their columns in order."""
    rows = f"SELECT * FROM ({query}) q OFFSET {int(offset)} LIMIT {int(limit)}"
    return f"SELECT coalesce(json_agg(to_json(e)), '[]')::text FROM ({rows}) e"


def named(delta: str, columns: Mapping[str, Column]) -> str:
    """Return a delta, a FROM item, under the names that its columns have in the table."""
    items = "".join(f"{quote(c.id)} AS {quote_qualified(name)}, " for name, c in columns.items())
    return f"(SELECT {items}{WEIGHT} FROM {delta} delta_q)"


def columns_in(sums: Sums, names: Sequence[str]) -> set[str]:
    """Return the columns that sums may read, of those of a table: perhaps too many."""
    texts = [term.condition for term in sums.terms if term.condition is not None]
    said = {t.value for text in texts for t in tokenize(text) if t.kind in (Lexeme.WORD, Lexeme.QUOTED)}
    return said & set(names)


def _concluded(rows: str, questions: Sequence[Sums], found: Sequence[Sequence[str]], before: Sequence[Before]) -> str:
    """Return the query of sums, and of what follows from them."""
    names = [[f"s{n}_{i}" for i in range(len(sums))] for n, sums in enumerate(found)]
    inner = ", ".join(
        f"{sql} AS {name}" for sums, own in zip(found, names, strict=True) for sql, name in zip(sums, own, strict=True)
    )
    outer = list[str]()
    for n, (own, question, was) in enumerate(zip(names, questions, before, strict=True)):
        known = [*own, *_former(own, was)] if question.compares else own
        outer += [*own, f"{question.checked(known)} AS checked_{n}", f"{question.failed(known)} AS failed_{n}"]
    return f"SELECT {', '.join(outer)} FROM (SELECT {inner} FROM {rows} AS {FROZEN}) sums_q"


def _former(sums: Sequence[str], before: Before) -> list[str]:
    """Return former sums as SQL."""
    return [f"{int(was)}::numeric" for was in before] if before is not None else ["NULL::numeric" for _ in sums]


def _count(term: Term) -> str:
    return "count(*)::numeric" if term.condition is None else f"count(*) FILTER (WHERE {term.condition})::numeric"


def _weigh(term: Term) -> str:
    where = "" if term.condition is None else f" FILTER (WHERE {term.condition})"
    return f"coalesce(sum({WEIGHT}){where}, 0)::numeric"


def _both(first: str | None, second: str | None) -> str | None:
    if first is None or second is None:
        return first or second
    return f"({first}) AND ({second})"
