"""Text, and regular expressions in it."""

from __future__ import annotations

import re

from sqlglot import exp

from dyntables.compiler.dialects.snowflake.functions.entry import (
    Call,
    Entry,
    Writing,
    aliases,
    refused,
    scalar,
    written,
)
from dyntables.compiler.names import literal


def _concat(writer: Writing, call: Call) -> str:
    return "(" + " || ".join(text(writer, a) for a in call.args) + ")"


def _concat_ws(writer: Writing, call: Call) -> str:
    separator, *parts = (text(writer, a) for a in call.args)
    return "(" + f" || {separator} || ".join(parts) + ")"


def text(writer: Writing, node: exp.Expr) -> str:
    """Return a value as the text that Snowflake makes of it."""
    if isinstance(node, exp.Literal) and node.is_string:
        return f"CAST({writer.expression(node)} AS text)"
    return f"dyntables_snowflake.to_text({writer.expression(node)})"


def pattern(writer: Writing, node: exp.Expr, what: str, parameters: str, *, matched: bool) -> str:
    """Return a regular expression as PostgreSQL's literal; ``matched`` if it matters what exactly is matched."""
    if not isinstance(node, (exp.Literal, exp.RawString)) or not (isinstance(node, exp.RawString) or node.is_string):
        raise writer.refuse(node, what, "the pattern must be a constant")
    for letter in parameters:
        if letter not in "cis":
            raise writer.refuse(node, what, f'parameter "{letter}" is not supported')
    found = str(node.this)
    if "(?" in found or re.search(r"[*+?}][?+]|\\[0-9]", found):
        raise writer.refuse(node, what, "lookaround, lazy quantifiers and back references are not POSIX")
    if matched and "|" in found:
        raise writer.refuse(node, what, "which branch of | is taken may differ", "Write one call for each branch.")
    return _ascii_dots(found, newline="s" in parameters)


def _ascii_dots(found: str, *, newline: bool) -> str:
    """Let . not match a line break, which it does in PostgreSQL, and spell word boundaries as PostgreSQL does."""
    out: list[str] = []
    bracket = False
    at = 0
    while at < len(found):
        piece = found[at : at + 2] if found[at] == "\\" else found[at]
        at += len(piece)
        if not bracket:
            piece = {"\\b": "\\y", "\\B": "\\Y", ".": "." if newline else "[^\\n]"}.get(piece, piece)
        if piece == "[" and not bracket:
            bracket = True
            head = re.match(r"\^?\]?", found[at:])
            piece += head[0] if head else ""
            at += len(head[0]) if head else 0
        elif piece == "]":
            bracket = False
        out.append(piece)
    return "".join(out)


def _parameters(writer: Writing, call: Call, at: int) -> str:
    if len(call.args) <= at:
        return "c"
    node = call.args[at]
    if not (isinstance(node, exp.Literal) and node.is_string):
        raise writer.refuse(call.node, call.name, "the parameters must be a constant")
    return node.name


def regexp_like(writer: Writing, subject: exp.Expr, found: exp.Expr, parameters: str) -> str:
    """Return a test of a whole text against a pattern: Snowflake anchors it at both ends."""
    body = pattern(writer, found, "REGEXP_LIKE", parameters, matched=False)
    operator = "~*" if "i" in parameters else "~"
    return f"({writer.expression(subject)} {operator} {literal(f'^(?:{body})$')})"


def _like(writer: Writing, call: Call) -> str:
    return regexp_like(writer, call.args[0], call.args[1], _parameters(writer, call, 2))


def _replace(writer: Writing, call: Call) -> str:
    if len(call.args) > 3:
        raise writer.refuse(call.node, call.name, "position, occurrence and parameters are not supported")
    body = pattern(writer, call.args[1], call.name, "c", matched=True)
    by = writer.expression(call.args[2]) if len(call.args) > 2 else "''"
    return f"regexp_replace({writer.expression(call.args[0])}, {literal(body)}, {by}, 'g')"


def _at(function: str, positions: int, tail: str = "") -> Entry:
    def write(writer: Writing, call: Call) -> str:
        parameters = _parameters(writer, call, 2 + positions)
        body = pattern(writer, call.args[1], call.name, parameters, matched=True)
        numbers = [writer.expression(a) for a in call.args[2 : 2 + positions]]
        numbers += ["1"] * (positions - len(numbers))
        flags = "'i'" if "i" in parameters else "'c'"
        return f"{function}({', '.join([writer.expression(call.args[0]), literal(body), *numbers])}{tail}, {flags})"

    return written(function.upper(), write, f"{function}(…)", "constant pattern without |")


