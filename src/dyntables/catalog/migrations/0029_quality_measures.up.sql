-- What rules of quality measure is kept with each refresh of a dynamic table, from what that changes.
ALTER TABLE dyntables.quality_rule ADD COLUMN evaluation text NOT NULL DEFAULT 'SCAN' CHECK (evaluation IN ('INCREMENTAL', 'SCAN')),
    ADD COLUMN evaluation_reason text;
COMMENT ON COLUMN dyntables.quality_rule.evaluation_reason IS 'Why all rows are looked at each time, if they are.';
UPDATE dyntables.quality_rule SET evaluation_reason = 'it was made before measures were kept; CREATE OR REPLACE it';
ALTER TABLE dyntables.quality_rule ALTER COLUMN evaluation DROP DEFAULT;

CREATE TABLE dyntables.quality_measure (
    dynamic_table_id bigint NOT NULL REFERENCES dyntables.dynamic_table ON DELETE CASCADE,
    change_version bigint NOT NULL,
    measures jsonb NOT NULL,
    PRIMARY KEY (dynamic_table_id, change_version)
);
COMMENT ON TABLE dyntables.quality_measure IS 'What the rules of a dynamic table measure, exactly, of the contents of a change version: by rule its version, its sums, how many were checked and how many failed.';

CREATE OR REPLACE VIEW dyntables.quality_rules AS
SELECT r.id, coalesce(t.schema_name, n.nspname::text) AS schema_name, coalesce(t.table_name, c.relname::text) AS table_name,
       r.rule_name, r.kind, r.written AS definition, r.predicate, r.filter, r.dimension, r.severity, r.tolerance,
       CASE WHEN r.tolerance_percent THEN 'PERCENT' ELSE 'ROWS' END AS tolerance_unit, r.on_violation,
       coalesce(t.owner_name, r.owner_name) AS owner, r.enabled,
       coalesce(r.disabled_reason, CASE WHEN t.id IS NULL AND c.oid IS NULL THEN 'the table is gone' END) AS disabled_reason,
       r.comment, r.version, r.created_at, r.altered_at, r.evaluation, r.evaluation_reason
FROM dyntables.quality_rule r LEFT JOIN dyntables.dynamic_table t ON t.id = r.dynamic_table_id
LEFT JOIN pg_class c ON c.oid = r.relation LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.id IN (SELECT dyntables.quality_visible(current_user));
COMMENT ON VIEW dyntables.quality_rules IS 'The rules of quality; predicate and filter are those of each row, as the server writes them. evaluation: INCREMENTAL, kept with each refresh from what that changes, or SCAN, with the reason.';

-- Rows that break a rule with ON VIOLATION QUARANTINE wait beside their table.
ALTER TABLE dyntables.dynamic_table ADD COLUMN quarantine jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN dyntables.dynamic_table.quarantine IS 'How its contents are split: all rows, which of them fail by which rule, and the view of those that wait; empty if nothing is kept back.';

CREATE TABLE dyntables.quarantined_row (
    dynamic_table_id bigint NOT NULL REFERENCES dyntables.dynamic_table ON DELETE CASCADE,
    image text NOT NULL,
    copies bigint NOT NULL CHECK (copies > 0),
    rules text[] NOT NULL,
    first_seen timestamptz NOT NULL,
    PRIMARY KEY (dynamic_table_id, image)
);
COMMENT ON TABLE dyntables.quarantined_row IS 'Rows of dynamic tables that break a rule which keeps them back, by a digest of their values.';

CREATE TABLE dyntables.quarantine_decision (
    dynamic_table_id bigint NOT NULL REFERENCES dyntables.dynamic_table ON DELETE CASCADE,
    image text NOT NULL,
    decision text NOT NULL CHECK (decision IN ('RELEASED', 'DISCARDED')),
    decided_by text NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (dynamic_table_id, image)
);
COMMENT ON TABLE dyntables.quarantine_decision IS 'Rows that somebody has released, so that they are published as they are, or discarded, so that they do not wait any more.';

CREATE FUNCTION dyntables.row_image(shown record) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000
SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, MDY' SET timezone = 'UTC' SET intervalstyle = 'postgres'
SET extra_float_digits = '1' SET bytea_output = 'hex' SET lc_monetary = 'C' SET xmloption = 'content' AS $$
BEGIN
    RETURN md5(shown::text);
END
$$;
COMMENT ON FUNCTION dyntables.row_image IS 'A digest of the values of a row, whoever asks.';

CREATE FUNCTION dyntables.quarantine_decided(table_id bigint, row_image text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT decision FROM dyntables.quarantine_decision WHERE dynamic_table_id = table_id AND image = row_image
$$;
COMMENT ON FUNCTION dyntables.quarantine_decided IS 'What somebody decided about a row that a rule keeps back, NULL if nobody has.';

CREATE FUNCTION dyntables.quarantined_since(table_id bigint, row_image text) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT first_seen FROM dyntables.quarantined_row WHERE dynamic_table_id = table_id AND image = row_image
$$;
COMMENT ON FUNCTION dyntables.quarantined_since IS 'The data timestamp of the refresh that brought a row which a rule keeps back.';

CREATE FUNCTION dyntables.data_timestamp_of(table_id bigint) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT data_timestamp FROM dyntables.dynamic_table WHERE id = table_id
$$;
COMMENT ON FUNCTION dyntables.data_timestamp_of IS 'As of when the contents of a dynamic table are.';

CREATE VIEW dyntables.quarantine AS
SELECT t.schema_name, t.table_name, q.image AS row_image, q.rules AS failed_rules, q.copies, q.first_seen,
       t.data_timestamp AS last_seen, d.decision, d.decided_by, d.decided_at
FROM dyntables.quarantined_row q JOIN dyntables.dynamic_table t ON t.id = q.dynamic_table_id
LEFT JOIN dyntables.quarantine_decision d USING (dynamic_table_id, image)
WHERE t.id IN (SELECT dyntables.monitored(current_user));
COMMENT ON VIEW dyntables.quarantine IS 'The rows that rules keep back, without their values, which the view <table>__quarantine has; those that somebody decided about have the decision.';
GRANT SELECT ON dyntables.quarantine TO PUBLIC;
