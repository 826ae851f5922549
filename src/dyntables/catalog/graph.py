"""The dependency graph of dynamic tables: pure functions over what the catalog holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from dyntables.catalog.model import DynamicTable
from dyntables.errors import CycleError


def upstream(tables: Mapping[int, DynamicTable], table_id: int) -> list[int]:
    """Return the dynamic tables that one reads directly, without those dropped while ``tables`` were loaded."""
    return [d.upstream for d in tables[table_id].dependencies if d.upstream is not None and d.upstream in tables]


def ancestors(
    tables: Mapping[int, DynamicTable],
    targets: Iterable[int],
    through: Callable[[DynamicTable], bool] = lambda _: True,
) -> set[int]:
    """Return the targets and everything that they read, directly or not; ``through`` says where to go on."""
    found: set[int] = set()
    waiting = list(targets)
    while waiting:
        table_id = waiting.pop()
        if table_id not in found:
            found.add(table_id)
            waiting += [u for u in upstream(tables, table_id) if through(tables[u])]
    return found


def refreshed_with(tables: Mapping[int, DynamicTable], targets: Iterable[int], *, scheduled: bool) -> set[int]:
    """Return the targets and what a refresh of them refreshes before; the rest of what they read stays as it is.

    SCHEDULER = DISABLE is a boundary that only naming the table crosses; a scheduled refresh also leaves alone what is
    suspended.
    """
    if scheduled:
        return ancestors(tables, targets, lambda t: t.schedule.runs_by_itself)
    return ancestors(tables, targets, lambda t: t.schedule.scheduled)


def consumers(tables: Mapping[int, DynamicTable], table_id: int) -> list[int]:
    """Return the dynamic tables that read one directly."""
    return [other for other in tables if table_id in upstream(tables, other)]


def descendants(tables: Mapping[int, DynamicTable], *table_ids: int) -> set[int]:
    """Return everything that reads one of some tables, directly or not."""
    readers: dict[int, list[int]] = {}
    for other in tables:
        for parent in upstream(tables, other):
            readers.setdefault(parent, []).append(other)
    found: set[int] = set()
    waiting = [reader for i in table_ids for reader in readers.get(i, [])]
    while waiting:
        other = waiting.pop()
        if other not in found:
            found.add(other)
            waiting += readers.get(other, [])
    return found


def topological(tables: Mapping[int, DynamicTable], ids: Iterable[int]) -> list[int]:
    """Return the ids so that every table comes after those that it reads."""
    wanted = set(ids)
    done: dict[int, bool] = {}
    order: list[int] = []
    for start in sorted(wanted):
        stack = [(start, False)]
        while stack:
            table_id, finished = stack.pop()
            if finished:
                if not done.get(table_id):
                    done[table_id] = True
                    order.append(table_id)
                continue
            if table_id in done:
                continue
            done[table_id] = False
            stack.append((table_id, True))
            stack += [(u, False) for u in upstream(tables, table_id) if u in wanted and u not in done]
    return order


def check_cycle(tables: Mapping[int, DynamicTable], table_id: int, reads: Iterable[int]) -> None:
    """Refuse a definition of ``table_id`` that reads ``reads`` if one of these reads ``table_id``.

    Raises:
        CycleError: with the path.
    """
    for start in reads:
        path = _path(tables, start, table_id)
        if path is not None:
            names = [tables[i].qualified for i in (table_id, *path)]
            raise CycleError(
                "the definition would make a dynamic table depend on itself",
                detail=" → ".join(names),
                hint="Each arrow reads “reads”. Remove one of these references.",
            )


def _path(tables: Mapping[int, DynamicTable], start: int, goal: int) -> list[int] | None:
    came: dict[int, int | None] = {start: None}
    waiting = [start]
    while waiting:
        table_id = waiting.pop()
        if table_id == goal:
            path: list[int] = []
            step: int | None = table_id
            while step is not None:
                path.append(step)
                step = came[step]
            return path[::-1]
        for parent in upstream(tables, table_id):
            if parent not in came:
                came[parent] = table_id
                waiting.append(parent)
    return None
