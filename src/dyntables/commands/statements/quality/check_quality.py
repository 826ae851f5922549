"""CHECK QUALITY OF a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dyntables.catalog import store
from dyntables.catalog.quality import measures
from dyntables.catalog.quality.rule import Rule, Target
from dyntables.commands.command import Command
from dyntables.commands.quality.following import follow_rules
from dyntables.commands.quality.targets import find_target
from dyntables.commands.rights import Privilege
from dyntables.commands.session import Result, Session
from dyntables.compiler.statements import CheckQuality
from dyntables.health.quality import RuleState
from dyntables.refresh.quality.measuring import Outcome, known, measure
from dyntables.refresh.quality.recording import record_outcomes
from dyntables.refresh.quality.splitting import all_rows

COLUMNS = ["name", "kind", "state", "checked", "failed", "score", "data_timestamp"]
_LIMIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class _Checked:
    """What was found of the contents of a change version, as of an instant; ``looked``: by a look at all rows."""

    outcomes: list[Outcome]
    data_timestamp: datetime | None
    version: int = 0
    looked: tuple[Outcome, ...] = ()


def check_quality(session: Session, statement: CheckQuality) -> Result:
    """Measure all rules of a table at one snapshot, and record what that gave; a row for each."""
    target = find_target(session, statement.name)
    with session.connection.transaction():
        watched = follow_rules(session, target)
    active = [rule for rule in watched if rule.enabled]
    checked = _measure(session, target, active)
    _record(session, target, checked, watched)
    rows = [
        (o.rule.name, o.rule.meaning.kind, str(o.state), o.checked, o.failed, o.score, checked.data_timestamp)
        for o in checked.outcomes
    ]
    rows += [
        (rule.name, rule.meaning.kind, str(RuleState.NOT_EVALUATED), 0, 0, None, checked.data_timestamp)
        for rule in watched
        if rule.disabled_reason is not None
    ]
    return Result(COLUMNS, sorted(rows, key=lambda row: row[0]), "CHECK QUALITY", _notices(checked, watched))


def _measure(session: Session, target: Target, active: list[Rule]) -> _Checked:
    """Measure rules: by what is kept of the present contents, and by a look at them where nothing is."""
    engine = session.refresher.engine
    with engine.session.guarded([rule.owner or target.owner for rule in active] or [target.owner]):
        snapshot = engine.session.begin()
        engine.session.set({"statement_timeout": f"{_LIMIT_SECONDS}s"})
        number = target.dynamic_table_id
        if number is None:
            return _Checked(measure(engine, target, active, limit=_LIMIT_SECONDS), snapshot.instant)
        table = store.load_all(session.connection, [number]).get(number)
        if table is None:
            return _Checked(measure(engine, target, active, limit=_LIMIT_SECONDS), None)
        version = table.contents.change_version
        found = known(active, measures.load(session.connection, number, version))
        missing = [rule for rule in active if rule.id not in {o.rule.id for o in found}]
        looked = measure(engine, target, missing, limit=_LIMIT_SECONDS, rows=all_rows(table))
        return _Checked([*found, *looked], table.contents.data_timestamp, version, tuple(looked))


def _record(session: Session, target: Target, checked: _Checked, watched: list[Rule]) -> None:
    connection = session.connection
    with connection.transaction():
        record_outcomes(connection, target, watched, checked.outcomes, checked.data_timestamp)
        found = {o.rule.id: m for o in checked.looked if (m := o.measure) is not None}
        if target.dynamic_table_id is not None and found:
            measures.store(connection, target.dynamic_table_id, checked.version, found)


def _notices(checked: _Checked, watched: list[Rule]) -> list[str]:
    broken = [f'rule "{o.rule.name}" could not be checked: {o.error.message}' for o in checked.outcomes if o.error]
    off = [f'rule "{rule.name}" is disabled: {rule.disabled_reason}' for rule in watched if rule.disabled_reason]
    suspended = sum(not rule.enabled and rule.disabled_reason is None for rule in watched)
    return [*broken, *off, *([f"{suspended} rules are suspended"] if suspended else [])]


COMMAND = Command(CheckQuality, check_quality, needs=Privilege.OPERATE, alone=True)