TEXTS: tuple[Entry, ...] = (
    *aliases(scalar("LENGTH", "length({sf}.to_text({0}))"), "LEN"),
    scalar("OCTET_LENGTH", "octet_length({0})"),
    scalar("BIT_LENGTH", "bit_length({0})"),
    scalar("UPPER", "upper({sf}.to_text({0}))"),
    scalar("LOWER", "lower({sf}.to_text({0}))"),
    written("CONCAT", _concat, "{0} || {1} …", "NULL if any argument is"),
    written("CONCAT_WS", _concat_ws, "{1} || {0} || {2} …", "NULL if any argument is"),
    *aliases(
        scalar("SUBSTR", "{sf}.substr({sf}.to_text({0}), CAST({1} AS integer))",
               "{sf}.substr({sf}.to_text({0}), CAST({1} AS integer), CAST({2} AS integer))",
               note="0 counts as 1, negative from the end"),
        "SUBSTRING",
    ),
    scalar("LEFT", "left({sf}.to_text({0}), greatest(CAST({1} AS integer), 0))"),
    scalar("RIGHT", "right({sf}.to_text({0}), greatest(CAST({1} AS integer), 0))"),
    scalar("TRIM", "btrim({sf}.to_text({0}))", "btrim({sf}.to_text({0}), {1})"),
    scalar("LTRIM", "ltrim({sf}.to_text({0}))", "ltrim({sf}.to_text({0}), {1})"),
    scalar("RTRIM", "rtrim({sf}.to_text({0}))", "rtrim({sf}.to_text({0}), {1})"),
    scalar("LPAD", "lpad({sf}.to_text({0}), CAST({1} AS integer))",
           "lpad({sf}.to_text({0}), CAST({1} AS integer), {2})"),
    scalar("RPAD", "rpad({sf}.to_text({0}), CAST({1} AS integer))",
           "rpad({sf}.to_text({0}), CAST({1} AS integer), {2})"),
    scalar("REPEAT", "repeat({0}, CAST({1} AS integer))"),
    scalar("REVERSE", "reverse({0})"),
    scalar("SPACE", "repeat(' ', CAST({0} AS integer))"),
    scalar("REPLACE", "replace({0}, {1}, '')", "replace({0}, {1}, {2})"),
    scalar("TRANSLATE", "translate({0}, {1}, {2})"),
    scalar("SPLIT_PART", "{sf}.split_part({0}, {1}, CAST({2} AS integer))", note="part 0 counts as 1"),
    *aliases(scalar("CHARINDEX", "strpos({1}, {0})", "{sf}.position({0}, {1}, CAST({2} AS integer))"), "POSITION"),
    scalar("CONTAINS", "(strpos({0}, {1}) > 0)"),
    scalar("STARTSWITH", "starts_with({0}, {1})"),
    scalar("ENDSWITH", "(right({0}, length({1})) = {1})"),
    scalar("ASCII", "ascii({0})"),
    *aliases(scalar("CHR", "chr(CAST({0} AS integer))"), "CHAR"),
    *aliases(scalar("MD5", "md5({0})"), "MD5_HEX"),
    *aliases(scalar("SHA2", "encode(sha256(convert_to({0}, 'UTF8')), 'hex')"), "SHA2_HEX"),
    scalar("HEX_ENCODE", "upper(encode(convert_to({0}, 'UTF8'), 'hex'))"),
    refused("INITCAP", "the characters that end a word differ", "Build it from UPPER, LOWER and SUBSTR."),
)  # fmt: skip

PATTERNS: tuple[Entry, ...] = (
    *aliases(
        written("REGEXP_LIKE", _like, "{0} ~ '^(?:{1})$'", "constant pattern, matched against the whole text"), "RLIKE"
    ),
    written("REGEXP_REPLACE", _replace, "regexp_replace({0}, {1}, {2}, 'g')", "constant pattern without |"),
    _at("regexp_substr", 2),
    _at("regexp_count", 1),
    _at("regexp_instr", 2, ", 0"),
)
