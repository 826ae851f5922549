"""A reader of tokens that makes errors with a place."""

from __future__ import annotations

from dyntables.compiler.statements.lexer import Kind, Token, tokenize
from dyntables.compiler.statements.qualified import QualifiedName
from dyntables.errors import Span, StatementSyntaxError


class Cursor:
    """A position in the tokens of one statement."""

    def __init__(self, text: str, *, snowflake: bool = False) -> None:
        self.text = text
        self.tokens = tokenize(text, snowflake=snowflake)
        self.at = 0

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.at]

    def take(self) -> Token:
        """Return the next token and step over it."""
        token = self.token
        if token.kind is Kind.END:
            raise self.error("the statement ends too early")
        self.at += 1
        return token

    def peek_words(self, *words: str) -> bool:
        """Tell whether the next tokens are these words."""
        following = self.tokens[self.at : self.at + len(words)]
        return len(following) == len(words) and all(t.is_word(w) for t, w in zip(following, words, strict=True))

    def accept(self, *words: str) -> bool:
        """Step over the words if they come next."""
        if self.peek_words(*words):
            self.at += len(words)
            return True
        return False

    def expect(self, *words: str) -> None:
        """Step over the words, or fail."""
        if not self.accept(*words):
            raise self.error(f"expected {' '.join(words)}")

    def peek_symbol(self, symbol: str) -> bool:
        """Tell whether a symbol comes next."""
        return self.token.kind is Kind.SYMBOL and self.token.value == symbol

    def accept_symbol(self, symbol: str) -> bool:
        """Step over a symbol if it comes next."""
        if self.peek_symbol(symbol):
            self.at += 1
            return True
        return False

    def symbol(self, symbol: str) -> None:
        """Step over a symbol, or fail."""
        if not self.accept_symbol(symbol):
            raise self.error(f'expected "{symbol}"')

    def identifier(self, what: str) -> str:
        """Return a name of one part."""
        if self.token.kind not in (Kind.WORD, Kind.QUOTED):
            raise self.error(f"expected {what}")
        return self.take().value

    def name(self) -> QualifiedName:
        """Return a name of one to three parts."""
        parts = [self.identifier("the name of a dynamic table")]
        while self.accept_symbol("."):
            parts.append(self.identifier("a name after the dot"))
        if len(parts) > 3:
            raise self.error("a name has at most three parts")
        return QualifiedName(tuple(parts))

    def string(self, what: str) -> str:
        """Return the contents of a string."""
        if self.token.kind is not Kind.STRING:
            raise self.error(f"expected {what} in quotes")
        return self.take().value

    def skip_parentheses(self) -> int:
        """Step over a balanced group; return where it ends."""
        self.symbol("(")
        depth = 1
        end = self.token.end
        while depth:
            token = self.take()
            end = token.end
            if token.kind is Kind.SYMBOL:
                depth += {"(": 1, ")": -1}.get(token.value, 0)
        return end

    def end(self) -> None:
        """Fail unless the statement is over."""
        self.accept_symbol(";")
        if self.token.kind is not Kind.END:
            raise self.error(f'unexpected "{self.text[self.token.start : self.token.end]}"')

    def error(self, message: str, *, hint: str | None = None, at: Token | None = None) -> StatementSyntaxError:
        """Return an error at the next token, or at the given one."""
        token = at or self.token
        return StatementSyntaxError(
            message, hint=hint, span=Span(self.text, token.start, max(token.end, token.start + 1))
        )
