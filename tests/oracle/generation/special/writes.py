"""Ordinary histories in which people try to write the dynamic tables, and what they are kept in, by every statement.

Each attempt must be refused, by whomever it is, and nothing may come of it: the tables, those above them among them,
are followed incrementally, and equal their definitions.
"""

from __future__ import annotations

from dataclasses import replace

import psycopg
from hypothesis import strategies as st

from tests.oracle.generation.cases import cases
from tests.oracle.generation.laboratory import Laboratory, WrongResultError
from tests.oracle.generation.model import Case, Definition, Pick, Step
from tests.oracle.generation.special.kind import SpecialKind

# {t} is the relation, {c} a column of it.
STATEMENTS = (
    "INSERT INTO {t} SELECT * FROM {t}",
    "INSERT INTO {t} SELECT * FROM {t} WHERE false",
    "INSERT INTO {t} ({c}) VALUES (NULL)",
    "INSERT INTO {t} DEFAULT VALUES",
    "INSERT INTO {t} ({c}) VALUES (DEFAULT) RETURNING *",
    "UPDATE {t} SET {c} = {c}",
    "UPDATE {t} SET {c} = NULL WHERE {c} IS NULL",
    "UPDATE {t} x SET {c} = y.{c} FROM {t} y",
    "DELETE FROM {t}",
    "DELETE FROM {t} WHERE {c} IS NOT NULL",
    "DELETE FROM {t} x USING {t} y WHERE x.{c} IS NOT DISTINCT FROM y.{c}",
    "WITH gone AS (DELETE FROM {t} RETURNING *) SELECT count(*) FROM gone",
    "WITH more AS (INSERT INTO {t} SELECT * FROM {t} RETURNING 1) SELECT * FROM more",
    "TRUNCATE {t}",
    "COPY {t} ({c}) FROM PROGRAM 'printf \"\\\\N\\n\"'",
    "DO $do$ BEGIN EXECUTE 'DELETE FROM {t}'; END $do$",
    "EXPLAIN ANALYZE DELETE FROM {t}",
    "MERGE INTO {t} x USING {t} y ON x.{c} = y.{c} WHEN MATCHED THEN DELETE",
    "MERGE INTO {t} x USING (SELECT 1) y ON false WHEN NOT MATCHED THEN INSERT ({c}) VALUES (NULL)",
    "MERGE INTO {t} x USING (SELECT 1) y ON true WHEN MATCHED THEN UPDATE SET {c} = DEFAULT",
)
# A superuser; whom everything was granted; to whom the view was given; and who applies what another server did, for
# whom no ordinary trigger fires: for that one nothing may happen, refused or not.
WRITERS = ("superuser", "granted", "owner", "replica")
ROLE = "dyntables_writes"
_REFUSALS = (
    psycopg.errors.ObjectNotInPrerequisiteState,
    # The server itself refuses to TRUNCATE a view, and MERGE into one up to version 16.
    psycopg.errors.WrongObjectType,
    psycopg.errors.InsufficientPrivilege,
)


@st.composite
def write_cases(draw: st.DrawFn) -> Case:
    """Draw an ordinary case, and put attempts before its refreshes."""
    pick = Pick(draw)
    case = draw(cases())
    steps: list[Step] = []
    for step in case.steps:
        if step.act == "refresh":
            steps += [Step("attempt", _attempt(pick, case)) for _ in range(pick.number(2, 4))]
        steps.append(step)
    first, *others = case.definitions
    named = replace(first, uses=first.uses | {"writes"})
    above = Definition("above", f"SELECT count(*) AS n FROM {first.name}", frozenset({"scalar_aggregate"}))
    return Case(case.schema, (named, *others, above), tuple(steps))


def _attempt(pick: Pick, case: Case) -> str:
    """Return who tries it, on what of which table, and the statement."""
    who = pick.one(WRITERS)
    where = "view" if who == "replica" else pick.one(("view", "storage", "stage"))
    return f"{who} {where} {pick.one(case.definitions).name} {pick.one(STATEMENTS)}"


class Writers:
    """Checks cases: every attempt is refused, and leaves everything as it was."""

    def __init__(self, laboratory: Laboratory) -> None:
        self.laboratory = laboratory
        laboratory.maintained |= {"writes"}
        laboratory.writer.execute(
            f"DO $$ BEGIN IF to_regrole('{ROLE}') IS NULL THEN CREATE ROLE {ROLE}; END IF; END $$"
        )

    def check(self, case: Case) -> None:
        """Run a case."""
        self.laboratory.check(case, {"attempt": self._try})

    def _try(self, step: Step) -> None:
        who, where, name, statement = step.sql.split(" ", 3)
        writer = self.laboratory.writer
        relation, column = self._relation(where, name)
        text = statement.format(t=relation, c=column)
        before = self._rows(relation)
        try:
            with writer.transaction():
                for change in _become(who, where, relation):
                    writer.execute(change.encode())
                writer.execute(text.encode())
        except _REFUSALS as error:
            self.laboratory.tally.uses[f"refused: {type(error).__name__}"] += 1
        else:
            if who != "replica":
                raise WrongResultError(f"{text} was not refused, as {who}")
        if self._rows(relation) != before:
            raise WrongResultError(f"{text} changed something, as {who}")

    def _relation(self, where: str, name: str) -> tuple[str, str]:
        """Return a view, its storage or the storage of its first stage, and the first column of it."""
        row = self.laboratory.writer.execute(
            "WITH t AS (SELECT id, generation, view_oid::oid FROM dyntables.dynamic_table "
            "WHERE table_name = %(name)s AND schema_name = current_schema()), "
            "c AS (SELECT c.* FROM t, pg_class c WHERE CASE WHEN %(where)s = 'view' THEN c.oid = t.view_oid "
            "ELSE c.relnamespace = 'dyntables_data'::regnamespace AND c.relkind = 'r' "
            "AND c.relname ~ ('^t' || t.id || '_g' || t.generation || '(_s[0-9]+)?$') END "
            "ORDER BY CASE %(where)s WHEN 'stage' THEN -length(relname) ELSE length(relname) END, relname LIMIT 1) "
            "SELECT format('%%I.%%I', n.nspname, c.relname), quote_ident(a.attname) FROM c "
            "JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid "
            "AND a.attnum > 0 ORDER BY a.attnum LIMIT 1",
            {"name": name, "where": where},
        ).fetchone()
        assert row is not None, (where, name)
        return row[0], row[1]

    def _rows(self, relation: str) -> object:
        return self.laboratory.writer.execute(
            f"SELECT count(*), sum(hashtextextended(q::text, 0)) FROM {relation} q".encode()
        ).fetchone()


def _become(who: str, where: str, relation: str) -> list[str]:
    """Return what makes somebody of the session until the transaction ends."""
    if who == "superuser":
        return []
    if who == "replica":
        return ["SET LOCAL session_replication_role = replica"]
    given = f"ALTER VIEW {relation} OWNER TO {ROLE}" if who == "owner" and where == "view" else None
    return [
        f"GRANT CREATE, USAGE ON SCHEMA {relation.partition('.')[0]}, dyntables_data TO {ROLE}",
        f"GRANT ALL ON ALL TABLES IN SCHEMA dyntables_data TO {ROLE}",
        given or f"GRANT ALL ON {relation} TO {ROLE}",
        f"SET LOCAL ROLE {ROLE}",
    ]


KIND = SpecialKind("writes", lambda _: write_cases(), lambda lab: Writers(lab).check, effort=2)
