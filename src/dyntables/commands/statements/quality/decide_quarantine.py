"""ALTER DYNAMIC TABLE … RELEASE | DISCARD QUARANTINE: what becomes of rows that wait, as somebody has decided."""

from __future__ import annotations

import json

from dyntables.catalog import graph, store
from dyntables.catalog.model import DynamicTable
from dyntables.catalog.past import audit
from dyntables.catalog.quality import measures, quarantine
from dyntables.catalog.state import contents
from dyntables.commands.command import Command
from dyntables.commands.holding import holding
from dyntables.commands.naming import find
from dyntables.commands.quality.meanings import Reader
from dyntables.commands.quality.targets import shape_of
from dyntables.commands.rights import Privilege
from dyntables.commands.session import ALTERED, Result, Session
from dyntables.compiler.names import make_staging, quote_qualified
from dyntables.compiler.quality.quarantine import Split, weighed
from dyntables.compiler.statements import DecideQuarantine, Decision
from dyntables.errors import CatalogError
from dyntables.refresh.quality.splitting import all_rows, pages, present_split
from dyntables.refresh.quality.watching import target_of

_DECIDED = {Decision.RELEASE: "RELEASED", Decision.DISCARD: "DISCARDED"}


def decide(session: Session, statement: DecideQuarantine) -> Result:
    """Publish rows that wait as they are, or let them wait no longer; return of how many different rows that is so.

    A decision is about rows with these values: of a row whose values change nobody has decided.
    """
    table = find(session, statement.name)
    condition = None
    if statement.where is not None:
        target = target_of(table)
        condition = Reader(session, target, shape_of(session, target), statement.text).filter(statement.where)
    engine = session.refresher.engine
    with holding(session.connection, [table.id]), engine.session.guarded([table.owner]):
        engine.session.begin()
        table = _again(session, statement, table.id)
        split = present_split(table)
        images = _decide(session, table, split, statement.decision, condition) if split is not None else []
        done = {"rows": len(images), "where": condition}
        audit.record(session.connection, f"{statement.decision} QUARANTINE", table.qualified, done)
    return Result(["rows"], [(len(images),)], ALTERED)


def _again(session: Session, statement: DecideQuarantine, table_id: int) -> DynamicTable:
    table = find(session, statement.name)
    if table.id != table_id:
        raise CatalogError(f'the name "{table.qualified}" was given to another dynamic table; nothing was changed')
    return table


def _decide(
    session: Session, table: DynamicTable, split: Split, decision: Decision, condition: str | None
) -> list[str]:
    """Decide about rows that wait; tell the tables above of those that are published. Return their digests."""
    connection, workspace = session.connection, session.refresher.engine.workspace(table.owner)
    name = f"dt{table.id}_decided"
    workspace.run(make_staging(workspace.staging, name, split.undecided(all_rows(table), condition)))
    rows = f"{workspace.staging}.{name}"
    images = [row["image"] for piece in pages(workspace, split.images(rows)) for row in json.loads(piece)]
    if decision is Decision.RELEASE and images:
        version = table.contents.change_version
        everything = store.load_all(connection)
        if any(everything[reader].incremental for reader in graph.consumers(everything, table.id)):
            names = {column: quote_qualified(column) for column in split.columns}
            workspace.deltas.log(table.change_log, version + 1, names, weighed(rows))
        contents.count_change(connection, table.id)
        measures.store(connection, table.id, version + 1, measures.load(connection, table.id, version))
    quarantine.decide(connection, table.id, images, _DECIDED[decision], session.actor)
    return images


COMMAND = Command(DecideQuarantine, decide, needs=Privilege.OPERATE, alone=True)
