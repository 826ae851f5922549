"""What a rule means: its words are read by the server, in the name of its owner, before anything is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dyntables.catalog.quality.rule import Meaning, Target, Terms
from dyntables.commands.quality.targets import Shape
from dyntables.commands.session import Session
from dyntables.compiler.quality.binding import Arguments, bind, kind_of
from dyntables.compiler.quality.catalogue import KINDS
from dyntables.compiler.quality.kind import Dimension, Kind, Sort
from dyntables.compiler.quality.measure import Question, measure_of, predicate_of
from dyntables.compiler.statements import OnViolation, RuleCheck, RuleOptions, Severity, Tolerance, Written
from dyntables.engines.postgres.definition.by_name import readable_relation, search_path
from dyntables.engines.postgres.definition.parsing import SAFE_UNDER
from dyntables.engines.postgres.definition.predicate import is_immutable, read_predicate
from dyntables.engines.postgres.quality.reading import read_query
from dyntables.errors import DyntablesError, InvalidOptionError, InvalidQueryError, Span

_PREDICATE = "the predicate of a rule"


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads what statements say of the rules of one table; ``text`` is the statement."""

    session: Session
    target: Target
    shape: Shape
    text: str

    def meaning(self, check: RuleCheck, where: Written | None) -> Meaning:
        """Return what a rule means.

        Raises:
            InvalidOptionError, InvalidQueryError: it cannot be checked; with the place.
        """
        kind = kind_of(check, self.text)
        if kind.dynamic and self.target.dynamic_table_id is None:
            raise InvalidOptionError(f"{kind.name} is a rule of dynamic tables", span=_span(check.kind, self.text))
        arguments = bind(check, kind, self.text, [name for name, _ in self.shape.columns], self._resolve)
        predicate = None
        condition = self.filter(where)
        if kind.predicate is not None:
            predicate = self._predicate(predicate_of(kind, arguments), check.arguments, check.whole)
        else:
            arguments = self._queried(kind, arguments, check, condition)
        written = f"{kind.name}({check.whole.text})"
        scans = self._scans(kind, [text for text in (predicate, condition) if text is not None])
        return Meaning(kind.name, arguments, written, predicate, condition, self.shape.numbers, scans)

    def filter(self, where: Written | None) -> str | None:
        """Return a filter as the server writes it."""
        return self._predicate(where.text, (where,), where) if where is not None else None

    def scans(self, meaning: Meaning) -> str | None:
        """Return why a rule looks at all rows each time; None if what changes of the table says how it changes."""
        texts = [text for text in (meaning.predicate, meaning.filter) if text is not None]
        return self._scans(KINDS[meaning.kind], texts)

    def _scans(self, kind: Kind, texts: list[str]) -> str | None:
        if self.target.dynamic_table_id is None:
            return "the table is not a dynamic one, and others write it"
        if kind.scans is not None:
            return kind.scans
        steady = is_immutable(self.session.connection, texts, self.shape.columns, self.target.owner)
        return None if steady else "it depends on the time or on settings, and not on the row alone"

    def _predicate(self, text: str, pieces: tuple[Written, ...], whole: Written) -> str:
        try:
            return read_predicate(
                self.session.connection, text, self.shape.columns, self._under(), self.target.owner, _PREDICATE
            )
        except (InvalidQueryError, InvalidOptionError) as error:
            self._place(error, text, pieces, whole)
            raise

    def _queried(self, kind: Kind, arguments: Arguments, check: RuleCheck, condition: str | None) -> Arguments:
        """Have the server read the query of a rule; return its arguments, a query as the server writes it."""
        connection, owner = self.session.connection, self.target.owner
        text = ""
        try:
            for parameter in kind.parameters:
                if parameter.sort is Sort.QUERY:
                    [text] = arguments[parameter.name]
                    arguments = {**arguments, parameter.name: (read_query(connection, text, self._under(), owner),)}
            question = Question(kind.name, arguments, filter=condition)
            text = measure_of(question, self.target.schema, self.target.name)
            read_query(connection, text, SAFE_UNDER, owner)
        except (InvalidQueryError, InvalidOptionError) as error:
            self._place(error, text, check.arguments, check.whole)
            raise
        return arguments

    def _under(self) -> Mapping[str, str]:
        return {**self.session.settings(), "search_path": search_path(self.session.connection)}

    def _resolve(self, parts: tuple[str, ...]) -> tuple[str, str] | None:
        found = readable_relation(self.session.connection, *parts[-2:])
        return (found.schema, found.name) if found is not None and not found.is_temporary else None

    def _place(self, error: DyntablesError, sent: str, pieces: tuple[Written, ...], whole: Written) -> None:
        """Say where in the statement it is: in the piece that what was sent has at that place, or in all of them."""
        at = _position(error, sent)
        error.span = _span(whole, self.text)
        for piece in pieces:
            # A query is told without its quotes.
            for inset in (0, 1):
                part = piece.text[inset : len(piece.text) - inset]
                begin = sent.find(part) if part else -1
                if at is not None and begin >= 0 and begin <= at < begin + len(part):
                    start = piece.start + inset + at - begin
                    error.span = Span(self.text, start, start + 1)
                    return


def _position(error: DyntablesError, sent: str) -> int | None:
    span = error.span
    return span.start if span is not None and span.text == sent else None


def terms_of(kind: Kind, target: Target, options: RuleOptions, text: str, before: Terms | None = None) -> Terms:
    """Return the terms that a statement gives a rule; what it does not say is as before, or as usual.

    Raises:
        InvalidOptionError: of what happens on violation, or the dimension.
    """
    usual = before or Terms(Severity.ERROR, Tolerance(), OnViolation.MONITOR, kind.dimension, None)
    terms = Terms(
        options.severity or usual.severity,
        options.tolerance or usual.tolerance,
        options.on_violation or usual.on_violation,
        _dimension(options.dimension, text) or usual.dimension,
        options.comment if options.comment is not None else usual.comment,
    )
    if terms.on_violation is OnViolation.QUARANTINE and kind.predicate is None:
        raise InvalidOptionError(
            f"ON VIOLATION QUARANTINE needs a rule about one row, and {kind.name} does not say which rows are bad",
            hint="Use MONITOR, WARN or BLOCK.",
        )
    if terms.on_violation in (OnViolation.BLOCK, OnViolation.QUARANTINE) and target.dynamic_table_id is None:
        raise InvalidOptionError(
            f'ON VIOLATION {terms.on_violation} needs a dynamic table, and "{target.qualified}" is none',
            hint="What is written to other tables is not ours to refuse: use a CHECK constraint.",
        )
    return terms


def _dimension(written: Written | None, text: str) -> str | None:
    if written is None:
        return None
    if written.text not in tuple(Dimension):
        allowed = ", ".join(Dimension)
        raise InvalidOptionError(f'"{written.text}" is not one of {allowed}', span=_span(written, text))
    return written.text


def _span(written: Written, text: str) -> Span:
    return Span(text, written.start, written.start + max(1, len(written.text)))
