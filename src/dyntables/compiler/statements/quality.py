"""CREATE, ALTER, DROP, SHOW, EXPLAIN and SUGGEST QUALITY RULE, CHECK QUALITY, and CONSTRAINT … EXPECT."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from dyntables.compiler.statements.cursor import Cursor
from dyntables.compiler.statements.lexer import Kind
from dyntables.compiler.statements.qualified import QualifiedName
from dyntables.compiler.statements.quality_model import (
    AlterQualityRule,
    CheckQuality,
    CreateQualityRule,
    DecideQuarantine,
    Decision,
    DropQualityRule,
    Expectation,
    ExplainQualityRule,
    OnViolation,
    QualityStatement,
    RuleAction,
    RuleCheck,
    RuleOptions,
    Severity,
    ShowQualityRules,
    SuggestQualityRules,
    Tolerance,
    Written,
)

E = TypeVar("E", bound=StrEnum)


def is_quality(words: list[str]) -> bool:
    """Tell whether a statement that begins with these words is one on quality rules."""
    if words[:1] == ["EXPLAIN"] and "CREATE" in words[:8]:
        words = words[words.index("CREATE") :]
    rest = [w for w in words[:5] if w not in ("OR", "REPLACE")]
    if words[:1] in (["CREATE"], ["ALTER"], ["DROP"]):
        return rest[1:3] == ["QUALITY", "RULE"]
    return words[:3] in (["SHOW", "QUALITY", "RULES"], ["SUGGEST", "QUALITY", "RULES"], ["CHECK", "QUALITY", "OF"])


def parse_quality(cursor: Cursor) -> QualityStatement:
    """Read a statement on quality rules.

    Raises:
        StatementSyntaxError: with the place in the text.
    """
    if cursor.accept("CHECK", "QUALITY", "OF"):
        statement: QualityStatement = CheckQuality(cursor.name())
    elif cursor.accept("SHOW", "QUALITY", "RULES"):
        statement = ShowQualityRules(cursor.name() if cursor.accept("ON") else None)
    elif cursor.accept("SUGGEST", "QUALITY", "RULES"):
        cursor.expect("FOR")
        statement = SuggestQualityRules(cursor.name())
    elif cursor.accept("EXPLAIN"):
        look = _look(cursor)
        statement = ExplainQualityRule(_create(cursor), look)
    elif cursor.accept("DROP", "QUALITY", "RULE"):
        if_exists = cursor.accept("IF", "EXISTS")
        rule = _rule(cursor)
        statement = DropQualityRule(rule, cursor.name(), if_exists)
    elif cursor.accept("ALTER", "QUALITY", "RULE"):
        statement = _alter(cursor)
    else:
        statement = _create(cursor)
    cursor.end()
    return statement


def parse_decision(cursor: Cursor, name: QualifiedName, if_exists: bool) -> DecideQuarantine | None:
    """Read RELEASE or DISCARD QUARANTINE of ALTER DYNAMIC TABLE; None if something else comes."""
    for decision in Decision:
        if cursor.accept(decision, "QUARANTINE"):
            where = _arguments(cursor)[1] if cursor.accept("WHERE") else None
            return DecideQuarantine(name, decision, where, if_exists, cursor.text)
    return None


def parse_expectation(cursor: Cursor) -> Expectation | None:
    """Read CONSTRAINT n EXPECT (predicate) [ON VIOLATION …] of a column list; None if something else comes."""
    words = [t.value.upper() for t in cursor.tokens[cursor.at : cursor.at + 3] if t.kind in (Kind.WORD, Kind.QUOTED)]
    if not cursor.peek_words("CONSTRAINT") or words[2:] != ["EXPECT"]:
        return None
    cursor.expect("CONSTRAINT")
    name = cursor.identifier("the name of a rule")
    start = cursor.token.start
    cursor.expect("EXPECT")
    arguments, whole = _arguments(cursor)
    check = RuleCheck(Written("expression", start), arguments, whole)
    return Expectation(name, check, _on_violation(cursor) if cursor.accept("ON", "VIOLATION") else None)


def _look(cursor: Cursor) -> bool:
    if not cursor.accept_symbol("("):
        return True
    cursor.expect("ANALYZE")
    look = not cursor.accept("FALSE")
    if look:
        cursor.accept("TRUE")
    cursor.symbol(")")
    return look


def _rule(cursor: Cursor) -> str:
    rule = cursor.identifier("the name of a rule")
    cursor.expect("ON")
    return rule


def _create(cursor: Cursor) -> CreateQualityRule:
    cursor.expect("CREATE")
    or_replace = cursor.accept("OR", "REPLACE")
    cursor.expect("QUALITY", "RULE")
    rule = _rule(cursor)
    name = cursor.name()
    cursor.expect("CHECK")
    start = cursor.token.start
    kind = Written(cursor.identifier("the kind of the rule").lower(), start)
    check = RuleCheck(kind, *_arguments(cursor))
    return CreateQualityRule(rule, name, or_replace, check, _options(cursor), cursor.text)


def _alter(cursor: Cursor) -> AlterQualityRule:
    rule = _rule(cursor)
    name = cursor.name()
    for action in (RuleAction.SUSPEND, RuleAction.RESUME):
        if cursor.accept(action):
            return AlterQualityRule(rule, name, action, RuleOptions(), cursor.text)
    if not cursor.accept("SET"):
        raise cursor.error("expected SUSPEND, RESUME or SET")
    options = _options(cursor)
    if options == RuleOptions():
        raise cursor.error("expected what to set: WHERE, SEVERITY, TOLERANCE, ON VIOLATION, DIMENSION or COMMENT")
    return AlterQualityRule(rule, name, RuleAction.SET, options, cursor.text)


def _arguments(cursor: Cursor) -> tuple[tuple[Written, ...], Written]:
    """Read what is in parentheses; return its parts between commas, and the whole."""
    cursor.symbol("(")
    begin = first = cursor.token.start
    end, depth, found = begin, 0, list[Written]()
    while depth or not cursor.peek_symbol(")"):
        token = cursor.take()
        if token.kind is Kind.SYMBOL and token.value == "," and not depth:
            if end <= begin:
                raise cursor.error("expected a value before the comma", at=token)
            found.append(Written(cursor.text[begin:end], begin))
            begin = end = cursor.token.start
            continue
        if token.kind is Kind.SYMBOL:
            depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.value, 0)
        end = token.end
    if end > begin:
        found.append(Written(cursor.text[begin:end], begin))
    elif found:
        raise cursor.error("expected a value after the comma")
    cursor.symbol(")")
    return tuple(found), Written(cursor.text[first:end], first)


def _options(cursor: Cursor) -> RuleOptions:
    where = severity = tolerance = on_violation = dimension = comment = None
    while cursor.token.kind is not Kind.END and not cursor.peek_symbol(";"):
        place = cursor.token
        if cursor.accept("WHERE"):
            _once(cursor, where, place.start)
            where = _arguments(cursor)[1]
        elif cursor.accept("SEVERITY"):
            _once(cursor, severity, place.start)
            severity = _word(cursor, Severity)
        elif cursor.accept("TOLERANCE"):
            _once(cursor, tolerance, place.start)
            tolerance = _tolerance(cursor)
        elif cursor.accept("ON", "VIOLATION"):
            _once(cursor, on_violation, place.start)
            on_violation = _on_violation(cursor)
        elif cursor.accept("DIMENSION"):
            _once(cursor, dimension, place.start)
            start = cursor.token.start
            dimension = Written(cursor.identifier("a dimension").lower(), start)
        elif cursor.accept("COMMENT"):
            _once(cursor, comment, place.start)
            cursor.accept_symbol("=")
            comment = cursor.string("a comment")
        else:
            raise cursor.error("expected WHERE (…), SEVERITY, TOLERANCE, ON VIOLATION, DIMENSION or COMMENT")
    return RuleOptions(where, severity, tolerance, on_violation, dimension, comment)


def _once(cursor: Cursor, value: object, start: int) -> None:
    if value is not None:
        at = next(t for t in cursor.tokens if t.start == start)
        raise cursor.error("this was said already", at=at)


def _on_violation(cursor: Cursor) -> OnViolation:
    return _word(cursor, OnViolation)


def _word(cursor: Cursor, choices: type[E]) -> E:
    token = cursor.take()
    for choice in choices:
        if token.is_word(choice):
            return choice
    raise cursor.error(f"expected one of {', '.join(choices)}", at=token)


def _tolerance(cursor: Cursor) -> Tolerance:
    token = cursor.take()
    if token.kind is not Kind.NUMBER:
        raise cursor.error("expected a number and ROWS or PERCENT", at=token)
    amount = float(token.value)
    percent = cursor.accept("PERCENT") or cursor.accept_symbol("%")
    if not percent and not (cursor.accept("ROWS") or cursor.accept("ROW")):
        raise cursor.error("expected ROWS or PERCENT after the number")
    if percent and amount > 100:
        raise cursor.error("a tolerance is at most 100 PERCENT", at=token)
    if not percent and amount != int(amount):
        raise cursor.error("a tolerance in rows is a whole number", at=token)
    return Tolerance(amount, percent)
