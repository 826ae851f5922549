"""Equality of keys that PostgreSQL can hash and index, NULLs included.

A key with a column that is by itself unique in its source is looked up by that column alone. Keys that the catalog
knows to be NOT NULL and short are compared as they are. Others get a hidden column with the hash
of the key (``plan/hashing.py``); it is joined on, and the equality of the types rechecks it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dyntables.compiler.names import KEY, quote
from dyntables.compiler.plan.algebra.hashing import key_hash
from dyntables.compiler.plan.algebra.nodes import Column, Plan, Relation, ref
from dyntables.compiler.plan.algebra.render import from_item, ids
from dyntables.compiler.plan.binding.joins.inner_joins import LeadKey, lead_rows
from dyntables.compiler.plan.binding.values.equalities import same
from dyntables.compiler.rewrites.distribute_union import branches


@dataclass(frozen=True, slots=True)
class Key:
    """The key columns of a stage."""

    columns: tuple[Column, ...]

    @property
    def lead(self) -> Column | None:
        """A column that all but identifies a row, by which the key can be looked up."""
        if len(self.columns) < 2:
            return None
        return next((c for c in self.columns if c.unique and not c.nullable and not c.type.unbounded), None)

    @property
    def hashed(self) -> bool:
        """Whether rows carry the hash of their key."""
        return self.lead is None and any(c.nullable or c.type.unbounded for c in self.columns)

    def match(self, a: str, b: str) -> str:
        """Return the condition that rows of aliases ``a`` and ``b`` have the same key."""
        if not self.columns:
            return "true"
        if self.lead is not None:
            return " AND ".join(_equal(a, b, c) if c is self.lead else _same(a, b, c) for c in self.columns)
        if not self.hashed:
            return " AND ".join(_equal(a, b, c) for c in self.columns)
        return " AND ".join([f"{a}.{KEY} = {b}.{KEY}", *(_same(a, b, c) for c in self.columns)])

    def hash_item(self) -> list[str]:
        """Return the select item for the hash, if rows carry one."""
        return [f"{self.hash_sql()} AS {KEY}"] if self.hashed else []

    def hash_sql(self, alias: str = "") -> str:
        """Return the hash of the key over columns in scope."""
        return key_hash(self.columns, alias) or "0::bigint"

    def index_columns(self) -> str:
        """Return what the index on a stage's storage covers."""
        if self.lead is not None:
            return quote(self.lead.id)
        return KEY if self.hashed else ", ".join(quote(c.id) for c in self.columns)

    def restrict(self, plan: Plan, keys: str) -> str:
        """Return a SELECT of the plan's rows whose key is in table ``keys``, which has the same key columns.

        Keys without NULLs are joined by plain equality, so that the planner can use an index of the sources.
        """
        if not self.columns:
            return f"SELECT {ids(plan)} FROM {from_item(plan, 'i')}"
        return " UNION ALL ".join(self._restrict(branch, plan.columns, keys) for branch in branches(plan))

    def _restrict(self, plan: Plan, output: tuple[Column, ...], keys: str) -> str:
        columns = ", ".join(f"i.{quote(c.id)}" for c in output)
        if self.lead is not None:
            found = lead_rows(*_first(keys, (self.lead,)), plan)
            return f"SELECT {columns} FROM {from_item(found, 'i')} JOIN {keys} k ON {self.match('i', 'k')}"
        plain = f"SELECT {columns} FROM {from_item(lead_rows(*_first(keys, self.columns), plan), 'i')}"
        nullable = [c for c in self.columns if c.nullable]
        if not nullable:
            return plain
        # IS NULL would also be true of a composite value that has NULLs only.
        some_null = " OR ".join(f"k.{quote(c.id)} IS NOT DISTINCT FROM NULL" for c in nullable)
        same = " AND ".join(_same("i", "k", c) for c in self.columns)
        return (
            f"{plain} UNION ALL SELECT {columns} FROM {from_item(plan, 'i')} "
            f"JOIN (SELECT * FROM {keys} k WHERE {some_null}) k ON {self.hash_sql('i')} = k.{KEY} AND {same}"
        )


def _equal(a: str, b: str, column: Column) -> str:
    return f"{a}.{quote(column.id)} {column.type.equals} {b}.{quote(column.id)}"


def _same(a: str, b: str, column: Column) -> str:
    return same(f"{a}.{quote(column.id)}", f"{b}.{quote(column.id)}", column.type)


def _first(keys: str, columns: tuple[Column, ...]) -> tuple[Relation, tuple[LeadKey, ...]]:
    """Return the distinct keys of a table under names of their own, and what each of them equals."""
    named = {f"__dt_k{n}": c for n, c in enumerate(columns)}
    items = ", ".join(f"{quote(c.id)} AS {name}" for name, c in named.items())
    first = Relation(f"(SELECT DISTINCT {items} FROM {keys})", tuple(replace(c, id=name) for name, c in named.items()))
    return first, tuple(LeadKey(ref(c.id), name, c.type.equals) for name, c in named.items())


def row_hash(columns: tuple[Column, ...]) -> str:
    """Return the hash of a whole row's image, by which equal rows of a bag are found."""
    return f"hashtextextended(ROW({', '.join(quote(c.id) for c in columns)})::text, 0)"


def same_image(a: str, b: str, columns: tuple[Column, ...]) -> str:
    """Return the condition that two rows are identical, not merely equal."""
    return identical([f"{a}.{quote(c.id)}" for c in columns], [f"{b}.{quote(c.id)}" for c in columns])


def identical(left: list[str], right: list[str]) -> str:
    """Return the condition that two lists of expressions have the same image."""
    return f"ROW({', '.join(left)})::record *= ROW({', '.join(right)})::record"
