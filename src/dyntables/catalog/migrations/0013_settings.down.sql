DO $$
BEGIN
    EXECUTE replace(pg_get_functiondef('dyntables.complete_audit'::regproc), $q$'costs', 'code'$q$, $q$'costs'$q$);
END $$;
-- From here on all are computed under one set of values again.
UPDATE dyntables.dynamic_table SET reinitialize_reason = 'DEFINITION_ALTERED', frontier = NULL
WHERE data_timestamp IS NOT NULL AND reinitialize_reason IS NULL AND settings <> '{}'
    AND NOT settings @> '{"DateStyle": "ISO, YMD", "IntervalStyle": "postgres", "bytea_output": "hex", "extra_float_digits": "1"}';
UPDATE dyntables.dynamic_table SET reinitialize_reason = 'SOURCE_ALTERED' WHERE reinitialize_reason = 'FUNCTION_CHANGED';
DROP FUNCTION dyntables.view_text(oid);
DROP VIEW dyntables.definition_settings;
ALTER TABLE dyntables.dynamic_table DROP COLUMN settings, DROP COLUMN code;
