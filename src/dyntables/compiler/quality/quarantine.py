"""How the rows of a table are split: those that it shows, and those that wait beside it because they break a rule.

All rows of the definition are stored once. The table and its quarantine are two filters over them, of functions of the
row alone, so that a row whose values change goes where it belongs by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dyntables.compiler.names import FROZEN, WEIGHT, literal, quote_qualified

SUFFIX = "__quarantine"
_SAID = ("failed_rules", "first_seen", "last_seen")


@dataclass(frozen=True, slots=True)
class Split:
    """The split of a table: its id, its columns in order, and the condition of rows that fail by the name of each rule.

    ``rows`` of the methods are FROM items without a name that have these columns.
    """

    table_id: int
    columns: tuple[str, ...]
    fails: Mapping[str, str]

    def shown(self, rows: str) -> str:
        """Return the query of the rows that the table shows."""
        return f"SELECT {self._items} FROM {rows} AS {FROZEN} WHERE {self._passes}"

    def passing(self, delta: str) -> str:
        """Return the part of a delta that the table shows, as a FROM item."""
        return f"(SELECT * FROM {delta} AS {FROZEN} WHERE {self._passes})"

    def waiting(self, rows: str) -> str:
        """Return the query of the rows that wait, each with the rules that it breaks, and since when and until when."""
        id_, taken = self.table_id, set(self.columns)
        failed, first, last = (quote_qualified(_free(name, taken)) for name in _SAID)
        return (
            f"SELECT {self._items}{', ' if self.columns else ''}{self._rules} AS {failed}, "
            f"dyntables.quarantined_since({id_}, {self._image}) AS {first}, "
            f"dyntables.data_timestamp_of({id_}) AS {last} FROM {rows} AS {FROZEN} "
            f"WHERE ({self._broken}) AND {self._decided} IS NULL"
        )

    def undecided(self, rows: str, condition: str | None = None) -> str:
        """Return the query of the rows that wait, with their digests; ``condition``: those for which it is true."""
        more = f" AND ({condition})" if condition is not None else ""
        return (
            f"SELECT {self._image} AS image, {self._items} FROM {rows} AS {FROZEN} "
            f"WHERE ({self._broken}) AND {self._decided} IS NULL{more}"
        )

    def images(self, rows: str) -> str:
        """Return the digests of rows that have them, each once, as a FROM item."""
        return f"(SELECT DISTINCT image FROM {rows} r)"

    def broken(self, rows: str, *, weighted: bool) -> str:
        """Return the query of digest, number of copies, and rules, of all rows that break one.

        ``weighted``: the rows are a delta, and so is the number.
        """
        copies = f"sum({WEIGHT})" if weighted else "count(*)"
        return (
            f"SELECT image, {copies} AS copies, min(rules) AS rules FROM (SELECT {self._image} AS image, "
            f"{self._rules} AS rules{f', {WEIGHT}' if weighted else ''} FROM {rows} AS {FROZEN} "
            f"WHERE {self._broken}) b GROUP BY image HAVING {copies} <> 0"
        )

    @property
    def _items(self) -> str:
        return ", ".join(f"{FROZEN}.{quote_qualified(name)}" for name in self.columns)

    @property
    def _broken(self) -> str:
        return " OR ".join(f"({condition})" for condition in self.fails.values())

    @property
    def _passes(self) -> str:
        return f"(({self._broken}) IS NOT TRUE OR {self._decided} = 'RELEASED')"

    @property
    def _rules(self) -> str:
        named = ", ".join(f"CASE WHEN {condition} THEN {literal(name)} END" for name, condition in self.fails.items())
        return f"array_remove(ARRAY[{named}]::text[], NULL)"

    @property
    def _image(self) -> str:
        return f"dyntables.row_image(ROW({self._items}))"

    @property
    def _decided(self) -> str:
        return f"dyntables.quarantine_decided({self.table_id}, {self._image})"


def kept_back_by(rule: str, schema: str, name: str) -> str:
    """Return the query of the rows of a table that a rule keeps back."""
    return f"SELECT * FROM {quote_qualified(schema, name + SUFFIX)} WHERE {literal(rule)} = ANY (failed_rules)"


def page(source: str, after: str, most: int) -> str:
    """Return the query of one text: some rows of a table with digests, as JSON arrays, those after one first."""
    return (
        "SELECT coalesce(jsonb_agg(to_jsonb(p) ORDER BY p.image), '[]')::text FROM (SELECT * FROM "
        f"{source} s WHERE s.image > {literal(after)} ORDER BY s.image LIMIT {most}) p"
    )


def weighed(rows: str) -> str:
    """Return rows that are new as a delta."""
    return f"(SELECT *, 1 AS {WEIGHT} FROM {rows} r)"


def beside(name: str) -> str:
    """Return the name of the view of the rows that wait."""
    return f"{name}{SUFFIX}"


def _free(name: str, taken: Iterable[str]) -> str:
    while name in taken:
        name += "_"
    return name
