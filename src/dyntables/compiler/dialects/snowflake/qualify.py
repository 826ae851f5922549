"""QUALIFY → a filter around the SELECT, over columns that hold what the condition reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlglot import exp

from dyntables.compiler.dialects.snowflake.calls import entry_of
from dyntables.compiler.dialects.snowflake.functions.entry import Kind
from dyntables.compiler.dialects.snowflake.read import fold
from dyntables.compiler.names import quote_qualified

Render = Callable[[exp.Expr], str]


@dataclass(slots=True)
class Lifted:
    """The columns of the inner SELECT: what the user asked for, and what the condition reads besides."""

    render: Render
    items: list[tuple[str, str]] = field(default_factory=list)
    outputs: list[tuple[str, str]] = field(default_factory=list)

    def add_items(self, expressions: list[exp.Expr]) -> None:
        """Take the items of the SELECT under names that are unique."""
        for number, item in enumerate(expressions, start=1):
            inner = item.this if isinstance(item, exp.Alias) else item
            name = output_name(item) or f"column_{number}"
            unique = name if name not in {n for n, _ in self.outputs} else f"{name}_{number}"
            self.items.append((unique, self.render(inner)))
            self.outputs.append((unique, name))

    def outer(self, node: exp.Expr) -> exp.Expr:
        """Return a condition or sort key over the inner columns."""
        return node.copy().transform(self._lift)

    def _lift(self, node: exp.Expr) -> exp.Expr:
        if not isinstance(node, (exp.Window, exp.Column)) and not is_aggregate(node):
            return node
        if isinstance(node, exp.Column) and not node.table and fold(node.this) in {n for n, _ in self.outputs}:
            rendered = self.render(node)
            if not any(text == rendered for _, text in self.items):
                return _reference(fold(node.this))
        rendered = self.render(node)
        for name, text in self.items:
            if text == rendered:
                return _reference(name)
        name = f"dt_qualify_{len(self.items) - len(self.outputs) + 1}"
        self.items.append((name, rendered))
        return _reference(name)


def output_name(item: exp.Expr) -> str | None:
    """Return the name of an item of a SELECT, if it has one."""
    if isinstance(item, exp.Alias):
        return fold(item.args["alias"])
    return fold(item.this) if isinstance(item, exp.Column) and isinstance(item.this, exp.Identifier) else None


def is_aggregate(node: exp.Expr) -> bool:
    """Tell whether a node is a call of an aggregate, not over a window."""
    if not isinstance(node, (exp.Anonymous, exp.WithinGroup)):
        return False
    parent = node.parent
    while isinstance(parent, (exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls)):
        parent = parent.parent
    entry = entry_of(node)
    within = isinstance(parent, exp.Window) and parent.this.find(type(node)) is not None and _heads(parent, node)
    return entry is not None and entry.kind is Kind.AGGREGATE and not within


def _heads(window: exp.Window, node: exp.Expr) -> bool:
    head = window.this
    while head is not node and isinstance(head, (exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls)):
        head = head.this
    return head is node


def has_aggregate(item: exp.Expr) -> bool:
    """Tell whether an item calls an aggregate, subqueries aside."""
    return any(is_aggregate(n) for n in item.walk(prune=lambda n: isinstance(n, exp.Query)))


def filtered(lifted: Lifted, inner: str, condition: str, *, distinct: bool) -> str:
    """Return the SELECT around the inner one, whose text begins after its list of items."""
    listed = ", ".join(f"{text} AS {quote_qualified(name)}" for name, text in lifted.items)
    outputs = ", ".join(
        f"dt_qualified.{quote_qualified(unique)} AS {quote_qualified(name)}" for unique, name in lifted.outputs
    )
    head = "SELECT DISTINCT" if distinct else "SELECT"
    return f"{head} {outputs} FROM (SELECT {listed}{inner}) AS dt_qualified WHERE {condition}"


def _reference(name: str) -> exp.Column:
    identifier = exp.to_identifier(name, quoted=True)
    identifier.meta["exact"] = True
    return exp.Column(this=identifier, table=exp.to_identifier("dt_qualified"))
