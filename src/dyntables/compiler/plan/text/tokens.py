"""The tokens of a canonical query as the server reads them.

The server ends an operator where its characters end, and knows any of them; what it writes without quotes is a name
unless it is a key word of a query. sqlglot's tokenizer knows some operators, and the key words of many languages.

Before:  (a ~= b), (@ n), SELECT alter, t.describe
After:   (a OPERATOR(pg_catalog.~=) b), (OPERATOR(pg_catalog.@) n), SELECT "alter", t."describe"

Under an empty path an operator without a schema is one of pg_catalog.
"""

from __future__ import annotations

from sqlglot.tokenizer_core import Token, TokenType

_CHARACTERS = frozenset("+-*/<>=~!@#%^&|`?")
_SIGNS = frozenset("~!@#%^&|`?")
# Operators that sqlglot reads and writes as the server does; before their operand only the latter ones.
_KNOWN_TEXT = """
    + - * / % ^ < > <= >= = <> || & | # << >> && @> <@ -> ->> #> #>> #- ? ?| ?& @? @@ <-> -|- &< &> ^@ ~ ~* ~~ ~~* !~~
    !~~* =>
"""
_KNOWN = frozenset(_KNOWN_TEXT.split())
_KNOWN_PREFIX = frozenset({"-", "~", "|/", "||/"})
# Key words to sqlglot that are names in a query of PostgreSQL, whose own key words the server writes in capitals.
_NAMES_TEXT = """
    ALTER ANTI APPLY ASOF AUTOINCREMENT AUTO_INCREMENT BEGIN CACHE CALL COMMENT COMMIT COPY CUBE DATABASE DECLARE DELETE
    DESCRIBE DROP EXEC EXECUTE EXPLAIN FILE FORMAT FUNCTION GLOB IF INDEX INSERT KEEP KILL LOAD LOCK MERGE NAMESPACE
    NEXT OPERATOR OPTIMIZE OUT OVERWRITE PERCENT PIVOT PRAGMA PREPARE PROCEDURE QUALIFY REFRESH REGEXP REINDEX RENAME
    REPLACE RESET REVOKE RLIKE ROLLBACK ROLLUP SCHEMA SEMI SEQUENCE SESSION SET SETTINGS SHOW STRAIGHT_JOIN TEMP
    TEMPORARY TRIGGER TRUNCATE TYPE UNCACHE UNPIVOT UPDATE USE VACUUM VIEW VOLATILE XOR
"""
_NAMES = frozenset(_NAMES_TEXT.split())
_CALLED = frozenset({"FORMAT", "REPLACE"})  # functions of the server


def as_the_server_reads(tokens: list[Token]) -> list[Token]:
    """Return the tokens of a query with its operators whole, and names that sqlglot would take for key words quoted."""
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        end = _end_of_operator(tokens, at)
        before = found[-1].token_type if found else None
        if end > at and before is TokenType.DOT:
            # An operator with its schema is written so already, and a star is no operator.
            found += tokens[at:end]
        elif end > at:
            found += _operator(tokens[at:end], prefix=before is TokenType.L_PAREN)
        else:
            end = at + (2 if _is_varbit(tokens, at) else 1)
            found.append(_renamed(tokens[at], "varbit") if end > at + 1 else _named(tokens, at))
        at = end
    return found


def _end_of_operator(tokens: list[Token], at: int) -> int:
    """Return the number of the token after an operator that begins at one; the same number if none does."""
    end = at
    while end < len(tokens) and _is_symbol(tokens[end]) and (end == at or _adjacent(tokens[end - 1], tokens[end])):
        end += 1
    # A sign ends an operator of several characters only together with certain others.
    text = "".join(t.text for t in tokens[at:end])
    while end - at > 1 and text[-1] in "+-" and not _SIGNS & set(text):
        end -= 1
        text = "".join(t.text for t in tokens[at:end])
    return end


def _is_symbol(token: Token) -> bool:
    quoted = token.token_type in (TokenType.STRING, TokenType.IDENTIFIER)
    return bool(token.text) and not quoted and _CHARACTERS.issuperset(token.text)


def _adjacent(token: Token, following: Token) -> bool:
    return token.end + 1 == following.start


def _operator(parts: list[Token], *, prefix: bool) -> list[Token]:
    name = "".join(t.text for t in parts)
    # A star after a parenthesis is that of count(*).
    if name in (_KNOWN_PREFIX if prefix else _KNOWN) or name == "*":
        return parts
    written = (
        (TokenType.OPERATOR, "OPERATOR"),
        (TokenType.L_PAREN, "("),
        (TokenType.VAR, f"pg_catalog.{name}"),
        (TokenType.R_PAREN, ")"),
    )
    first, last = parts[0], parts[-1]
    return [Token(kind, text, first.line, first.col, first.start, last.end) for kind, text in written]


def _named(tokens: list[Token], at: int) -> Token:
    """Return a token, a word that is a name as a quoted one."""
    token = tokens[at]
    word = token.text.upper()
    quoted = token.end - token.start + 1 != len(token.text)  # a literal may say what a key word says
    if quoted or (token.token_type is TokenType.VAR and word not in _NAMES):
        return token
    if not (token.text.isidentifier() and token.text == token.text.lower()):
        return token
    after = tokens[at + 1].token_type if at + 1 < len(tokens) else None
    called = after is TokenType.L_PAREN and word in _CALLED
    if after is TokenType.DOT or (word in _NAMES and not called):
        return Token(TokenType.IDENTIFIER, token.text, token.line, token.col, token.start, token.end)
    return token


def _is_varbit(tokens: list[Token], at: int) -> bool:
    """Tell whether the type is written here by two words, as sqlglot does not know it."""
    return tokens[at].token_type is TokenType.BIT and at + 1 < len(tokens) and tokens[at + 1].text == "varying"


def _renamed(token: Token, text: str) -> Token:
    return Token(TokenType.VAR, text, token.line, token.col, token.start, token.end)
