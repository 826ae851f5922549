"""What a look at the rules of a table found, and the score that follows: recorded of refreshes and checks alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dyntables.catalog import Connection
from dyntables.catalog.quality import results
from dyntables.catalog.quality.results import Scored
from dyntables.catalog.quality.rule import Rule, Target
from dyntables.health.quality import Judged, RuleState, score_table
from dyntables.refresh.quality.measuring import Outcome, record


def record_outcomes(
    connection: Connection,
    target: Target,
    everything: Sequence[Rule],
    outcomes: Sequence[Outcome],
    data_timestamp: datetime | None,
) -> None:
    """Record what was found of rows as of an instant; the caller owns the transaction.

    ``everything``: all rules of the table. One that was not looked at counts for the score as it was found last; one
    that is disabled because it cannot be checked counts as active, and one that somebody has suspended does not count.
    """
    found = {outcome.rule.id: (outcome.state, outcome.score) for outcome in outcomes}
    others = [rule.id for rule in everything if rule.enabled and rule.id not in found]
    last = results.latest(connection, others) if others else {}
    found |= {number: (RuleState(state), score) for number, (state, score) in last.items()}
    judged = []
    for rule in everything:
        if rule.enabled or rule.disabled_reason is not None:
            unknown = (RuleState.NOT_EVALUATED, None)
            state, score = found.get(rule.id, unknown) if rule.enabled else unknown
            judged.append(Judged(rule.terms.dimension, rule.terms.severity, state, score))
    total = score_table(judged)
    results.add(connection, record(connection, outcomes), data_timestamp)
    scored = Scored(total.score, total.health, total.dimensions, total.evaluated, total.active, total.failing)
    results.add_score(connection, target, scored, data_timestamp)
