-- The settings of a definition are those of the session that wrote it. Tables that exist were computed under values of
-- the service's own, and under those of its connection.
ALTER TABLE dyntables.dynamic_table
    ADD COLUMN settings jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN code jsonb;
COMMENT ON COLUMN dyntables.dynamic_table.settings IS 'What was in force where the definition was written, beside the time zone and the search path: it is refreshed, verified and explained under the same.';
COMMENT ON COLUMN dyntables.dynamic_table.code IS 'What the definition calls that somebody may replace, with digests of how it was when the contents were computed; NULL is not known yet.';
UPDATE dyntables.dynamic_table SET settings = jsonb_build_object('DateStyle', 'ISO, YMD', 'IntervalStyle', 'postgres',
    'bytea_output', 'hex', 'extra_float_digits', '1') || (SELECT jsonb_object_agg(name, current_setting(name))
    FROM unnest(ARRAY['default_text_search_config', 'lc_monetary', 'lc_numeric', 'lc_time', 'xmlbinary', 'xmloption',
        'array_nulls', 'transform_null_equals', 'quote_all_identifiers', 'standard_conforming_strings',
        'backslash_quote']) name);

CREATE VIEW dyntables.definition_settings AS
SELECT t.schema_name, t.table_name AS name, s.key AS setting, s.value
FROM dyntables.dynamic_table t
CROSS JOIN LATERAL jsonb_each_text(t.settings || jsonb_build_object('TimeZone', t.time_zone)) s
WHERE t.id IN (SELECT dyntables.monitored(current_user));
COMMENT ON VIEW dyntables.definition_settings IS 'The settings of each definition: what was in force where it was written, or was SET since.';
GRANT SELECT ON dyntables.definition_settings TO PUBLIC;

-- The text of a view is compared between sessions, so it must not depend on theirs.
CREATE FUNCTION dyntables.view_text(view oid) RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' SET intervalstyle = 'postgres'
SET bytea_output = 'hex' SET extra_float_digits = 1 SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $$ SELECT pg_get_viewdef(view) $$;
COMMENT ON FUNCTION dyntables.view_text IS 'The definition of a view, the same in every session.';

-- Digests of code are no part of what a statement leaves behind.
DO $$
BEGIN
    EXECUTE replace(pg_get_functiondef('dyntables.complete_audit'::regproc), $q$'costs'$q$, $q$'costs', 'code'$q$);
END $$;
