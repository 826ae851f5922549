-- Frozen regions: rows that are kept as they were, beside those that are maintained.
ALTER TABLE dyntables.dynamic_table ADD COLUMN frozen jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN dyntables.dynamic_table.frozen IS 'The frozen rows: their storage and number, the predicate that they satisfied, and how the others are read.';
UPDATE dyntables.dynamic_table SET frozen = options -> 'frozen_rows', options = options - 'frozen_rows'
WHERE options ? 'frozen_rows';

CREATE VIEW dyntables.frozen_regions AS
SELECT t.table_name AS name, t.schema_name, format('%I.%I', t.schema_name, t.table_name) AS qualified_name,
       t.options #>> '{frozen,where}' AS frozen_where, (t.frozen ->> 'rows')::bigint AS frozen_rows,
       t.frozen ->> 'where' AS frozen_rows_where
FROM dyntables.dynamic_table t
WHERE t.id IN (SELECT dyntables.monitored(current_user)) AND (t.options ? 'frozen' OR t.frozen <> '{}');
COMMENT ON VIEW dyntables.frozen_regions IS 'The frozen regions of dynamic tables: the predicate in force, how many rows are frozen, and by which predicate.';
GRANT SELECT ON dyntables.frozen_regions TO PUBLIC;

-- The view failed as soon as a table read something that is no dynamic table: format() refuses a name that is NULL.
DO $$
DECLARE
    shown text := pg_get_viewdef('dyntables.graph'::regclass);
    name constant text := 'format(''%I.%I''::text, u.schema_name, u.table_name)';
BEGIN
    IF strpos(shown, name) > 0 AND shown !~ 'u\.id IS NOT NULL' THEN
        EXECUTE 'CREATE OR REPLACE VIEW dyntables.graph AS '
            || replace(shown, name, 'CASE WHEN u.id IS NOT NULL THEN ' || name || ' END');
    END IF;
END $$;
