"""The arguments of a rule as they are stored: read from a statement, and written as SQL again."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Mapping

from dyntables.compiler.names import literal, quote_qualified
from dyntables.compiler.quality.catalogue import KINDS
from dyntables.compiler.quality.kind import Given, Kind, Parameter, Sort
from dyntables.compiler.statements import RuleCheck, Written
from dyntables.compiler.statements.lexer import Kind as Lexeme
from dyntables.compiler.statements.lexer import Token, tokenize
from dyntables.errors import DyntablesError, InvalidOptionError, InvalidQueryError, Span

# By the names of parameters: of a column its plain name, of all else SQL.
Arguments = Mapping[str, tuple[str, ...]]
# Returns schema and name of a relation by the parts of its name, None if there is none.
Resolve = Callable[[tuple[str, ...]], tuple[str, str] | None]


def kind_of(check: RuleCheck, text: str) -> Kind:
    """Return the kind of a rule.

    Raises:
        InvalidOptionError: there is none of that name; with the place and similar names.
    """
    kind = KINDS.get(check.kind.text)
    if kind is None:
        close = difflib.get_close_matches(check.kind.text, KINDS, 1, 0.6)
        hint = f"Did you mean {close[0]}?" if close else "docs/quality.md lists the kinds."
        raise InvalidOptionError(f'there is no rule "{check.kind.text}"', hint=hint, span=_span(check.kind, text))
    return kind


def bind(check: RuleCheck, kind: Kind, text: str, columns: Collection[str], resolve: Resolve) -> Arguments:
    """Return the arguments of a rule that is written in a statement's text.

    Raises:
        InvalidOptionError, InvalidQueryError: they do not fit the kind or the table; with the place.
    """
    parameters = _places(kind, check, text)
    found: dict[str, tuple[str, ...]] = {}
    for parameter, argument in zip(parameters, check.arguments, strict=True):
        value = _value(parameter, argument, text, columns, resolve)
        found[parameter.name] = (*found.get(parameter.name, ()), value)
    return found


def render(kind: Kind, arguments: Arguments) -> Given:
    """Return stored arguments as SQL."""
    quoted = {p.name for p in kind.parameters if p.sort in (Sort.COLUMN, Sort.NAME)}
    return Given(
        {
            name: tuple(quote_qualified(value) for value in values) if name in quoted else tuple(values)
            for name, values in arguments.items()
        }
    )


def columns_of(kind: Kind, arguments: Arguments) -> set[str]:
    """Return the columns that arguments name by themselves."""
    columns = {p.name for p in kind.parameters if p.sort is Sort.COLUMN}
    return {value for name, values in arguments.items() if name in columns for value in values}


def renamed(kind: Kind, arguments: Arguments, names: Mapping[str, str]) -> Arguments:
    """Return arguments in which columns have other names."""
    columns = {p.name for p in kind.parameters if p.sort is Sort.COLUMN}
    return {n: tuple(names.get(v, v) for v in values) if n in columns else values for n, values in arguments.items()}


def _places(kind: Kind, check: RuleCheck, text: str) -> tuple[Parameter, ...]:
    """Return the parameter of each argument."""
    fixed, given = kind.parameters, len(check.arguments)
    if fixed and fixed[-1].many:
        fixed = (*fixed[:-1], *[fixed[-1]] * max(fixed[-1].least, given - len(fixed) + 1))
    if len(fixed) != given:
        raise InvalidOptionError(
            f"{kind.name} takes {'at least ' if fixed != kind.parameters else ''}{len(fixed)} arguments, not {given}",
            hint=f"{kind.signature}: {kind.says}.",
            span=_span(check.whole, text),
        )
    return fixed


def _value(parameter: Parameter, written: Written, text: str, columns: Collection[str], resolve: Resolve) -> str:
    tokens = tokenize(written.text)[:-1]
    if parameter.sort in (Sort.EXPRESSION, Sort.PREDICATE):
        return f"({written.text})"
    if parameter.sort is Sort.COLUMN:
        return _column(tokens, written, text, columns)
    if parameter.sort is Sort.NAME and _is_name(tokens) and len(tokens) == 1:
        return tokens[0].value
    if parameter.sort is Sort.RELATION and _is_name(tokens):
        parts = tuple(t.value for t in tokens[::2])
        relation = resolve(parts)
        if relation is None:
            raise InvalidQueryError(f'there is no table or view "{".".join(parts)}"', span=_span(written, text))
        return quote_qualified(*relation)
    if parameter.sort is Sort.QUERY and [t.kind for t in tokens] == [Lexeme.STRING]:
        return tokens[0].value
    if parameter.sort in (Sort.LITERAL, Sort.WORD):
        return _constant(parameter, tokens, written, text)
    raise _unfit(parameter, written, text)


def _column(tokens: list[Token], written: Written, text: str, columns: Collection[str]) -> str:
    if len(tokens) != 1 or not _is_name(tokens):
        raise InvalidOptionError(f'"{written.text}" is not the name of a column', span=_span(written, text))
    name = tokens[0].value
    if name not in columns:
        close = difflib.get_close_matches(name, list(columns), 1, 0.6)
        hint = f'Did you mean "{close[0]}"?' if close else None
        raise InvalidQueryError(f'column "{name}" does not exist', hint=hint, span=_span(written, text))
    return name


def _constant(parameter: Parameter, tokens: list[Token], written: Written, text: str) -> str:
    kinds = [t.kind for t in tokens]
    signed = kinds == [Lexeme.SYMBOL, Lexeme.NUMBER] and tokens[0].value in "+-"
    if parameter.words:
        word = tokens[0].value.lower() if len(tokens) == 1 else written.text
        if word not in parameter.words:
            allowed = ", ".join(parameter.words)
            raise InvalidOptionError(f'"{word}" is not one of {allowed}', span=_span(written, text))
        return word
    if kinds == [Lexeme.STRING]:
        return literal(tokens[0].value)
    if signed or kinds == [Lexeme.NUMBER]:
        return "".join(t.value for t in tokens)
    raise _unfit(parameter, written, text)


def _is_name(tokens: list[Token]) -> bool:
    """Tell whether these are names with dots between them."""
    names = all(t.kind in (Lexeme.WORD, Lexeme.QUOTED) for t in tokens[::2])
    return len(tokens) % 2 == 1 and names and all(t.value == "." for t in tokens[1::2])


def _unfit(parameter: Parameter, written: Written, text: str) -> DyntablesError:
    return InvalidOptionError(f"{parameter.name} is {parameter.sort}", span=_span(written, text))


def _span(written: Written, text: str) -> Span:
    return Span(text, written.start, written.start + max(1, len(written.text)))
