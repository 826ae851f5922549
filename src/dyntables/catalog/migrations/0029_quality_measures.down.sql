DROP VIEW dyntables.quarantine;
DROP FUNCTION dyntables.data_timestamp_of(bigint);
DROP FUNCTION dyntables.quarantined_since(bigint, text);
DROP FUNCTION dyntables.quarantine_decided(bigint, text);
DROP FUNCTION dyntables.row_image(record);
DROP TABLE dyntables.quarantine_decision;
DROP TABLE dyntables.quarantined_row;
ALTER TABLE dyntables.dynamic_table DROP COLUMN quarantine;
DROP VIEW dyntables.quality_results;
DROP VIEW dyntables.quality_rules;
DROP TABLE dyntables.quality_measure;
ALTER TABLE dyntables.quality_rule DROP COLUMN evaluation, DROP COLUMN evaluation_reason;
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
GRANT SELECT ON dyntables.quality_rules, dyntables.quality_results TO PUBLIC;
