"""What a refresh of a definition would take: the planner's cost, in seconds by what this server has shown so far."""

from __future__ import annotations

import math

import psycopg

from dyntables.commands.definition.draft import Draft
from dyntables.commands.session import Session
from dyntables.engines.postgres.connection.errors import translate
from dyntables.engines.postgres.rights.hands import working_for
from dyntables.errors import DyntablesError
from dyntables.server.schemas.drafts import Cost, Estimate
from dyntables.server.schemas.plans import Plan, PlanNode

# What 1 ms costs in units of the planner, where no full refresh has been measured yet.
_UNITS_A_MS = 130.0
_SMALLEST_SECONDS = 0.003
_LOAD = 0.25


def estimate(session: Session, draft: Draft, plan: Plan, changed_rows: int) -> Estimate:
    """Return what a full refresh, and one of a number of changed rows, would take, by the rights of who asks.

    Raises:
        EngineError: who asks may not run the query.
    """
    cost, rows = _planned(session.connection, session.actor, draft.reading.described.view.sql)
    rate, measured = _units_a_ms(session.connection)
    full_seconds = max(_SMALLEST_SECONDS, cost / rate / 1000)
    how = f"measured on {measured} full refreshes here" if measured else "a rule of thumb, until one is measured here"
    full = Cost(
        planner_cost=cost, rows=rows, seconds=full_seconds, explanation=f"the planner's cost, in seconds by {how}"
    )
    incremental = _incremental(plan, changed_rows, full_seconds, rate) if plan.tree is not None else None
    best = min(full_seconds, incremental.seconds or full_seconds) if incremental is not None else full_seconds
    return Estimate(
        changed_rows=changed_rows,
        full=full,
        incremental=incremental,
        advice=_advice(full_seconds, incremental),
        # A refresh should not keep a worker busy more than a quarter of the time.
        shortest_sensible_lag_seconds=max(1, math.ceil(best / _LOAD)),
    )


def _planned(connection: psycopg.Connection, role: str, query: str) -> tuple[float, int]:
    """Return the planner's total cost and rows of a query as the server wrote it.

    Planning runs the immutable functions of a query, and tells of its tables: both with the rights of a role.
    """
    try:
        with working_for(connection, role) as hands:
            connection.execute("SELECT set_config('search_path', '', true)")
            (document,) = hands.row(f"EXPLAIN (FORMAT JSON) {query}")
    except psycopg.Error as error:
        raise translate(error) from error
    # Foreign hands give an object as pairs.
    plan = dict(dict(document[0])["Plan"])
    return float(plan["Total Cost"]), int(plan["Plan Rows"])


def _units_a_ms(connection: psycopg.Connection) -> tuple[float, int]:
    """Return how many units of the planner the full refreshes of this database took in a millisecond."""
    rows = connection.execute(
        "SELECT t.owner_name, t.canonical, min(r.duration_ms) FROM dyntables.dynamic_table t JOIN LATERAL "
        "(SELECT duration_ms FROM dyntables.refresh WHERE dynamic_table_id = t.id "
        "AND action IN ('FULL', 'REINITIALIZE') AND state = 'SUCCEEDED' ORDER BY id DESC LIMIT 3) r ON true "
        "WHERE r.duration_ms > 200 GROUP BY t.id ORDER BY 3 DESC LIMIT 5"
    ).fetchall()
    rates = []
    for owner, query, milliseconds in rows:
        try:
            rates.append(_planned(connection, owner, query)[0] / milliseconds)
        except DyntablesError:
            continue  # what it reads is gone, or its owner may not read it any more
    if not rates:
        return _UNITS_A_MS, 0
    # Far from the rule of thumb, something else than computing took the time.
    middle = sorted(rates)[len(rates) // 2]
    return min(max(middle, _UNITS_A_MS / 5), _UNITS_A_MS * 5), len(rates)


def _incremental(plan: Plan, changed_rows: int, full_seconds: float, rate: float) -> Cost:
    """Weigh the operators by their class: what is computed again counts as a share of everything."""
    assert plan.tree is not None
    total = max(1, sum(s.rows or 0 for s in plan.sources))
    seconds, touched = _SMALLEST_SECONDS, 0.0
    notes = []
    for node in _nodes(plan.tree):
        if node.operator_class == "diff":
            seconds += full_seconds
            notes.append(f"{node.label.lower()} is computed again")
        elif node.operator_class == "touched keys":
            share = min(1.0, 20 * changed_rows / total)
            seconds += share * full_seconds
            touched += share * total
            notes.append(f"{node.label.lower()} computes touched keys again")
        elif node.operator_class != "source":
            seconds += changed_rows * 2 / rate / 1000
            touched += changed_rows
        if any(k.missing for k in node.lookups):
            seconds += full_seconds / 2
            notes.append(f"{node.label.lower()} looks rows up without an index")
    explanation = "; ".join(notes) or "every operator works on the changed rows alone"
    return Cost(planner_cost=None, rows=int(touched) or changed_rows, seconds=seconds, explanation=explanation)


def _nodes(node: PlanNode) -> list[PlanNode]:
    return [node, *(found for child in node.children for found in _nodes(child))]


def _advice(full: float, incremental: Cost | None) -> str:
    if incremental is None or incremental.seconds is None:
        return f"Each refresh computes everything, in about {_span(full)}: choose a target lag well above that."
    if incremental.seconds < full / 2:
        return f"Incremental refresh takes about {_span(incremental.seconds)} instead of {_span(full)}."
    return "So many changes at once cost about as much as computing everything; a shorter target lag makes them fewer."


def _span(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
