"""Negative controls: deliberate faults in derivations, each of which the oracle must catch: ``make mutants``.

Each fault is a textual patch of a copy of the tree; the tree itself is never touched.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
# Which test caught each fault last: it is asked first, and the others only if it does not.
KNOWN = Path(__file__).parent / "mutants_caught.json"
DELTA = "src/dyntables/compiler/delta"
OPERATORS = f"{DELTA}/operators"
STAGES = f"{DELTA}/stages"
ENGINE = "src/dyntables/engines/postgres"
SUITE = (
    "tests/oracle/test_matches.py",
    "tests/oracle/test_top_k.py",
    "tests/refresh/test_recursion.py",
    "tests/oracle/test_any_rows.py",
    "tests/oracle/test_clock.py",
    "tests/oracle/test_capture.py",
    "tests/oracle/test_eager.py",
    "tests/oracle/test_families.py",
    "tests/oracle/test_special_numbers.py",
    "tests/oracle/test_passing_rows.py",
    "tests/oracle/test_types.py",
    "tests/oracle/test_domains.py",
    "tests/oracle/test_names.py",
    "tests/oracle/test_moves.py",
    "tests/oracle/test_regressions.py",
    "tests/oracle/test_rows_of_no_state.py",
    "tests/refresh/test_expression_failed.py",
    "tests/refresh/test_patience.py",
    "tests/oracle/test_random_histories.py",
)

# By the first word of a fault: the tests that are likely to catch it, which are asked before the others.
LIKELY = {
    "aggregate": ("test_families", "test_random_histories"),
    "array": ("test_matches",),
    "bag": ("test_random_histories",),
    "bool_or": ("test_random_histories",),
    "capture": ("test_capture", "test_names", "test_moves"),
    "clock": ("test_clock",),
    "eager": ("test_eager",),
    "join": ("test_rows_of_no_state", "test_passing_rows"),
    "keys": ("test_random_histories",),
    "limit": ("test_any_rows",),
    "log": ("test_passing_rows", "test_domains"),
    "mark": ("test_matches", "test_random_histories"),
    "matches": ("test_matches",),
    "outer": ("test_random_histories",),
    "recursion": ("test_recursion",),
    "refresh": ("test_expression_failed", "test_patience"),
    "semi-join": ("test_random_histories",),
    "top-k": ("test_top_k",),
    "types": ("test_types", "test_domains"),
    "union": ("test_random_histories",),
    "window": ("test_random_histories",),
    "windows": ("test_regressions", "test_random_histories"),
}
QUALITY = tuple(
    f"tests/quality/test_{name}.py" for name in ("score", "histories", "blocking", "measures", "quarantine")
)
RULES = "src/dyntables/compiler/quality"
WATCH = "src/dyntables/refresh/quality"
SCORE = "src/dyntables/health/quality.py"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: what it gets wrong, and the only place of a text with what stands there instead.

    ``kind``: of special cases, which alone must find it. ``suite``: what else alone must find it.
    """

    fault: str
    file: str
    text: str
    instead: str
    kind: str | None = None
    suite: tuple[str, ...] = SUITE

    @property
    def tests(self) -> tuple[str, ...]:
        """What is run to catch it, what is likely to do so first."""
        if self.kind is not None:
            return (f"tests/oracle/test_special.py::test_cases_of_a_kind[{self.kind}]",)
        likely = LIKELY.get(self.fault.split()[0].rstrip(":"), ())
        return tuple(sorted(self.suite, key=lambda test: Path(test).stem not in likely))


