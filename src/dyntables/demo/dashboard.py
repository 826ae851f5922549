"""The terminal dashboard: every table's state, lag against target, last action and why, read from the catalog."""

from __future__ import annotations

from itertools import compress

import psycopg
from rich.console import Group
from rich.table import Table
from rich.text import Text

_STATE = """
SELECT t.id, t.schema_name || '.' || t.table_name, t.scheduling_state, t.effective_mode, t.target_lag_seconds,
       extract(epoch FROM clock_timestamp() - coalesce(
           dyntables.looked_at(t.id, t.data_timestamp, t.system_identifier), t.data_timestamp))::float8,
       r.state, r.action, r.reason, r.rows_inserted, r.rows_deleted, r.duration_ms, r.error ->> 'message'
FROM dyntables.dynamic_table t LEFT JOIN LATERAL (
    SELECT * FROM dyntables.refresh r WHERE r.dynamic_table_id = t.id
    ORDER BY (r.action IS DISTINCT FROM 'NO_DATA') DESC, r.id DESC LIMIT 1) r ON true
ORDER BY t.id
"""
_BAR = 12
# Each column, and the width of the terminal from which on there is room for it beside those of a smaller width.
_COLUMNS = {
    "dynamic table": 0,
    "mode": 150,
    "lag / target": 0,
    "": 116,
    "last action": 80,
    "why": 128,
    "rows": 100,
    "ms": 136,
    "verified": 0,
}


class Dashboard:
    """Renders the catalog; ``verified`` maps table ids to the outcome of the last comparison."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        self.verified: dict[int, bool] = {}

    def render(self, headline: str, changes_per_second: float, width: int) -> Group:
        """Return the present picture, with the columns for which a terminal of ``width`` characters has room."""
        table = Table(show_edge=False, header_style="bold", pad_edge=False)
        shown = [wanted <= width for wanted in _COLUMNS.values()]
        for name in compress(_COLUMNS, shown):
            # A long problem is broken into lines; it may not be squeezed out.
            table.add_column(name, justify="right" if name == "ms" else "left", no_wrap=name != "why", min_width=8)
        for row in self.connection.execute(_STATE).fetchall():
            table.add_row(*compress(self._cells(row), shown))
        status = Text(f"{changes_per_second:,.0f} changed rows/s   Ctrl-C stops", style="dim")
        return Group(Text(headline, style="bold"), table, status)

    def _cells(self, row: tuple) -> list[Text]:  # type: ignore[type-arg]
        table_id, name, scheduling, mode, target, lag, state, action, reason, inserted, deleted, ms, problem = row
        late = target is not None and lag is not None and lag > target
        style = "red" if state == "FAILED" or late else "yellow" if scheduling == "SUSPENDED" else "green"
        proof = self.verified.get(table_id)
        return [
            Text(name, style=style),
            Text(mode.lower()),
            Text(f"{_span(lag)} / {_span(target) if target is not None else 'downstream'}"),
            _bar(lag, target),
            Text(action or "—"),
            Text(problem or (reason or "").lower().replace("_", " ")),
            Text(f"+{inserted or 0:,} −{deleted or 0:,}"),
            Text(f"{ms or 0:,.0f}"),
            Text("equal", style="green")
            if proof
            else Text("—" if proof is None else "DIFFERS", style="bold red" if proof is False else "dim"),
        ]


def _bar(lag: float | None, target: int | None) -> Text:
    if lag is None or target is None:
        return Text("")
    share = min(1.0, lag / target)
    full = round(share * _BAR)
    return Text("█" * full + "░" * (_BAR - full), style="red" if lag > target else "yellow" if share > 0.9 else "green")


def _span(seconds: float | None) -> str:
    if seconds is None:
        return "—"
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
