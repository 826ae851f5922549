-- Rules of quality: what has to be so of the rows of a table, dynamic or plain, and what was found when that was checked.
CREATE TABLE dyntables.quality_rule (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule_name text NOT NULL,
    dynamic_table_id bigint REFERENCES dyntables.dynamic_table ON DELETE CASCADE,
    relation oid,
    owner_name text,
    kind text NOT NULL,
    arguments jsonb NOT NULL,
    written text NOT NULL,
    predicate text,
    filter text,
    columns jsonb NOT NULL,
    severity text NOT NULL CHECK (severity IN ('INFO', 'WARNING', 'ERROR', 'CRITICAL')),
    tolerance double precision NOT NULL DEFAULT 0 CHECK (tolerance >= 0),
    tolerance_percent boolean NOT NULL DEFAULT false,
    on_violation text NOT NULL CHECK (on_violation IN ('MONITOR', 'WARN', 'QUARANTINE', 'BLOCK')),
    dimension text NOT NULL,
    comment text,
    enabled boolean NOT NULL DEFAULT true,
    disabled_reason text,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    altered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((dynamic_table_id IS NULL) <> (relation IS NULL)),
    CHECK ((relation IS NULL) = (owner_name IS NULL))
);
COMMENT ON TABLE dyntables.quality_rule IS 'Rules of quality. A rule on a dynamic table has the owner of that table, one on another table has its own.';
COMMENT ON COLUMN dyntables.quality_rule.predicate IS 'What has to be so of each row, as the server writes it; NULL if the rule is about more than a row.';
COMMENT ON COLUMN dyntables.quality_rule.columns IS 'Names of the columns of a plain table by their numbers, when predicate and arguments were written.';
CREATE UNIQUE INDEX quality_rule_of_dynamic_table ON dyntables.quality_rule (dynamic_table_id, rule_name) WHERE dynamic_table_id IS NOT NULL;
CREATE UNIQUE INDEX quality_rule_of_relation ON dyntables.quality_rule (relation, rule_name) WHERE relation IS NOT NULL;

CREATE TABLE dyntables.quality_rule_version (
    rule_id bigint NOT NULL REFERENCES dyntables.quality_rule ON DELETE CASCADE,
    version integer NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    rule jsonb NOT NULL,
    PRIMARY KEY (rule_id, version)
);
COMMENT ON TABLE dyntables.quality_rule_version IS 'Every form that a rule of quality has had.';

CREATE TABLE dyntables.quality_result (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule_id bigint NOT NULL REFERENCES dyntables.quality_rule ON DELETE CASCADE,
    rule_version integer NOT NULL,
    checked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    data_timestamp timestamptz,
    state text NOT NULL CHECK (state IN ('PASSED', 'FAILED', 'ERROR', 'NOT_EVALUATED')),
    checked bigint NOT NULL,
    failed bigint NOT NULL,
    score double precision,
    error text,
    duration_ms double precision NOT NULL
);
COMMENT ON TABLE dyntables.quality_result IS 'What checks of rules found; kept as long as refreshes are (history_retention).';
CREATE INDEX quality_result_by_rule ON dyntables.quality_result (rule_id, id DESC);
CREATE INDEX quality_result_by_time ON dyntables.quality_result (checked_at);

CREATE FUNCTION dyntables.quality_visible(role name) RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    SELECT id FROM dyntables.quality_rule r WHERE r.dynamic_table_id IN (SELECT dyntables.monitored(role))
    UNION ALL
    SELECT id FROM dyntables.quality_rule r WHERE r.relation IS NOT NULL AND (dyntables.is_member(role, r.owner_name::name)
        OR dyntables.is_member(role, current_user) OR coalesce(has_table_privilege(role, r.relation, 'SELECT'), false))
$$;
COMMENT ON FUNCTION dyntables.quality_visible IS 'The rules of quality that a role may see: of dynamic tables that it may monitor, and of other tables that it may read.';

CREATE VIEW dyntables.quality_rules AS
SELECT r.id, coalesce(t.schema_name, n.nspname::text) AS schema_name, coalesce(t.table_name, c.relname::text) AS table_name,
       r.rule_name, r.kind, r.written AS definition, r.predicate, r.filter, r.dimension, r.severity, r.tolerance,
       CASE WHEN r.tolerance_percent THEN 'PERCENT' ELSE 'ROWS' END AS tolerance_unit, r.on_violation,
       coalesce(t.owner_name, r.owner_name) AS owner, r.enabled,
       coalesce(r.disabled_reason, CASE WHEN t.id IS NULL AND c.oid IS NULL THEN 'the table is gone' END) AS disabled_reason,
       r.comment, r.version, r.created_at, r.altered_at
FROM dyntables.quality_rule r LEFT JOIN dyntables.dynamic_table t ON t.id = r.dynamic_table_id
LEFT JOIN pg_class c ON c.oid = r.relation LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.id IN (SELECT dyntables.quality_visible(current_user));
COMMENT ON VIEW dyntables.quality_rules IS 'The rules of quality; predicate and filter are those of each row, as the server writes them.';

CREATE VIEW dyntables.quality_results AS
SELECT q.id, r.schema_name, r.table_name, r.rule_name, r.kind, q.rule_version, q.checked_at, q.data_timestamp, q.state,
       q.checked, q.failed, q.score, q.error, q.duration_ms
FROM dyntables.quality_result q JOIN dyntables.quality_rules r ON r.id = q.rule_id;
COMMENT ON VIEW dyntables.quality_results IS 'What checks of rules found: how many rows were checked, how many failed, and the score from 0 to 1.';

CREATE TABLE dyntables.quality_score (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dynamic_table_id bigint REFERENCES dyntables.dynamic_table ON DELETE CASCADE,
    relation oid,
    checked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    data_timestamp timestamptz,
    score double precision,
    health text NOT NULL,
    dimensions jsonb NOT NULL,
    evaluated integer NOT NULL,
    active integer NOT NULL,
    CHECK ((dynamic_table_id IS NULL) <> (relation IS NULL))
);
CREATE INDEX quality_score_by_table ON dyntables.quality_score (dynamic_table_id, relation, id DESC);
CREATE INDEX quality_score_by_time ON dyntables.quality_score (checked_at);
COMMENT ON TABLE dyntables.quality_score IS 'The score of a table at each check of all its rules.';

CREATE VIEW dyntables.quality_scores AS
SELECT coalesce(t.schema_name, n.nspname::text) AS schema_name, coalesce(t.table_name, c.relname::text) AS table_name,
       s.checked_at, s.data_timestamp, s.score, s.health, s.dimensions, s.evaluated, s.active
FROM dyntables.quality_score s LEFT JOIN dyntables.dynamic_table t ON t.id = s.dynamic_table_id
LEFT JOIN pg_class c ON c.oid = s.relation LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE s.dynamic_table_id IN (SELECT dyntables.monitored(current_user))
    OR has_table_privilege(current_user, s.relation, 'SELECT');
COMMENT ON VIEW dyntables.quality_scores IS 'The scores of tables, from 0 to 100; NULL where no rule was evaluated. Coverage is evaluated of active.';
GRANT SELECT ON dyntables.quality_rules, dyntables.quality_results, dyntables.quality_scores TO PUBLIC;