MUTANTS = (
    Mutant("inner join: the cross term is lost", f"{OPERATORS}/join.py", "for size in range(1, len(small) + 1)", "for size in range(1, 2)"),
    Mutant("inner join: the cross term is added", f"{OPERATORS}/join.py", 'sign = "- " if len(deltas) % 2 == 0 else ""', 'sign = ""'),
    Mutant("inner join: a predicate between changed and other inputs is lost", f"{OPERATORS}/join.py", "return _term((core,), rest, across, columns)", "return _term((core,), rest, across[1:], columns)"),
    Mutant("outer join: matches where both sides changed are counted twice", f"{OPERATORS}/join.py", "    if left is not None and right is not None:\n        terms.append(_term(", "    if False:\n        terms.append(_term("),
    Mutant("eager: groups that are not stored are lost", f"{STAGES}/aggregate.py", "> (SELECT count(*) FROM {done})", "> 1 + (SELECT count(*) FROM {groups})"),
    Mutant("eager: a key of the facts is taken for one of the dimension", f"{DELTA}/eager.py", " or not set(stage.node.keys) <= ids_of(*dimension):", ":"),
    Mutant("sum: NaN is taken back as if it were a number", f"{STAGES}/states.py", "IN {_SPECIAL}\"", "IN ('Infinity'::numeric)\""),
    Mutant("bool_or: the values that decide are not counted", f"{STAGES}/states.py", 'sign = "=" if slot.call.merge is Merge.BOOL_AND else "<>"', 'sign = "="'),
    Mutant("log: computed over rows that came and went", "src/dyntables/compiler/plan/binding/values/total.py", "        return False\n    if not isinstance(node, (*_LOGIC", "        return True\n    if not isinstance(node, (*_LOGIC"),
    Mutant("join: expressions meet pairs of no state", f"{DELTA}/passing.py", "return consolidated(delta) if passing(plan, context) and not all_tame(over, plan.columns) else delta", "return delta"),
    Mutant("join: conditions meet pairs of no state", f"{DELTA}/passing.py", "return wild if wild and _pieces", "return () if wild and _pieces"),
    Mutant("join: what can fail is computed of rows that nothing joins", "src/dyntables/compiler/rewrites/compute_late.py", "    if not late:\n        return plan, {}", "    if late or not late:\n        return plan, {}"),
    Mutant("join: an OR is taken to imply the side that says something", "src/dyntables/compiler/plan/binding/joins/implied.py", "return None if left is None or right is None else exp.or_(left, right, copy=True)", "return (left or right) if left is None or right is None else exp.or_(left, right, copy=True)"),
    Mutant("aggregate: outputs of an empty group are computed", "src/dyntables/compiler/stages.py", "guarded = keyed and wild", "guarded = False"),
    Mutant("refresh: an expression that failed fails it for ever", "src/dyntables/refresh/one.py", "except ExpressionError as error:", "except ZeroDivisionError as error:"),
    Mutant("refresh: a delta is never given up", "src/dyntables/refresh/choice/patience.py", "return self.spent >= self.seconds * 0.99", "return False"),
    Mutant("outer join: changed rows without a match are lost", f"{OPERATORS}/join.py", "    if d_kept is not None:\n        terms.append(_pad(", "    if False:\n        terms.append(_pad("),
    Mutant("outer join: rows that won a match stay padded", f"{OPERATORS}/join.py", "(- {TURN} * {WEIGHT})", "(- least({TURN}, 0) * {WEIGHT})"),
    Mutant("semi-join: turned rows have the wrong sign", f"{OPERATORS}/semi_join.py", 'sign = "-" if plan.kind is JoinKind.ANTI else ""', 'sign = "" if plan.kind is JoinKind.ANTI else "-"'),
    Mutant("mark: the old answer is not taken back", f"{OPERATORS}/semi_join.py", "Scalar(f\"(- {WEIGHT})\", reads)", 'Scalar("0", reads)'),
    Mutant("matches: the new contents are taken for the old", f"{OPERATORS}/matching.py", "- (coalesce(n.n, 0) - d.n > 0)::integer", "- (coalesce(n.n, 0) > 0)::integer"),
    Mutant("aggregate: rows are always taken to be appended", f"{DELTA}/derive.py", "    return len(changed) == 1 and changed[0] in context.appended and _keeps_weights(plan)", "    return True"),
    Mutant("aggregate: a deleted extreme is not read again", f"{STAGES}/aggregate.py", "    loses = _may_redo(stage) and not merge.appended", "    loses = False"),
    Mutant("aggregate: empty groups stay", f"{STAGES}/aggregate.py", "AND m.{COUNT} <= 0", "AND m.{COUNT} < 0"),
    Mutant("aggregate: the count of a sum's values is ignored", f"{STAGES}/states.py", "THEN (coalesce(s.{name}, 0) + coalesce(g.{name}, 0))::{type_} END", "THEN (coalesce(g.{name}, 0))::{type_} END"),
    Mutant("aggregate: a hidden stage does not take back old rows", f"{STAGES}/aggregate.py", "({', '.join(before)}, -1, {old_seen})", "({', '.join(before)}, -1, false)"),
    Mutant("keys: NULL matches nothing", f"{DELTA}/keys.py", '{b}.{KEY}", *(_same(a, b, c)', '{b}.{KEY}", *(_equal(a, b, c)'),
    Mutant("bag: changes are not consolidated", f"{DELTA}/consolidate.py", "HAVING sum({WEIGHT}) <> 0", "HAVING sum({WEIGHT}) > 0"),
    Mutant("window: the old rows of a partition stay", f"{STAGES}/window.py", '{stored}, -1 AS {WEIGHT} FROM', '{stored}, 0 AS {WEIGHT} FROM'),
    Mutant("top-k: the input is never read again", f"{STAGES}/top_k.py", "WHERE NOT {ALL})", "WHERE false)"),
    Mutant("recursion: deleted rows are taken for none", f"{STAGES}/recursion.py", 'lost = "" if side.fixed else f" WHERE {WEIGHT} < 0"', 'lost = "" if side.fixed else " WHERE false"'),
    Mutant("recursion: a new match of NOT EXISTS takes nothing away", f"{STAGES}/recursion.py", "fixed=join.kind not in (JoinKind.INNER, JoinKind.SEMI)", "fixed=False"),
    Mutant("recursion: what follows from what follows is missed", f"{STAGES}/recursion.py", '{union} ({step})"', '{union} ({step} LIMIT 0)"'),
    Mutant("recursion: stored rows are found again", f"{STAGES}/recursion.py", 'f"WHERE NOT EXISTS (SELECT 1 FROM {stage.storage} k WHERE {stage.key.match(\'n\', \'k\')})"', '"WHERE true"'),
    Mutant("limit: ties of an order are settled as they come", "src/dyntables/compiler/plan/binding/clauses/limits.py", "return TopK(plan, sorting.order, kept", "return TopK(plan, sorting.own or sorting.order, kept"),
    Mutant("limit: ties in the order of a partition are settled as they come", "src/dyntables/compiler/plan/binding/clauses/limits.py", "return ranked(binder, source, keys, plan.order, keep", "return ranked(binder, source, keys, plan.order[:len(plan.order) - plan.added], keep"),
    Mutant("limit: values that are equal are taken for the same", "src/dyntables/compiler/plan/text/determined.py", "        if not column.type.image_equal:\n", "        if False:\n"),
    Mutant("limit: a key of one side is taken for one of the join", "src/dyntables/compiler/plan/text/determined.py", "return left | right if left is not None and right is not None else None", "return left"),
    Mutant("limit: a part of the key of groups is taken for all of it", "src/dyntables/compiler/plan/text/determined.py", "            return frozenset(plan.keys)", "            return frozenset(plan.keys[:1])"),
    Mutant("limit: what a view keeps is not said where it is read", "src/dyntables/compiler/plan/text/determined.py", "text = self.views.get((view.db, view.name))", "text = self.views.get((view.name, view.name))"),
    Mutant("limit: a full refresh keeps what it comes by", "src/dyntables/refresh/sources/definitions.py", "return (compiled.determined if compiled is not None else None) or table.maintained", "return table.maintained"),
    Mutant("clock: rows that cross the boundary are lost", f"{OPERATORS}/clock_filter.py", "coalesce(({now.sql}), false) <> coalesce(({before.sql}), false)", "false"),
    Mutant("capture: a name ends the text of the function", "src/dyntables/engines/postgres/capture/trigger_functions.py", "AS {literal(body)}\"", "AS $dyntables${body}$dyntables$\""),
    Mutant("capture: a column is taken for a variable", "src/dyntables/engines/postgres/capture/trigger_functions.py", "#variable_conflict use_column\n{_DECLARED if", "{_DECLARED if"),
    Mutant("capture: a column has the name of one of the log", "src/dyntables/compiler/names.py", 'name.rstrip("_") in (WEIGHT, XID)', "name == XID"),
    Mutant("types: keys are compared by what is named =", "src/dyntables/engines/postgres/definition/types.py", "<> ('pg_catalog', '=')), '=') AS equals", "= ('pg_catalog', '=')), '=') AS equals"),
    Mutant("types: a text is run whatever it means under an empty path", "src/dyntables/engines/postgres/definition/introspect.py", "        if not view.resolved.operators:\n            return view", "        if view.resolved:\n            return view"),
    Mutant("types: the = of boxes is taken for an equality", "src/dyntables/compiler/plan/binding/bind.py", "        self.odd = view.resolved.odd", "        self.odd = False"),
    Mutant("types: what cannot be grouped is a key", "src/dyntables/compiler/plan/binding/clauses/aggregates.py", "    single = [i for i in dependent if not known[i].type.groupable]", "    single: list[str] = []"),
    Mutant("types: outer values that are equal are taken for the same", "src/dyntables/compiler/plan/binding/subqueries/outer_values.py", "    return column.type.groupable and column.type.image_equal", "    return column.type.groupable"),
    Mutant("types: padded rows are checked by the domain", "src/dyntables/compiler/plan/algebra/nodes.py", "    if all(c.type.over is None for c in plan.columns):", "    if True:"),
    Mutant("types: the keys of a subquery without a row are checked by the domain", "src/dyntables/compiler/plan/binding/subqueries/dependent.py", "    joined = outer_join(kind, plan, pulled.plan, pulled.predicates)", "    joined = Join(kind, plan, pulled.plan, pulled.predicates)"),
    Mutant("types: the only value of no rows is checked by the domain", "src/dyntables/compiler/plan/algebra/nodes.py", "    type_ = column.type.without_checks.name", "    type_ = column.type.name"),
    Mutant("types: what does not depend on a group without rows is checked by the domain", "src/dyntables/compiler/plan/binding/clauses/aggregates.py", "replace(known[i], type=known[i].type.without_checks) for i in single", "known[i] for i in single"),
    Mutant("log: a NULL that the server let in is checked by the domain", f"{ENGINE}/capture/captured.py", "cast if type_.over is None else", "cast if True else"),
    Mutant("capture: rows that move are not logged", "src/dyntables/engines/postgres/capture/trigger_functions.py", "    IF stays THEN", "    IF true THEN"),
    Mutant("capture: rows that move are logged twice where the MERGE inserts", "src/dyntables/engines/postgres/capture/trigger_functions.py", "-1{marked} dt_move.mark;", "0{marked} dt_move.mark;"),
    Mutant("capture: rows that move are logged twice where the MERGE deletes", "src/dyntables/engines/postgres/capture/trigger_functions.py", "1{marked} - dt_move.mark;", "0{marked} - dt_move.mark;"),
    Mutant("settings: what is printed is printed as the service does", f"{ENGINE}/connection/settings.py", "and value != neutral[name]", "and not value", "settings"),
    Mutant("settings: what is not neutral is the connection's", f"{ENGINE}/connection/settings.py", "return {**found, **NEUTRAL, **order}", "return {**NEUTRAL, **order}", "settings"),
    Mutant("functions: what functions call is not looked for", f"{ENGINE}/called/code.py", "            functions = self._below(functions)", "            functions = set()", "functions"),
    Mutant("functions: domains call no functions", f"{ENGINE}/called/code.py", "WHERE k.contypid = ANY(%(types)s)", "WHERE k.contypid = 0", "functions"),
    Mutant("functions: the words of string bodies are not read", f"{ENGINE}/called/code.py", "THEN name IN (SELECT word FROM word)", "THEN false", "functions"),
    Mutant("functions: string bodies reach none by operators and quoted names", f"{ENGINE}/called/code.py", "ELSE strpos(text, name) > 0 END", "ELSE false END", "functions"),
    Mutant("functions: string bodies write no name in escapes", f"{ENGINE}/called/code.py", "WHERE escaped OR CASE", "WHERE CASE", "functions"),
    Mutant("stable: the users' functions are steady", f"{ENGINE}/called/steady.py", "return trusted or schema == _OURS", "return True", "stable"),
    Mutant("stable: the server's functions are steady", f"{ENGINE}/called/steady.py", "return name in _STEADY or", "return bool(name) or", "stable"),
    Mutant("deep: recursion ends with its thread", "src/dyntables/compiler/depth.py", "            if used > _FRAMES:", "            if used > 10**6:", "deep"),
    Mutant("unread: what only an unread query reads is a source", "src/dyntables/refresh/sources/definitions.py", 'kind = DependencyKind.OTHER  #', 'kind = DependencyKind.TABLE  #', "unread"),
    Mutant("unread: VALUES with subqueries are constants", "src/dyntables/compiler/plan/binding/bind.py", "        if any(is_query(node) for row in tree.expressions for node in row.walk()):", "        if not tree.expressions:", "unread"),
    Mutant("unread: LIMIT over VALUES with a subquery is lost", "src/dyntables/compiler/plan/binding/bind.py", 'if tree.args.get("limit") is not None or tree.args.get("offset") is not None:', "if not tree.expressions:", "unread"),
    Mutant("shapes: aggregates belong to the query that they are in", "src/dyntables/compiler/plan/binding/clauses/aggregates.py", "lifted = outer_calls(parts, scope, binder.aggregate_names)", "lifted = outer_calls([], scope, binder.aggregate_names)", "shapes"),
    Mutant("shapes: a group of outer keys alone is a whole", "src/dyntables/compiler/plan/binding/clauses/aggregates.py", "return own if own or not keys else {", "return own if own or keys else {", "shapes"),
    Mutant("shapes: there are as many names as columns", "src/dyntables/compiler/plan/binding/clauses/recursion.py", "(*cte.names, *bound.names[len(cte.names) :])", "cte.names or bound.names", "shapes"),
    Mutant("writes: nothing is protected", f"{ENGINE}/storage/views.py", 'return f"SELECT dyntables.protect({literal(relation)}::regclass)"', 'return f"SELECT {literal(relation)}::regclass"', "writes"),
    Mutant("unequal: the = of boxes is taken for an equality", "src/dyntables/compiler/plan/binding/bind.py", "        self.odd = view.resolved.odd", "        self.odd = False", "unequal"),
    Mutant("unequal: what cannot be grouped is a key", "src/dyntables/compiler/plan/binding/clauses/aggregates.py", "    single = [i for i in dependent if not known[i].type.groupable]", "    single: list[str] = []", "unequal"),
    Mutant("clock: in a query without a table it stands still", "src/dyntables/compiler/plan/binding/scope.py", "parts = node.walk() if node.meta.get(ROW_LOCAL) else (node,)", "parts = (node,)"),
    Mutant("windows of correlated rows: the outer row is no part of the partition", "src/dyntables/compiler/plan/binding/clauses/limits.py", "*(id_node(k) for k in keys)]", "]", "asking"),
    Mutant("a full join for each outer row: the values of padded rows are lost", "src/dyntables/compiler/plan/binding/subqueries/dependent.py", 'f"COALESCE({here}, {there})"', 'f"{here}"'),
    Mutant("ON of an outer join: what it asks of the right side is lost", "src/dyntables/compiler/plan/binding/joins/outer_joins.py", "filter_rows(binder, right.plan, scope, inside)", "filter_rows(binder, right.plan, scope, [])"),
    Mutant("ON of a full join: padded rows have a partner", "src/dyntables/compiler/plan/binding/joins/outer_joins.py", "alone = Join(JoinKind.ANTI,", "alone = Join(JoinKind.SEMI,"),
    Mutant("array: its elements lose their order", "src/dyntables/compiler/plan/binding/subqueries/scalar_queries.py", "    if order:\n        value", "    if not order:\n        value", "asking"),
    Mutant("union: one branch is lost", f"{DELTA}/derive.py", "for d in (derive(i, context) for i in plan.inputs) if d is not None", "for d in (derive(i, context) for i in plan.inputs[:1]) if d is not None"),
    Mutant("quality: a predicate that is NULL fails", f"{RULES}/measure.py", 'fails = f"({self.predicate}) IS FALSE"', 'fails = f"({self.predicate}) IS NOT TRUE"', suite=QUALITY),
    Mutant("quality: the filter of a rule is lost", f"{RULES}/measure.py", 'return fails if self.filter is None else f"({self.filter}) AND {fails}"', "return fails", suite=QUALITY),
    Mutant("quality: NULL keys are checked for copies", f"{RULES}/keys.py", 'counted = "true" if nulls_fail else _KNOWN', 'counted = "true"', suite=QUALITY),
    Mutant("quality: a key that is NULL passes for a primary key", f"{RULES}/keys.py", 'wrong = f"{COUNT} > 1 OR NOT {_KNOWN}" if nulls_fail', 'wrong = f"{COUNT} > 1" if nulls_fail', suite=QUALITY),
    Mutant("quality: a reference that is NULL fails", f"{RULES}/keys.py", 'known = "true" if nulls_fail else f"checked_q.{column} IS NOT NULL"', 'known = "true"', suite=QUALITY),
    Mutant("quality: what is tolerated fails", SCORE, "else failed > tolerance.amount", "else failed >= tolerance.amount", suite=QUALITY),
    Mutant("quality: a tolerance in percent is one in rows", SCORE, "failed * 100 > tolerance.amount * checked", "failed > tolerance.amount", suite=QUALITY),
    Mutant("quality: the sign of what is tolerated", SCORE, "(failed / checked - tolerated)", "(failed / checked + tolerated)", suite=QUALITY),
    Mutant("quality: a failing rule lifts the score", SCORE, "score = min([mean,", "score = max([mean,", suite=QUALITY),
    Mutant("quality: no rows are a pass", SCORE, "        return RuleState.NOT_EVALUATED\n", "        return RuleState.PASSED\n", suite=QUALITY),
    Mutant("quality: a rule that cannot be checked blocks", f"{WATCH}/watching.py", "if o.state is RuleState.FAILED", "if o.state is not RuleState.PASSED", suite=QUALITY),
    Mutant("quality: rows that leave are taken for rows that come", f"{RULES}/measure.py", "coalesce(sum({WEIGHT}){where}, 0)", "coalesce(sum(abs({WEIGHT})){where}, 0)", suite=QUALITY),
    Mutant("quality: what was measured before is lost", f"{RULES}/measure.py", 'f"{int(was)} + {_weigh(term)}"', 'f"0 * {int(was)} + {_weigh(term)}"', suite=QUALITY),
    Mutant("quality: copies of a row count once", f"{RULES}/measure.py", "coalesce(sum({WEIGHT}){where}, 0)", "coalesce(sum(sign({WEIGHT})){where}, 0)", suite=QUALITY),
    Mutant("quality: the measures of another version of a rule are taken", f"{WATCH}/measuring.py", "before[rule.id].version == rule.version", "before[rule.id].version <= rule.version", suite=QUALITY),
    Mutant("quality: what passes into the frozen region has left", "src/dyntables/refresh/incremental.py", "output is not None and not attempt.frozen:", "output is not None:", suite=QUALITY),
    Mutant("quarantine: tables above get rows that wait", "src/dyntables/refresh/incremental.py", "split.passing(output) if split is not None", "output if split is not None", suite=QUALITY),
    Mutant("quarantine: a row of which nothing is known waits", f"{RULES}/quarantine.py", "(({self._broken}) IS NOT TRUE OR", "(({self._broken}) IS FALSE OR", suite=QUALITY),
    Mutant("quarantine: one rule is enough to be published", f"{RULES}/quarantine.py", 'return " OR ".join(', 'return " AND ".join(', suite=QUALITY),
    Mutant("quarantine: what was discarded is published", f"{RULES}/quarantine.py", "{self._decided} = 'RELEASED')", "{self._decided} IS NOT NULL)", suite=QUALITY),
    Mutant("quarantine: copies that come and go count alike", f"{RULES}/quarantine.py", 'copies = f"sum({WEIGHT})" if weighted', 'copies = "count(*)" if weighted', suite=QUALITY),
    Mutant("quarantine: a full refresh tells tables above of rows that wait", "src/dyntables/refresh/full/difference.py", "split.passing(differing) if split is not None", "differing if split is not None", suite=QUALITY),
    Mutant("quarantine: tables above are not told what is released", "src/dyntables/commands/statements/quality/decide_quarantine.py", "if decision is Decision.RELEASE and images:", "if decision is Decision.DISCARD and images:", suite=QUALITY),
    Mutant("quarantine: where only rows that wait change, nothing does", "src/dyntables/refresh/incremental.py", "counted = deltas.totals(output)", "counted = deltas.totals(published or output)", suite=QUALITY),
    Mutant("quality: a volume is compared with itself", f"{RULES}/measure.py", 'f"{int(was)}::numeric" for was in before', 'f"{own}" for own in sums', suite=QUALITY),
    Mutant("quality: what the clock decides is taken to stay", "src/dyntables/commands/quality/meanings.py", 'return None if steady else "it depends', 'return None if steady or not steady else "it depends', suite=QUALITY),
)  # fmt: skip


def main() -> int:
    """Return 1 if a fault survives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="run the faults whose description contains this")
    parser.add_argument("--new", action="store_true", help="run the faults that no test is known to have caught")
    options = parser.parse_args()
    survivors = 0
    known: dict[str, str] = json.loads(KNOWN.read_text()) if KNOWN.exists() else {}
    for mutant in MUTANTS:
        if options.only in mutant.fault and not (options.new and mutant.fault in known):
            started = time.monotonic()
            caught = run(mutant, known.get(mutant.fault))
            survivors += caught is None
            print(f"{mutant.fault:58} {caught or 'SURVIVED':60} {time.monotonic() - started:5.0f} s", flush=True)
            if caught is not None and caught != known.get(mutant.fault):
                known[mutant.fault] = caught
                KNOWN.write_text(json.dumps(dict(sorted(known.items())), indent=1, ensure_ascii=False) + "\n")
    print(f"{survivors} survived")
    return 1 if survivors else 0


def run(mutant: Mutant, known: str | None = None) -> str | None:
    """Return the test that caught a fault, or None; ``known``: the one that caught it last, which is asked first."""
    with tempfile.TemporaryDirectory(prefix="dyntables-mutant-") as home:
        copy = Path(home)
        for part in ("src", "tests", "benchmarks", "pyproject.toml"):
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, copy / part)
        path = copy / mutant.file
        text = path.read_text()
        if text.count(mutant.text) != 1:
            raise SystemExit(f"{mutant.fault}: its text is {text.count(mutant.text)} times in {mutant.file}")
        path.write_text(text.replace(mutant.text, mutant.instead))
        environment = os.environ | {"PYTHONPATH": str(copy / "src"), "DYNTABLES_SEEDS": "1,2", "DYNTABLES_ROUNDS": "8"}
        environment |= {"DYNTABLES_SPECIAL": "60", "DYNTABLES_SHRINK": "no", "DYNTABLES_EXAMPLES": "120"}
        caught = _tested(mutant, copy, environment, [known]) if known is not None else None
        return caught or _tested(mutant, copy, environment, mutant.tests)


def _tested(mutant: Mutant, copy: Path, environment: dict[str, str], tests: Sequence[str]) -> str | None:
    """Return the first of the tests that fails over a copy of the tree, or None."""
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:randomly", "-k", "not pg15", *tests],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"^(?:FAILED|ERROR) (tests/\S+?\.py::\S.*?)(?: - .*)?$", finished.stdout, re.MULTILINE)
    if finished.returncode in (4, 5) and len(tests) == 1:  # a test that is no more
        return None
    if finished.returncode not in (0, 1) or (finished.returncode and not found):
        raise SystemExit(f"{mutant.fault}: the suite did not run\n{finished.stdout[-2000:]}{finished.stderr[-2000:]}")
    return found[1] if found else None


if __name__ == "__main__":
    sys.exit(main())
